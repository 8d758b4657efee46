import type { AuditMetadata } from '../audit/audit-event';

/** A caller's reason for a change of a provider's keys: 1 to 200 printable characters, checked before. */
export interface Reasoned {
  readonly reason?: string;
}

/** The reason as audit metadata, where `reason` is the reason of a refusal. */
export const givenReason = ({ reason }: Reasoned): Pick<AuditMetadata, 'given_reason'> =>
  reason === undefined ? {} : { given_reason: reason };
