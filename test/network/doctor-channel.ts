/** Faults of the channel, of the contract's definition and of peers' ledgers, made on a real network: the second half of doctor.test.ts, on the same network. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isJsonObject, type Json } from '@yinxin/core';
import { expect } from 'chai';
import { replaceAt } from '../../network/config-update.ts';
import { checkApproval } from '../../network/doctor/checks/approval.ts';
import { checkEndorsement } from '../../network/doctor/checks/endorsement.ts';
import { checkMembership } from '../../network/doctor/checks/membership.ts';
import { checkProcesses } from '../../network/doctor/checks/processes.ts';
import type { DoctorContext } from '../../network/doctor/context.ts';
import type { Facts } from '../../network/doctor/facts.ts';
import { ordererCryptoOf } from '../../network/paths.ts';
import { orderersOf, portOf } from '../../network/plan.ts';
import type { TestNetwork } from '../fixtures/fabric.ts';
import {
  callDoctor,
  cityNamed,
  editJson,
  examine,
  findFinding,
  list,
  ordererArgs,
  pidOf,
  repair,
  runPeer,
  start,
  stop,
  updateChannel,
  withoutData,
} from './doctor-support.ts';

/** `knowing`: a doctor who knows what the healthy network answers. */
export function breakChannel(network: () => TestNetwork, knowing: () => DoctorContext): void {
  describe('the channel and its contract', () => {
    const application = ['groups', 'Application'];

    it('endorsement: one city is made to be enough', async () => {
      const count = [...application, 'policies', 'Endorsement', 'policy', 'value', 'rule', 'n_out_of', 'n'];
      const signers = [cityNamed(network(), 'Chengdu')];
      await updateChannel(network(), (group) => replaceAt(group, count, () => 1), signers);
      const examination = await examine(network());
      await updateChannel(network(), (group) => replaceAt(group, count, () => 2), signers);
      expect(list(examination, 'failed')).to.deep.equal(['endorsement certs']);
    });

    it('endorsement: a definition that brings a policy of its own', async () => {
      const definition: Facts['definition'] = async (peer) => ({
        ...(await knowing().facts.definition(peer)),
        policy: undefined,
      });
      const found = await checkEndorsement({ ...knowing(), facts: { ...knowing().facts, definition } });
      expect(found.filter(({ state }) => state === 'failed').map(({ subject }) => subject)).to.deep.equal([
        'peer.shenzhen',
        'peer.chengdu',
        'peer.chongqing',
      ]);
    });

    it('membership: a peer that does not announce its own contract is to be started again', async () => {
      const endorsers: Facts['endorsers'] = async (peer) =>
        (await knowing().facts.endorsers(peer)).filter((msp) => peer.msp !== 'ChengduMSP' || msp !== peer.msp);
      const found = await checkMembership({ ...knowing(), facts: { ...knowing().facts, endorsers } });
      const failed = found.filter(({ state }) => state === 'failed');
      expect(failed.map(({ subject }) => subject)).to.deep.equal(['peer.chengdu']);
      expect(failed[0]?.advice?.en).to.include(`kill ${pidOf(network(), 'peer.chengdu')} && `);
    });

    it('approval: a city has approved a package that is not the one', async () => {
      const { plan } = network();
      const { sm3 = '', packageId = '' } = plan.contract ?? {};
      const city = cityNamed(network(), 'Chengdu');
      const names = ['--channelID', plan.channel, '--name', plan.chaincode, '--version', sm3, '--sequence', '1'];
      const policy = ['--channel-config-policy', '/Channel/Application/Endorsement'];
      const approve = (id: string) =>
        runPeer(network(), city, [
          ...['lifecycle', 'chaincode', 'approveformyorg', ...names, ...policy],
          ...['--package-id', id, ...ordererArgs(network())],
        ]);
      await approve(`other:${'0'.repeat(64)}`);
      const examination = await examine(network());
      await approve(packageId);
      expect([...new Set(list(examination, 'failed'))].filter((line) => !line.startsWith('membership '))).to.deep.equal(
        [
          'approval peer.chengdu',
          // its peer has no such contract, and so its process is of another one: these follow
          'contract-id contract.chengdu',
        ],
      );
      await repair(network());
    });

    it('approval and processes: an upgrade, and a city’s joining, that are not complete', async () => {
      const { local } = knowing().view;
      if (!local?.plan.contract) throw new Error('no contract');
      const upgrade = { sm3: '0'.repeat(64), packageId: `other:${'0'.repeat(64)}`, sequence: 2 };
      const plan = { ...local.plan, upgrade, joining: 'Sichuan' };
      const halfway = { ...knowing(), view: { ...knowing().view, local: { ...local, plan }, remote: undefined } };
      const warnings = (await checkApproval(halfway)).filter(({ state }) => state !== 'ok');
      expect(warnings).to.have.length(1);
      expect(warnings[0]).to.include({ state: 'warning', subject: 'certs' });
      expect(warnings[0]?.found.en).to.match(/missing: ChengduMSP ChongqingMSP ShenzhenMSP$/);
      const joining = (await checkProcesses(halfway)).filter(({ state }) => state !== 'ok');
      expect(joining.map(({ subject, state }) => `${state} ${subject}`)).to.deep.equal(['warning Sichuan']);
    });

    it('anchors and heights: a city without its anchor, in a block that one peer cannot fetch', async () => {
      const { plan, paths } = network();
      const overrides = orderersOf(plan).map((orderer) => ({
        from: `127.0.0.1:${portOf(plan, orderer, 'orderer')}`,
        to: '127.0.0.1:1',
        caCertsFile: ordererCryptoOf(paths, orderer).tlsCa,
      }));
      const deaf = (json: Json) =>
        replaceAt(json, ['peer', 'deliveryclient'], (found) =>
          isJsonObject(found) ? { ...found, addressOverrides: overrides } : found,
        );
      await stop(network(), 'peer.chongqing');
      editJson(join(paths.nodeOf('peer.chongqing'), 'core.yaml'), deaf);
      await start(network(), 'peer.chongqing');
      await repair(network());

      const anchors = [...application, 'groups', 'Shenzhen', 'values', 'AnchorPeers', 'value'];
      let kept: Json = {};
      await updateChannel(network(), (group) =>
        replaceAt(group, anchors, (found) => {
          kept = found;
          return {};
        }),
      );
      const examination = await examine(network());
      expect(list(examination, 'failed')).to.deep.equal(['anchors ShenzhenMSP']);
      expect(list(examination, 'warning')).to.deep.equal(['heights peer.chongqing']);
      expect(findFinding(examination, 'heights', 'peer.chongqing').found.en).to.include('1 blocks behind');

      await updateChannel(network(), (group) => replaceAt(group, anchors, () => kept));
      await stop(network(), 'peer.chongqing');
      await repair(network());
    });

    it('heights: a peer whose state has become another one', async () => {
      const doctor = callDoctor(network());
      const [peer] = doctor.view.peers.filter(({ name }) => name === 'peer.chongqing');
      if (!peer) throw new Error('no peer');
      const { commitHash } = await doctor.facts.block(peer, (await doctor.facts.height(peer)) - 1);
      const data = join(network().paths.nodeOf(peer.name), 'data', 'ledgersData', 'chains', 'chains', 'certs');
      const file = join(data, 'blockfile_000000');
      await stop(network(), peer.name);
      flipByte(file, Buffer.from(commitHash, 'hex'));
      await repair(network());
      const examination = await examine(network());
      expect(list(examination, 'failed')).to.deep.equal([`heights ${peer.name}`]);
      await stop(network(), peer.name);
      const changed = Buffer.from(commitHash, 'hex');
      changed[0] = (changed[0] ?? 0) ^ 1;
      flipByte(file, changed);
      await repair(network());
    });

    it('heights: a peer that is not on the channel; what else it could say is skipped', async () => {
      const name = 'peer.chongqing';
      const examination = await withoutData(network(), name, () => examine(network()));
      // whether the others have noticed yet is a matter of seconds
      const failed = list(examination, 'failed').filter((line) => !line.startsWith('membership '));
      expect(failed).to.deep.equal([`heights ${name}`]);
      expect(findFinding(examination, 'approval', name).state).to.equal('skipped');
      await repair(network());
    });

    it('membership: a peer is halted, and another one, which forgets soon, no longer finds it', async () => {
      const { paths } = network();
      await stop(network(), 'peer.shenzhen');
      editJson(join(paths.nodeOf('peer.shenzhen'), 'core.yaml'), (json) =>
        replaceAt(json, ['peer', 'gossip'], (found) =>
          isJsonObject(found) ? { ...found, aliveExpirationTimeout: '6s' } : found,
        ),
      );
      await start(network(), 'peer.shenzhen');
      await repair(network());
      process.kill(pidOf(network(), 'peer.chongqing'), 'SIGSTOP');
      const isForgotten = async () =>
        (await checkMembership(callDoctor(network()))).some(({ state }) => state === 'failed');
      for (let attempt = 0; attempt < 60 && !(await isForgotten()); attempt++) await sleep(400);
      const examination = await examine(network());
      process.kill(pidOf(network(), 'peer.chongqing'), 'SIGCONT');
      expect(list(examination, 'failed')).to.deep.equal(['processes peer.chongqing', 'membership peer.shenzhen']);
      await stop(network(), 'peer.shenzhen');
      await repair(network());
    });
  });
}

/** Changes the first byte of the only place where `bytes` stand in the file. */
function flipByte(file: string, bytes: Buffer): void {
  const content = readFileSync(file);
  const at = content.indexOf(bytes);
  if (at < 0 || content.indexOf(bytes, at + 1) >= 0) throw new Error('not in exactly one place');
  content[at] = (content[at] ?? 0) ^ 1;
  writeFileSync(file, content);
}
