import { MAX_WINDOW_DAYS, MIN_WINDOW_DAYS } from '../contract/limits';
import { cancelDestruction, scheduleDestruction } from './dek-rotation';
import { dekVersion } from '../keysets/dek-keyset';
import { invalidRequest, KeywardError, unknownVersion } from '../errors/errors';
import { givenReason, type Reasoned } from './given-reason';
import type { CredentialScanner } from '../credentials/ports/credential-scanner';
import type { AuditTrail } from '../audit/audit-trail';
import type { Caller } from '../ports/caller';
import type { KeysetWriter } from '../keysets/keyset-writer';

export interface VersionDestructionDependencies {
  readonly writer: KeysetWriter;
  readonly scanner: CredentialScanner;
  readonly trail: AuditTrail;
}

interface OfVersion {
  readonly provider: string;
  readonly version: number;
}

export const VERSION_REFERENCED = 'stored credentials are, or may be, under this version';
export const NOT_RETIRED = 'only a rewrap_only version can be destroyed';
export const NOT_SCHEDULED = 'no destruction is scheduled';

/**
 * Schedules the destruction of a retired version, for when its window is over and no restorable copy needs it. Can be cancelled
 * until then.
 *
 * @throws KeywardError `invalid_request` for a version that does not exist; `key_version_state` unless it is retired and no
 *   destruction is scheduled; `key_version_referenced` if a stored credential is, or may be, under it; as {@link KeysetWriter}
 */
export const createScheduleDestruction =
  (deps: VersionDestructionDependencies) =>
  async (
    caller: Caller,
    { provider, version, windowDays, ...reasoned }: OfVersion & Reasoned & { windowDays: number },
  ): Promise<void> => {
    const metadata = { pending_window_days: windowDays, ...givenReason(reasoned) };
    if (!Number.isInteger(windowDays) || windowDays < MIN_WINDOW_DAYS || windowDays > MAX_WINDOW_DAYS) {
      throw invalidRequest(`pending_window_days must be ${MIN_WINDOW_DAYS} to ${MAX_WINDOW_DAYS}`);
    }
    await refusable(deps, caller, { provider, version, operation: 'schedule_destruction', ...reasoned }, async () => {
      // The index may lag, so this proves nothing; retire-and-destroy-versions.ts reads consistently before it destroys.
      const hinted = await deps.scanner.shardsWith(provider, version, version);
      await deps.writer.change(caller, provider, (record, step) => {
        const entry = dekVersion(record, version);
        if (entry === undefined) throw unknownVersion(record);
        if (entry.state !== 'rewrap_only') throw wrongState(NOT_RETIRED);
        if (entry.destruction !== undefined) throw wrongState('its destruction is already scheduled');
        if (hinted.length > 0 || entry.unreferenced_since === undefined) {
          throw new KeywardError('key_version_referenced', VERSION_REFERENCED);
        }
        return {
          next: scheduleDestruction(record, version, windowDays, step),
          event_type: 'config_change',
          operation: 'schedule_destruction',
          key_version: version,
          metadata,
        };
      });
    });
  };

/** @throws KeywardError `invalid_request`, `key_version_state` if no destruction is scheduled; as {@link KeysetWriter} */
export const createCancelDestruction =
  (deps: VersionDestructionDependencies) =>
  async (caller: Caller, { provider, version, ...reasoned }: OfVersion & Reasoned): Promise<void> => {
    await refusable(deps, caller, { provider, version, operation: 'cancel_destruction', ...reasoned }, async () => {
      await deps.writer.change(caller, provider, (record, step) => {
        const entry = dekVersion(record, version);
        if (entry === undefined) throw unknownVersion(record);
        if (entry.state === 'destroyed') throw wrongState('it is destroyed');
        if (entry.destruction === undefined) throw wrongState(NOT_SCHEDULED);
        return {
          next: cancelDestruction(record, version, step),
          event_type: 'config_change',
          operation: 'cancel_destruction',
          key_version: version,
          metadata: givenReason(reasoned),
        };
      });
    });
  };

/** Records a refusal by the state of the keyset before it is answered. The writer has recorded changes that may have been made. */
async function refusable(
  deps: VersionDestructionDependencies,
  caller: Caller,
  { provider, version, operation, ...reasoned }: OfVersion & Reasoned & { operation: string },
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    const code = thrown instanceof KeywardError ? thrown.code : undefined;
    if (code !== 'key_version_referenced' && code !== 'key_version_state' && code !== 'invalid_request') throw thrown;
    await deps.trail.recordRefusal(
      caller,
      {
        event_type: 'config_change',
        provider,
        key_version: version,
        metadata: { operation, ...givenReason(reasoned) },
      },
      thrown,
    );
    throw thrown;
  }
}

const wrongState = (message: string): KeywardError => new KeywardError('key_version_state', message);
