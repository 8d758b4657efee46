import { MAX_AUDIT_PAGE } from '../../lambdas/core/contract/limits';
import { isRecord } from '../../lambdas/core/crypto/record-checks';
import { CliError, EXIT } from '../io/cli-error';
import type { Session } from '../session';
import type { JsonObject } from './json-object';
import { sendWithRetry } from './send-with-retry';

/** A page of the audit log, newest first. */
export interface AuditEventsPage {
  readonly events: readonly JsonObject[];
  /** Of the next page; undefined on the last one. */
  readonly cursor: string | undefined;
}

/**
 * Reads a page of the audit log, as large as the service allows. Temporary credentials that expired since the first page are looked
 * for once more.
 *
 * @param cursor that of the page before; undefined for the first page
 * @throws CliError
 */
export async function nextAuditPage(
  session: Session,
  { query, cursor }: { readonly query: Readonly<Record<string, string>>; readonly cursor: string | undefined },
): Promise<AuditEventsPage> {
  const call = {
    method: 'GET',
    path: '/v1/audit/events',
    query: { ...query, limit: String(MAX_AUDIT_PAGE), ...(cursor !== undefined && { cursor }) },
  } as const;
  const reply = await sendWithRetry(session, call).catch((thrown: unknown) => {
    if (cursor === undefined || !(thrown instanceof CliError) || thrown.exitCode !== EXIT.refused) throw thrown;
    session.forgetCredentials();
    return sendWithRetry(session, call);
  });
  const { events, next_cursor: next } = reply;
  if (!Array.isArray(events) || !events.every(isRecord))
    throw new CliError(EXIT.unexpected, 'unexpected_reply', 'the reply is no page of the audit log');
  if (next !== undefined && next === cursor)
    throw new CliError(EXIT.unexpected, 'unexpected_reply', 'the same page came twice');
  return { events, cursor: typeof next === 'string' ? next : undefined };
}
