/** Every check by its name, in the order in which they are told. */
import { checkAnchors } from './checks/anchors.ts';
import { checkAnswers } from './checks/answers.ts';
import { checkApproval } from './checks/approval.ts';
import { checkClock } from './checks/clock.ts';
import { checkContractBuild } from './checks/contract-build.ts';
import { checkContractId } from './checks/contract-id.ts';
import { checkDisk } from './checks/disk.ts';
import { checkEndorsement } from './checks/endorsement.ts';
import { checkExpiry } from './checks/expiry.ts';
import { checkGenesis } from './checks/genesis.ts';
import { checkHeights } from './checks/heights.ts';
import { checkKeys } from './checks/keys.ts';
import { checkMembership } from './checks/membership.ts';
import { checkMemory } from './checks/memory.ts';
import { checkMsp } from './checks/msp.ts';
import { checkOrderers } from './checks/orderers.ts';
import { checkPorts } from './checks/ports.ts';
import { checkProcesses } from './checks/processes.ts';
import { checkPrograms } from './checks/programs.ts';
import { checkTls } from './checks/tls.ts';
import type { Check } from './context.ts';
import type { CheckId } from './finding.ts';

export const checks: { readonly [id in CheckId]: Check } = {
  programs: checkPrograms,
  processes: checkProcesses,
  ports: checkPorts,
  tls: checkTls,
  expiry: checkExpiry,
  msp: checkMsp,
  keys: checkKeys,
  genesis: checkGenesis,
  heights: checkHeights,
  orderers: checkOrderers,
  anchors: checkAnchors,
  membership: checkMembership,
  endorsement: checkEndorsement,
  approval: checkApproval,
  'contract-build': checkContractBuild,
  'contract-id': checkContractId,
  answers: checkAnswers,
  clock: checkClock,
  disk: checkDisk,
  memory: checkMemory,
};
