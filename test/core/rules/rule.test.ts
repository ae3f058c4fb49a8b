import { FetchedRows, rowKeys } from '@yinxin/core';
import { expect } from 'chai';
import { foundingTime } from '../../fixtures/network.ts';
import { expectRefusal } from './world.ts';

describe('rows fetched for a rule', () => {
  it('tell an absent row from one that was never fetched', () => {
    const rows = new FetchedRows();
    rows.set(rowKeys.network(), undefined);
    expect(rows.complete().get(rowKeys.network())).to.equal(undefined);
    expectRefusal(() => rows.complete().get(rowKeys.domain('440300')), 'INTERNAL', { kind: 'domain' });
    expectRefusal(() => rows.complete().all('domain'), 'INTERNAL', { kind: 'domain' });
  });

  it('know every row of a kind that was read whole', () => {
    const rows = new FetchedRows();
    const row = { kind: 'network', channel: 'certs', founded: foundingTime } as const;
    rows.setAll('network', [row]);
    rows.setAll('domain', []);
    expect(rows.complete().all('network')).to.deep.equal([row]);
    expect(rows.complete().all('domain')).to.deep.equal([]);
    expect(rows.complete().get(rowKeys.domain('440300'))).to.equal(undefined);
  });
});
