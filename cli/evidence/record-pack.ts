import { sendWithRetry } from '../client/send-with-retry';
import { CliError, EXIT } from '../io/cli-error';
import type { JsonObject } from '../client/json-object';
import type { Session } from '../session';
import type { Period } from './period';

/** Whether the hash of a pack is in the audit log. */
export type RecordedPack =
  | { readonly recorded: true; readonly manifest_sha256: string; readonly event: JsonObject }
  | { readonly recorded: false; readonly manifest_sha256: string; readonly why: string };

/**
 * Puts the hash of a pack's list of hashes into the audit log, as an event: the log's key signs no text of a caller, but the event is
 * in the log like any other.
 *
 * @throws CliError `interrupted` only
 */
export async function recordPack(
  session: Session,
  {
    manifest_sha256,
    period: { from, to },
    events,
  }: { readonly manifest_sha256: string; readonly period: Period; readonly events: number },
): Promise<RecordedPack> {
  try {
    const body = { manifest_sha256, from, to, events };
    const event = await sendWithRetry(session, { method: 'POST', path: '/v1/audit/evidence', body });
    return { recorded: true, manifest_sha256, event };
  } catch (thrown) {
    if (!(thrown instanceof CliError) || thrown.exitCode === EXIT.interrupted) throw thrown;
    return { recorded: false, manifest_sha256, why: `${thrown.code}: ${thrown.detail}` };
  }
}
