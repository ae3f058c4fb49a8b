/** The public surface of core: formats, rules and verification, without any input or output. JOSE is `@yinxin/core/jose`, compression `@yinxin/core/deflate`. */

export { sm3, sm3Base64 } from '#sm3';
export * from './api.ts';
export * from './body.ts';
export * from './bytes.ts';
export * from './catalogue.ts';
export * from './cbor.ts';
export * from './certificate-file.ts';
export * from './check-digits.ts';
export * from './client-file.ts';
export * from './code.ts';
export * from './conclude.ts';
export * from './denial.ts';
export * from './errors.ts';
export * from './explain.ts';
export * from './field-kinds.ts';
export * from './fields.ts';
export * from './finding.ts';
export * from './hmac-sm3.ts';
export * from './holder-token.ts';
export * from './identifier.ts';
export * from './inflate.ts';
export * from './jcs.ts';
export { KnownBatches } from './known-batches.ts';
export * from './ledger-model.ts';
export { type Filed, fileRow, type Ordered } from './ledger-time.ts';
export * from './masking.ts';
export * from './members.ts';
export * from './merkle.ts';
export * from './model.ts';
export * from './presented.ts';
export * from './proof.ts';
export { findAgreementFault, type Presentation, verifyRecognition } from './recognition.ts';
export * from './rules/index.ts';
export * from './sentences.ts';
export * from './shown-values.ts';
export * from './sm2.ts';
export * from './state-digest.ts';
export * from './statement.ts';
export * from './status.ts';
export * from './status-list.ts';
export * from './subject.ts';
export * from './time.ts';
export * from './trust.ts';
export * from './trust-model.ts';
export * from './validity.ts';
export * from './verdict-words.ts';
export * from './verify.ts';
export {
  type AnchoredOutcome,
  anchorTime,
  type Lookups,
} from './verify-common.ts';
