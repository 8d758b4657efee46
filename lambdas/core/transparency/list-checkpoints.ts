import type { AuditTrail } from '../audit/audit-trail';
import { recordedRead } from '../audit/recorded-read';
import { KeywardError } from '../errors/errors';
import type { Caller } from '../ports/caller';
import type { LogFault } from './log-fault';
import { readLogKeys, type LogKeys } from './log-keys';
import { logNotFound, logOf } from './log-of';
import type { Logs, PublishedLog } from './ports/published-log';
import { readCheckpoint, type StoredCheckpoint } from './read-checkpoint';
import { verifyNote } from './signed-note';

/** The newest checkpoint of one region's log. */
export interface RegionCheckpoint {
  readonly region: string;
  /** The public keys that the log names as its own; left out if it names none. */
  readonly keys?: LogKeys;
  /** As it is stored; left out if nothing was published yet, or what is stored is no checkpoint. */
  readonly stored?: StoredCheckpoint;
  /** When the log's own cosigner cosigned it, in seconds since 1970. */
  readonly cosignedAt?: number;
  /** Why it is not what these keys signed, or that the region does not answer. */
  readonly fault?: LogFault | 'unavailable';
}

/** The checkpoints of a deployment, and the days after which an archived line or an event may be gone: those of {@link Logs}. */
export interface ListedCheckpoints extends Pick<Logs, 'archiveDays' | 'eventDays'> {
  readonly checkpoints: readonly RegionCheckpoint[];
}

/**
 * Returns the newest checkpoint of each region's log. A region that does not answer hides no other one. The keys come from where
 * the checkpoint is, so that they prove nothing: whoever relies on a checkpoint opens it by a trust policy.
 *
 * @throws KeywardError `log_not_found` if the deployment publishes no log, `store_unavailable` if no region answers,
 *   `audit_unavailable`
 */
export const createListCheckpoints =
  ({ logs, trail }: { readonly logs: Logs; readonly trail: AuditTrail }) =>
  async (caller: Caller): Promise<ListedCheckpoints> => {
    const { archiveDays, eventDays } = logs;
    const checkpoints = await recordedRead(
      trail,
      caller,
      { operation: 'list_checkpoints' },
      { read: () => readRegions(logs), count: () => 0 },
    );
    return { checkpoints, archiveDays, eventDays };
  };

export type ListCheckpoints = ReturnType<typeof createListCheckpoints>;

async function readRegions(logs: Logs): Promise<readonly RegionCheckpoint[]> {
  if (logs.regions.length === 0) throw logNotFound();
  const away: KeywardError[] = [];
  const read = logs.regions.map((region) =>
    readRegion(logOf(logs, region)).catch((thrown: unknown): RegionCheckpoint => {
      if (!(thrown instanceof KeywardError && thrown.code === 'store_unavailable')) throw thrown;
      away.push(thrown);
      return { region, fault: 'unavailable' };
    }),
  );
  const checkpoints = await Promise.all(read);
  const [first] = away;
  if (first !== undefined && away.length === checkpoints.length) throw first;
  return checkpoints;
}

async function readRegion({ region, files }: PublishedLog): Promise<RegionCheckpoint> {
  const [keys, stored] = await Promise.all([readLogKeys(files), readCheckpoint(files)]);
  const fault = keys?.fault ?? stored?.fault;
  if (keys?.value === undefined || stored?.value === undefined) {
    const isUnsigned = fault === undefined && stored !== undefined;
    return {
      region,
      ...(keys?.value && { keys: keys.value }),
      ...(stored?.value && { stored: stored.value }),
      ...(fault !== undefined && { fault }),
      ...(isUnsigned && { fault: 'signature_missing' }),
    };
  }
  const { log, cosigner } = keys.value;
  const { note, checkpoint } = stored.value;
  const shown = { region, keys: keys.value, stored: stored.value };
  if (checkpoint.origin !== log.name) return { ...shown, fault: 'checkpoint_origin' };
  const verified = verifyNote(note, [log, cosigner]);
  if (verified.fault !== undefined) return { ...shown, fault: verified.fault };
  if (!verified.value.some(({ key }) => key === log)) return { ...shown, fault: 'log_signature_missing' };
  const times = verified.value.flatMap(({ time }) => time ?? []);
  return times.length === 0 ? shown : { ...shown, cosignedAt: Math.max(...times) };
}
