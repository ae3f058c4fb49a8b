/** What may wait to be issued is bounded; what does not fit is told to come again, before its body is read. */
import { type BatchRequest, utf8 } from '@yinxin/core';
import { expect } from 'chai';
import { Admission, type Bounds, usualBounds } from '../../../gateway/issuing/admission.ts';
import type { RequestBody } from '../../../gateway/issuing/issuing.ts';
import { expectRefusal } from '../support.ts';
import { licence, makeRows, newKey, openWorld, operator, startClock, useNetworks } from '../world.ts';

const bounds: Bounds = { bytes: 300_000, rows: 1_000, clientBytes: 200_000, clientRows: 600, smallBytes: 50_000 };

describe('gateway/issuing: what may wait', () => {
  it('is bounded in bytes, of each client and of all; whoever leaves makes room', async () => {
    const admission = new Admission(bounds);
    const first = admission.enter('a', 150_000);
    const error = await expectRefusal('QUEUE_FULL', () => admission.enter('a', 60_000));
    expect(error.details).to.deep.equal({ retryAfterSeconds: 1 });
    const second = admission.enter('b', 140_000);
    await expectRefusal('QUEUE_FULL', () => admission.enter('c', 40_000));
    first.leave();
    first.leave(); // twice is once
    admission.enter('c', 150_000);
    await expectRefusal('QUEUE_FULL', () => admission.enter('a', 40_000));
    second.leave();
    admission.enter('a', 40_000);
  });

  it('is bounded in rows, which are known later', async () => {
    const admission = new Admission(bounds);
    const [one, two, three] = [
      admission.enter('a', 40_000),
      admission.enter('a', 40_000),
      admission.enter('b', 40_000),
    ];
    one.addRows(600);
    await expectRefusal('QUEUE_FULL', () => two.addRows(1));
    two.leave();
    await expectRefusal('QUEUE_FULL', () => three.addRows(401));
    one.leave();
    three.addRows(600);
  });

  it('takes a single request of any size when nothing else waits', () => {
    const admission = new Admission(bounds);
    const place = admission.enter('a', 16_000_000);
    place.addRows(4_096);
    place.leave();
    admission.enter('b', 16_000_000);
  });

  it('leaves room for a counter while bulk runs fill the rest, and not without end', async () => {
    const admission = new Admission(bounds);
    admission.enter('a', 150_000);
    admission.enter('b', 150_000);
    for (let count = 0; count < 50; count += 1) admission.enter('a', 1_000).addRows(1);
    await expectRefusal('QUEUE_FULL', () => admission.enter('a', 1_000));
  });

  it('takes eight full requests of one client', () => {
    const admission = new Admission();
    const usual = 4_096 * 600;
    for (let count = 0; count < 8; count += 1) admission.enter('a', usual).addRows(4_096);
    expect(usualBounds.bytes).to.be.lessThan(100_000_000);
  });
});

describe('gateway/issuing: a gateway that is behind', () => {
  const newNetwork = useNetworks();

  it('refuses before it reads, and issues the same request once when it is sent again', async () => {
    const world = await openWorld(await newNetwork(), startClock(), { bounds });
    const request: BatchRequest = { issuer: operator.issuer, type: licence.type, rows: makeRows(licence, 300) };
    const bytes = utf8(JSON.stringify(request));
    let reads = 0;
    const body: RequestBody = {
      bytes: bytes.length,
      read: async () => {
        reads += 1;
        return bytes.slice();
      },
    };
    const first = world.issuing.issue(operator, body, newKey());
    await expectRefusal('QUEUE_FULL', () => world.issuing.issue(operator, body, 'same'));
    expect(reads).to.equal(1);
    await first;
    const summary = await world.issuing.issue(operator, body, 'same');
    expect([summary.first, summary.last]).to.deep.equal([301, 600]);
    expect(await world.issuing.issue(operator, body, 'same')).to.deep.equal(summary);
    await world.close();
  });

  it('counts what is issued until its files were taken, or are not wanted any more', async () => {
    const world = await openWorld(await newNetwork(), startClock(), { bounds });
    const request: BatchRequest = { issuer: operator.issuer, type: licence.type, rows: makeRows(licence, 300) };
    const ask = () => world.issuing.issueLines(operator, request, newKey());
    const taken = await ask();
    await expectRefusal('QUEUE_FULL', ask);
    for await (const _ of taken.lines);
    const left = await ask();
    for await (const _ of left.lines) break;
    await ask();
    await world.close();
  });
});
