import { common, type gateway } from '@hyperledger/fabric-protos';
import { formatRefusal, YinxinError } from '@yinxin/core';
import { expect } from 'chai';
import { makeNetwork } from '../../fixtures/network.ts';
import { rejection } from '../port-suite.ts';
import type { Around } from './double/peer.ts';
import { hang, hasty, type now, statuses, times, until, withDouble } from './opened.ts';

const { founder } = makeNetwork();
const count = (calls: readonly string[], name: string) => calls.filter((call) => call === name).length;
const refusal = formatRefusal(new YinxinError('ENTRY_NOT_NEXT', { expected: 2 }));

describe('submitting to Fabric, where endorsing fails', function () {
  this.timeout(20_000);

  for (const [name, fault] of [
    ['the peer has too many requests', statuses.tooMany],
    ['no combination of peers is known yet', statuses.noPeers],
    ['no set of endorsers can be selected', statuses.noEndorsers],
    ['endorsers are a block apart', statuses.mismatch],
    ['another endorser is a block behind and refuses', () => statuses.othersSay(refusal)],
  ] as const) {
    it(`asks again after a pause when ${name}`, () =>
      withDouble(async ({ double, found }) => {
        for (const { faults } of double.peers) faults.endorse = times(2, fault);
        expect((await found()).block).to.equal(1);
        expect(count(double.peers[0].calls, 'submit')).to.equal(1);
      }));
  }

  it('believes a refusal in the end that not all endorsers share', () =>
    withDouble(
      async ({ double, found }) => {
        double.peers[0].faults.endorse = times(Number.POSITIVE_INFINITY, () => statuses.othersSay(refusal));
        const error = await rejection(found());
        expect(error).to.deep.include({ code: 'ENTRY_NOT_NEXT', details: { expected: 2 } });
        expect(count(double.peers[0].calls, 'endorse')).to.be.greaterThan(1);
        expect(count(double.peers[1].calls, 'endorse')).to.equal(0);
      },
      { patience: { ...hasty, endorse: 60_000 } },
    ));

  it('believes neither refusals nor the height of peers that are behind what is followed', () =>
    withDouble(async ({ double, found, ledger }) => {
      await found();
      const stop = new AbortController();
      const following = ledger.blocks(3, stop.signal)[Symbol.asyncIterator]().next(); // of a channel that has two
      const behind = { code: 'LEDGER_UNREACHABLE', details: { why: 'peer behind' } };
      expect(await rejection(ledger.info())).to.deep.include(behind);
      expect(await rejection(found())).to.deep.include(behind);
      expect(count(double.peers[0].calls, 'endorse')).to.be.greaterThan(2);
      stop.abort();
      await following.catch(() => undefined);
    }));

  it('believes no other city’s peer that the newest block is another than was followed', () =>
    withDouble(async ({ double, found, ledger }) => {
      await found();
      for await (const { number } of ledger.blocks(0, new AbortController().signal)) if (number === 1) break;
      const [own, ...others] = double.peers;
      const { newestHash } = await ledger.info();
      own.stop();
      for (const other of others) {
        other.faults.evaluate = async (run) => {
          const response = await run();
          const info = common.BlockchainInfo.deserializeBinary(
            response.getResult()?.getPayload_asU8() ?? new Uint8Array(),
          );
          info.setCurrentblockhash(Buffer.alloc(32, 1));
          response.getResult()?.setPayload(info.serializeBinary());
          return response;
        };
      }
      expect((await rejection(ledger.info())).code).to.equal('LEDGER_UNREACHABLE');
      const [, honest] = others;
      if (honest) honest.faults.evaluate = undefined;
      expect(await ledger.info()).to.deep.equal({ height: 2, newestHash });
    }));

  it('never asks again after the contract’s refusal', () =>
    withDouble(async ({ double, found }) => {
      await found();
      await rejection(found());
      expect(double.peers.map(({ calls }) => count(calls, 'endorse'))).to.deep.equal([2, 0, 0]);
    }));

  it('gives an answer of the contract that is no refusal as a bug, and does not ask again', () =>
    withDouble(async ({ double, found }) => {
      double.peers[0].faults.endorse = times(1, () => statuses.contractSays('classToPlain is not a function'));
      expect((await rejection(found())).code).to.equal('INTERNAL');
      expect(count(double.peers[0].calls, 'endorse')).to.equal(1);
    }));

  it('gives up after its time when nothing helps, with nothing ordered', () =>
    withDouble(async ({ double, found, ledger }) => {
      for (const { faults } of double.peers) faults.endorse = times(Number.POSITIVE_INFINITY, statuses.noPeers);
      const error = await rejection(found());
      expect(error).to.deep.include({ code: 'LEDGER_UNREACHABLE', details: { why: 'endorsers missing' } });
      expect((await ledger.info()).height).to.equal(1);
    }));

  it('gives up at once what it does not understand, after asking each peer', () =>
    withDouble(async ({ double, found }) => {
      for (const { faults } of double.peers) faults.endorse = times(9, () => statuses.peerSays('cosmic rays'));
      expect((await rejection(found())).details).to.deep.equal({ why: 'not understood' });
      expect(double.peers.map(({ calls }) => count(calls, 'endorse'))).to.deep.equal([1, 1, 1]);
    }));

  it('has it endorsed through another city’s peer when its own contract process is dead', () =>
    withDouble(async ({ double, found }) => {
      double.peers[0].faults.isContractDown = true;
      expect((await found()).block).to.equal(1);
      expect(count(double.peers[1].calls, 'endorse')).to.equal(1);
    }));

  it('waits for a contract process that comes back', () =>
    withDouble(async ({ double, found }) => {
      for (const { faults } of double.peers) faults.isContractDown = true;
      const founding = found();
      await until(() => double.peers[0].calls.length > 1);
      for (const { faults } of double.peers) faults.isContractDown = false;
      expect((await founding).block).to.equal(1);
    }));

  it('does not sign another transaction than the one it proposed', () =>
    withDouble(async ({ anchor, double, found }) => {
      const [own, other] = double.peers;
      let earlier: gateway.EndorseResponse | undefined;
      own.faults.endorse = async (run) => {
        earlier ??= await run();
        return earlier;
      };
      await found();
      expect((await anchor(1)).block).to.equal(2);
      expect(count(other.calls, 'endorse')).to.equal(1);
    }));

  it('takes input of four megabytes', () =>
    withDouble(
      async ({ ledger }) => {
        const error = await rejection(ledger.submit(founder, 'found', { text: 'x'.repeat(4 * 1_048_576 - 20) }));
        expect(error.code).to.equal('INPUT_INVALID'); // the contract has read it
      },
      { patience: { ...hasty, endorseCall: 10_000 } },
    ));
});

describe('evaluating on Fabric', function () {
  this.timeout(20_000);

  it('takes answers of more than four megabytes, as blocks may be', () =>
    withDouble(
      async ({ double, found, ledger }) => {
        await found();
        double.peers[0].faults.evaluate = async (run) => {
          const response = await run();
          response.getResult()?.setMessage('x'.repeat(5 * 1_048_576));
          return response;
        };
        expect(await ledger.evaluate(founder, 'readNetwork', {})).to.include({ kind: 'network' });
        expect(double.peers[1].calls).to.deep.equal([]);
      },
      { patience: { ...hasty, evaluateCall: 10_000 } },
    ));

  it('asks again when the peer has too many requests', () =>
    withDouble(async ({ double, found, ledger }) => {
      await found();
      for (const { faults } of double.peers) faults.evaluate = times(1, statuses.tooMany);
      expect(await ledger.evaluate(founder, 'readNetwork', {})).to.include({ kind: 'network' });
    }));
});

describe('submitting to Fabric, where ordering fails', function () {
  this.timeout(20_000);

  it('hands it over again while it is certain that no orderer took it', () =>
    withDouble(async ({ double, found }) => {
      for (const { faults } of double.peers) faults.submit = times(2, statuses.orderersRefuse);
      expect((await found()).block).to.equal(1);
    }));

  it('says that nothing was ordered when no orderer is there', () =>
    withDouble(async ({ double, found, ledger }) => {
      for (const { faults } of double.peers) faults.submit = times(Number.POSITIVE_INFINITY, statuses.orderersRefuse);
      const error = await rejection(found());
      expect(error).to.deep.include({ code: 'LEDGER_UNREACHABLE', details: { why: 'orderers away' } });
      expect((await ledger.info()).height).to.equal(1);
    }));

  for (const [name, status] of [
    ['the orderer was lost in the middle', statuses.orderersDrop],
    ['too few orderers of four answered', statuses.noQuorum],
    ['the peer was lost in the middle', statuses.unavailable],
  ] as const) {
    it(`finds a transaction that was ordered although ${name}, and sends it once`, () =>
      withDouble(async ({ double, found }) => {
        double.peers[0].faults.submit = async (run) => {
          await run();
          throw status();
        };
        const receipt = await found();
        expect(double.channel.commitOf(receipt.txId)).to.deep.equal({ block: 1, code: 0 });
        expect(double.peers.map(({ calls }) => count(calls, 'submit'))).to.deep.equal([1, 0, 0]);
      }));

    it(`does not know, when it was not ordered because ${name}, and does not send it again`, () =>
      withDouble(async ({ double, found, ledger }) => {
        double.peers[0].faults.submit = times(Number.POSITIVE_INFINITY, status);
        const error = await rejection(found());
        expect(error.code).to.equal('COMMIT_UNKNOWN');
        expect(await ledger.transaction(String(error.details['txId']))).to.equal(undefined);
        expect(double.peers.map(({ calls }) => count(calls, 'submit'))).to.deep.equal([1, 0, 0]);
      }));
  }
});

describe('submitting to Fabric, where nobody knows whether it was ordered', function () {
  this.timeout(20_000);

  it('waits for a block that comes late', () =>
    withDouble(async ({ double, found }) => {
      double.peers[0].faults.submit = async (run) => {
        setTimeout(() => void run(), hasty.doubt / 2);
        throw statuses.orderersDrop();
      };
      expect((await found()).block).to.equal(1);
    }));
});

describe('submitting to Fabric, where the commit is not seen', function () {
  this.timeout(20_000);

  it('asks another peer when its own does not tell', () =>
    withDouble(async ({ double, found }) => {
      double.peers[0].faults.commitStatus = hang;
      expect((await found()).block).to.equal(1);
      expect(double.peers.map(({ calls }) => count(calls, 'submit'))).to.deep.equal([1, 0, 0]);
    }));

  it('asks again when the peer has too many requests, and takes it for no absence', () =>
    withDouble(
      async ({ double, found, ledger }) => {
        double.peers[0].faults.commitStatus = times(1, statuses.tooMany);
        expect((await found()).block).to.equal(1);
        await ledger.evaluate(founder, 'readNetwork', {});
        expect(double.peers.map(({ calls }) => count(calls, 'evaluate'))).to.deep.equal([1, 0, 0]);
      },
      { patience: { ...hasty, probe: 60_000 } },
    ));

  it('names the transaction when no peer tells, and finds it by its id later', () =>
    withDouble(async ({ double, found, ledger }) => {
      for (const { faults } of double.peers) faults.commitStatus = hang;
      const error = await rejection(found());
      expect(error.code).to.equal('COMMIT_UNKNOWN');
      expect(await ledger.transaction(String(error.details['txId']))).to.deep.equal({ block: 1, code: 'VALID' });
      expect(double.peers.map(({ calls }) => count(calls, 'submit'))).to.deep.equal([1, 0, 0]);
    }));

  it('calls one that too few organisations endorsed a conflict, and says which', () =>
    withDouble(async ({ double, found, ledger }) => {
      double.peers[0].faults.endorsers = 1;
      const error = await rejection(found());
      expect(error).to.deep.include({ code: 'CONFLICT' });
      expect(error.details).to.include({ code: 'ENDORSEMENT_POLICY_FAILURE' });
      const commit = await ledger.transaction(String(error.details['txId']));
      expect(commit).to.deep.equal({ block: 1, code: 'ENDORSEMENT_POLICY_FAILURE' });
    }));

  const telling =
    (code: 4 | 8): Around<gateway.CommitStatusResponse> =>
    async (run) => {
      const response = await run();
      response.setResult(code);
      return response;
    };

  it('looks into the block where a peer tells of nonsense that somebody had ordered under the same id', () =>
    withDouble(async ({ double, found }) => {
      double.peers[0].faults.commitStatus = telling(8);
      expect((await found()).block).to.equal(1);
    }));

  it('calls one that no fresh proposal would help a bug, and says why', () =>
    withDouble(async ({ double, found }) => {
      for (const { faults } of double.peers) {
        faults.commitStatus = telling(4);
        faults.evaluate = hang;
      }
      const error = await rejection(found());
      expect(error.code).to.equal('INTERNAL');
      expect(error.details).to.include({ code: 'BAD_CREATOR_SIGNATURE' });
    }));
});

describe('what Fabric itself says of a proposal', function () {
  this.timeout(20_000);

  it('is not asked for with a name that reaches beyond the contract', () =>
    withDouble(async ({ double, ledger }) => {
      const error = await rejection(ledger.evaluate(founder, 'org.hyperledger.fabric:GetMetadata', {}));
      expect(error).to.deep.include({ code: 'INPUT_INVALID', details: { member: 'transaction' } });
      expect(double.peers[0].calls).to.deep.equal([]);
    }));

  for (const [message, code] of [
    ['request unauthorized due to incorrect timestamp 2026-01-01, peer time 2026-01-02', 'CLOCK_OFF'],
    ['proposal client identity expired on 2026-01-01', 'CALLER_NOT_PERMITTED'],
    ['access denied: channel [certs] creator org [ShenzhenMSP]', 'CALLER_NOT_PERMITTED'],
  ] as const) {
    it(`is ${code}: ${message.slice(0, 40)}`, () =>
      withDouble(async ({ double, found }) => {
        double.peers[0].faults.endorse = times(1, () => statuses.peerSays(message));
        expect((await rejection(found())).code).to.equal(code);
        expect(count(double.peers[0].calls, 'endorse')).to.equal(1);
      }));
  }

  it('dates a transaction by the gateway’s clock, which the contract compares with its own', () =>
    withDouble(
      async ({ found }) => {
        expect((await rejection(found())).code).to.equal('CLOCK_OFF');
      },
      { clock: () => '2020-01-01T00:00:00Z' as ReturnType<typeof now> },
    ));

  it('gives the receipt the time that the block holds', () =>
    withDouble(async ({ double, found }) => {
      const { time, txId } = await found();
      const [bytes] = double.channel.blocks[1]?.block.getData()?.getDataList_asU8() ?? [];
      const payload = common.Payload.deserializeBinary(
        common.Envelope.deserializeBinary(bytes ?? new Uint8Array()).getPayload_asU8(),
      );
      const header = common.ChannelHeader.deserializeBinary(
        payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array(),
      );
      const seconds: number = header.getTimestamp()?.getSeconds() ?? 0;
      expect(header.getTxId()).to.equal(txId);
      expect(new Date(seconds * 1000).toISOString()).to.equal(time.replace('Z', '.000Z'));
    }));
});
