import type { AuditMetadata } from '../audit/audit-event';

/** What somebody may give as the reason for a change of a provider's keys: 1 to 200 printable characters, checked by the caller. */
export interface Reasoned {
  readonly reason?: string;
}

/** As the audit log has it; `reason` there is why something was refused. */
export const givenReason = ({ reason }: Reasoned): Pick<AuditMetadata, 'given_reason'> =>
  reason === undefined ? {} : { given_reason: reason };
