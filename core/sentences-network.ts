/** Sentences for the rules of the network: governance, bodies and keys, types in versions, recognition, lists. */
import type { SentenceRow } from './sentences-finding.ts';

export const networkSentences = {
  // findings
  ISSUER_CLOSED: [
    '颁发机构当时已经撤并，不能再颁发。',
    '不要接受；请向承接它的机构核实。',
    'The issuing body had been closed by then.',
    'Do not accept it; ask the body that took over.',
  ],
  ANCHORED_KEY_COMPROMISED: [
    '存证证明所用的密钥已登记泄露，单凭它不能证明存证。',
    '请联网后再查；不能因此认定证照有问题。',
    'The key of its anchoring proof is on record as compromised.',
    'Verify again online; this does not mean that anything is wrong.',
  ],
  ENDED: [
    '证照已终止：撤销、注销、撤回或吊销之一，离线名单分不出是哪一种。',
    '不要接受；需要知道是哪一种，请联网再查。',
    'It has ended: revoked, cancelled, withdrawn or forfeited; the offline list cannot tell which.',
    'Do not accept it; go online to learn which.',
  ],
  STATUS_LIST_INVALID: [
    '状态名单损坏、签名不对，或不是这个机构的，已拒绝。',
    '请联网重新更新；反复出现请联系网络管理员。',
    'The status list is damaged, wrongly signed or of another register, and was refused.',
    'Update it online; if it persists, contact the operator.',
  ],
  STATUS_LIST_ROLLBACK: [
    '收到的状态名单比以前见过的旧，已拒绝。',
    '请重新更新；反复出现请联系网络管理员。',
    'The status list is older than one seen before and was refused.',
    'Update again; if it persists, contact the operator.',
  ],
  ENTRY_BEYOND_LIST: [
    '证照比手头的状态名单新，名单里还没有它。',
    '请联网更新后再查；不能因此认定证照有问题。',
    'It is newer than the status list at hand.',
    'Update online and verify again; this does not mean that anything is wrong.',
  ],
  STATUS_PRESENT_ONLY: [
    '离线名单只说现在的状态，不能回答所问的时间。',
    '请联网后再查那个时间。',
    'The offline list tells the present only, not the time asked about.',
    'Go online to ask about that time.',
  ],
  TIME_AHEAD: [
    '所问的是将来，那时的状态谁也不知道。',
    '请到那时再查；查现在请不要指定时间。',
    'It was asked about a time to come; nobody knows the status then.',
    'Ask again then; leave the time out to ask about now.',
  ],
  NOT_YET_ISSUED: [
    '在所问的时间，这份证照还没有颁发。',
    '请核对所问的日期。',
    'At the time asked about it had not been issued.',
    'Check the date asked about.',
  ],
  MATTER_REQUIRED: [
    '互认协议只适用于部分事项，没有说明办什么事。',
    '请选择要办的事项后再查。',
    'It is recognised for some matters only, and none was named.',
    'Name the matter and verify again.',
  ],
  MATTER_NOT_COVERED: [
    '互认协议不包括这个事项。',
    '请按本地规定办理，或向协议所列窗口咨询。',
    'The recognition agreement does not cover this matter.',
    'Follow local procedure, or ask the office that the agreement names.',
  ],
  AGREEMENT_NOT_IN_FORCE: [
    '互认协议当时不在执行：已到期、暂停或尚未生效。',
    '请按本地规定办理，或向协议所列窗口咨询。',
    'The recognition agreement was not in force: ended, suspended or not begun.',
    'Follow local procedure, or ask the office that the agreement names.',
  ],
  // ledger
  CLOCK_OFF: [
    '发送方的时钟与账本节点相差超过十分钟，没有写入。',
    '请校准时钟后再试。',
    'The sender’s clock is more than ten minutes from the peer’s; nothing was written.',
    'Set the clock right and try again.',
  ],
  PROPOSAL_CLOSED: [
    '这项提案已经通过、撤回或过期。',
    '请查看提案的现状；需要时重新提出。',
    'The proposal was adopted, withdrawn or has expired.',
    'Look at its state; propose again if needed.',
  ],
  PROPOSAL_EXPIRED: [
    '这项提案已过三十天期限，不能再同意。',
    '请重新提出。',
    'The proposal is past its thirty days.',
    'Propose it again.',
  ],
  PROPOSAL_NOT_EXPIRED: [
    '这项提案还没有到期。',
    '到期后再关闭，或由提出方撤回。',
    'The proposal has not reached its end yet.',
    'Close it after that, or have its proposer withdraw it.',
  ],
  ALREADY_APPROVED: [
    '本方已经同意过。',
    '不需要再做；请等待其他各方。',
    'Approved already by this side.',
    'Nothing to do; wait for the others.',
  ],
  AGREEMENT_STATE: [
    '协议已经终止，或本方已经（或没有）暂停它。',
    '请查看协议的现状。',
    'The agreement has ended, or this party has (or has not) suspended it already.',
    'Look at the agreement’s state.',
  ],
  BASIS_UNKNOWN: [
    '没有登记这个法律依据，或它不适用于这种处理。',
    '请从登记的依据中选择；新的依据由各方多数登记。',
    'No such legal basis is registered, or not for this act.',
    'Choose a registered one; a new one is registered by majority.',
  ],
  EFFECTIVE_ILLEGAL: [
    '生效时间太远，或早于它所恢复、更正的那次处理。',
    '请改为一年以内，并且不早于那次处理的时间。',
    'The effective time is a year or more ahead, or before the change that it lifts or corrects.',
    'Choose one within a year and not before that change.',
  ],
  COMPROMISE_ILLEGAL: [
    '泄露时间在将来、超过三十天以前，或已经登记过。',
    '这种改动须由各方多数决定：请提出提案。',
    'The time of compromise is in the future, more than 30 days back, or recorded already.',
    'A majority must decide this: make a proposal.',
  ],
  TYPE_MEANING_CHANGED: [
    '新版本改变了旧版本字段的含义，没有接受。',
    '请用新的字段名；旧字段只能停用或改变掩码。',
    'The new version changes what a field of an earlier one means.',
    'Use a new field key; old ones may only be retired or masked otherwise.',
  ],
  TYPE_VERSION_ENDED: [
    '这个证照类型已有新版本，旧版本不能再颁发。',
    '请按新版本重新办理。',
    'A newer version of the type has taken its place.',
    'Issue under the new version.',
  ],
  LIMIT_REACHED: [
    '已达到账本允许的数量或大小，没有写入。',
    '请先结束不再需要的，或另立新的；需要时缩小内容。',
    'As many as the ledger takes are there already, or it is larger than the ledger takes; nothing was written.',
    'End what is no longer needed, start a new one, or make it smaller.',
  ],
  SUCCESSION_ILLEGAL: [
    '承接机构已经关闭、就是本机构，或没有待同意的承接。',
    '请选择另一家仍在运行的机构。',
    'The successor is closed, is the body itself, or nothing is offered.',
    'Choose another body that is open.',
  ],
  HEIGHT_UNKNOWN: [
    '账本还没有到这个高度。',
    '请改用不超过当前高度的数字。',
    'The ledger has not reached this height.',
    'Use a number up to the present height.',
  ],
} as const satisfies Record<string, SentenceRow>;
