import type { AuditReader } from '../audit/ports/audit-log';
import { auditEventNotFound } from '../audit/read-audit-log';
import type { AuditTrail } from '../audit/audit-trail';
import { recordedRead } from '../audit/recorded-read';
import { timeOfId } from '../crypto/timed-id';
import { KeywardError } from '../errors/errors';
import type { Caller } from '../ports/caller';
import { readArchivedLine, type ArchivedLine } from './archived-line';
import { findInIndex } from './find-in-index';
import type { Checked } from './log-fault';
import { isEntryOf, parseEntry, type EventEntry } from './log-entry';
import { logNotFound, logOf } from './log-of';
import { formatLogProof } from './log-proof';
import type { EventLines } from './ports/event-lines';
import type { Logs, PublishedLog } from './ports/published-log';
import { proveEntry } from './prove-entry';
import { readCheckpoint } from './read-checkpoint';

/**
 * How the event that the audit log has compares with the entry: the same, edited since, or gone, because it expired, was deleted, or
 * has no nonce in the audit log, as events of earlier releases. The archive has the line in each case.
 */
type PublishedAs = 'same' | 'edited' | 'gone';

/** The proof that an event is in a log, to be checked without the log. */
export interface EventProof {
  readonly id: string;
  readonly timestamp: string;
  readonly region: string;
  readonly origin: string;
  readonly index: number;
  readonly size: number;
  readonly entry: Buffer;
  /** The text of tlog-proof, whose extra data is the event's nonce; without it if `event` is not `same`. */
  readonly proof: Buffer;
  readonly event: PublishedAs;
  /** The archived line of which the entry is made; left out if `event` is not `same`. */
  readonly line?: Buffer;
}

export interface ProveEventDependencies {
  readonly logs: Logs;
  readonly lines: EventLines;
  readonly audit: Pick<AuditReader, 'get'>;
  readonly trail: AuditTrail;
}

export const NOT_PUBLISHED =
  'the event is in the audit log and not yet in the published log: that happens every hour, and at once by POST /v1/audit/log';
export const LOG_DAMAGED = 'the stored log does not fit its checkpoint: keyward audit verify tells which part';

/**
 * Makes the proof that an event is in the log of its region, against that log's newest checkpoint. In a log of a hundred million
 * entries it reads at most 12 objects: the checkpoint, the list of the minute's index and one or two objects of it, a bundle, and
 * at most seven tiles.
 *
 * @param asked its timestamp is needed for an event of an earlier release; without a region the logs of all are searched, that of
 *   the event's region first
 * @throws KeywardError `audit_event_not_found`, `event_not_published`, `log_not_found`, `log_damaged`, `store_unavailable`,
 *   `audit_unavailable`
 */
export const createProveEvent =
  (deps: ProveEventDependencies) =>
  (
    caller: Caller,
    asked: { readonly id: string; readonly timestamp?: string; readonly region?: string },
  ): Promise<EventProof> => {
    const timestamp = asked.timestamp ?? timeOfId(asked.id);
    const period = timestamp === undefined ? {} : { read_from: timestamp, read_to: timestamp };
    return recordedRead(
      deps.trail,
      caller,
      { operation: 'prove_audit_event', event_id: asked.id, ...period },
      {
        read: () =>
          timestamp === undefined
            ? Promise.reject(auditEventNotFound(asked.timestamp))
            : proveEvent(deps, { ...asked, timestamp, given: asked.timestamp }),
        count: () => 1,
      },
    );
  };

export type ProveEvent = ReturnType<typeof createProveEvent>;

interface Asked {
  readonly id: string;
  readonly timestamp: string;
  readonly region?: string;
  /** The time that the caller gave. */
  readonly given: string | undefined;
}

async function proveEvent({ logs, lines, audit }: ProveEventDependencies, asked: Asked): Promise<EventProof> {
  const { id, timestamp } = asked;
  const place = { id, timestamp };
  const line = await lines.lineOf(place);
  const archived = line && readArchivedLine(line);
  for (const log of logsToSearch(logs, asked.region, archived?.region)) {
    const found = await findInIndex(log.files, id, Date.parse(timestamp));
    if (found.value?.place === undefined && found.fault === undefined) continue;
    return proofIn(log, place, orDamaged(found).place as number, archived && { ...archived, line });
  }
  if (line === undefined && (await audit.get(place)) === undefined) throw auditEventNotFound(asked.given);
  throw notPublished();
}

/** The region of the event is that of its log, unless somebody edited it. */
function logsToSearch(logs: Logs, asked: string | undefined, likely: string | undefined): readonly PublishedLog[] {
  if (asked !== undefined) return [logOf(logs, asked)];
  if (logs.regions.length === 0) throw logNotFound();
  const regions = logs.regions.toSorted((a, b) => Number(b === likely) - Number(a === likely));
  return regions.map((region) => logOf(logs, region));
}

async function proofIn(
  { region, files }: PublishedLog,
  { id, timestamp }: { readonly id: string; readonly timestamp: string },
  index: number,
  archived: (ArchivedLine & { readonly line: Buffer }) | undefined,
): Promise<EventProof> {
  const stored = await readCheckpoint(files);
  if (stored === undefined) throw notPublished();
  const { bytes, checkpoint } = orDamaged(stored);
  const { origin, size } = checkpoint;
  if (index >= size) throw notPublished();
  const { entry, hashes } = orDamaged(await proveEntry(files, checkpoint, index));
  const parsed = parseEntry(entry);
  // The index leads to another event's entry.
  if (parsed.value === undefined || !('event' in parsed.value) || parsed.value.event.id !== id) throw damaged();
  const event = comparedWith(parsed.value.event, archived);
  const shown = event === 'same' ? archived : undefined;
  const proof = formatLogProof({ ...(shown && { extra: shown.nonce }), index, hashes, checkpoint: bytes });
  return { id, timestamp, region, origin, index, size, entry, proof, event, ...(shown && { line: shown.line }) };
}

const comparedWith = (
  entry: EventEntry,
  archived: (ArchivedLine & { readonly line: Buffer }) | undefined,
): PublishedAs => {
  if (archived === undefined) return 'gone';
  return isEntryOf(entry, archived) ? 'same' : 'edited';
};

function orDamaged<T>(checked: Checked<T>): T {
  if (checked.fault !== undefined) throw damaged();
  return checked.value;
}

const damaged = (): KeywardError => new KeywardError('log_damaged', LOG_DAMAGED);

const notPublished = (): KeywardError => new KeywardError('event_not_published', NOT_PUBLISHED);
