import type { KeywardError } from '../../../core/errors/errors';
import type { Randomness } from '../../../core/crypto/randomness';
import type { AuditSink } from '../../../core/audit/ports/audit-log';
import type { Clock } from '../../../core/ports/clock';
import { toAuditItem, type AuditItem } from './audit-item';
import { auditUnavailable } from './audit-unavailable';

/** Why an event of a group is not known to be durable, and what to do about it. */
export interface AppendFailure {
  readonly error: KeywardError;
  /**
   * - `again`: send it again later; it may succeed.
   * - `alone`: send it at once, in a group of its own; the answer does not say whether this event is refused.
   * - `never`: it would fail in the same way.
   */
  readonly next: 'again' | 'alone' | 'never';
}

/**
 * Writes a group of events, 1 to 25, no key twice. Never rejects.
 *
 * @returns for each event, in their order, nothing where it is durable, or the failure; for a group of one never `alone`
 */
export type WriteAuditGroup = (items: readonly AuditItem[]) => Promise<readonly (AppendFailure | undefined)[]>;

/** Times are in milliseconds. */
export interface AuditGroupCommitConfig {
  readonly write: WriteAuditGroup;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Days until DynamoDB's TTL may delete an event. Left out: never. */
  readonly retentionDays?: number;
  /** Maximum number of concurrent groups. Default 4. */
  readonly maxGroups?: number;
  /** Maximum number of events that wait for a group; further ones are refused at once. Default 10,000. */
  readonly maxQueued?: number;
  /** Age from which an event is not sent again. Default 5 seconds; a running attempt may take longer. */
  readonly deadlineMs?: number;
}

/** An audit sink that can be drained. */
export interface AuditGroupCommit extends AuditSink {
  /** Resolves when no event waits and no group is being written, for a process that appends no more. */
  drain(): Promise<void>;
}

/** An event that is being written, and the promise of its `append`. */
interface Pending {
  readonly item: AuditItem;
  readonly key: string;
  readonly deadline: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  /** Failure of its last attempt. */
  failure?: KeywardError;
}

/** The limit of BatchWriteItem and of BatchExecuteStatement (DynamoDB API Reference). */
const GROUP_EVENTS = 25;
const FIRST_BACKOFF_MS = 20;
const LONGEST_BACKOFF_MS = 1_000;
/** Ends the attempts if the wall clock jumped back, so that the deadline does not come. */
const MAX_ATTEMPTS = 12;

/**
 * An audit sink for events that come together: those of one batch, or of many requests in one process. Events that arrive while a
 * group is being written are sent together in the next one, and each `append` settles with its own event alone. A second group
 * starts beside the first only when it is full or the first has to be sent again: two half-filled groups would cost twice as much.
 * Nothing runs after all `append`s have settled, so a function may be frozen then.
 */
export function createAuditGroupCommit(config: AuditGroupCommitConfig): AuditGroupCommit {
  const { clock, retentionDays, maxGroups = 4, maxQueued = 10_000, deadlineMs = 5_000 } = config;
  const queue: Pending[] = [];
  const idleWaiters: (() => void)[] = [];
  let underWay = 0;
  let onFirstAttempt = 0;
  let scheduled = false;

  /** Deferred, so that events of the same turn of the event loop share a group. */
  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      startGroups();
    });
  }

  function startGroups(): void {
    while (queue.length > 0 && underWay < maxGroups && (onFirstAttempt === 0 || queue.length >= GROUP_EVENTS)) {
      void runGroup(queue.splice(0, GROUP_EVENTS));
    }
    if (queue.length === 0 && underWay === 0) for (const resolve of idleWaiters.splice(0)) resolve();
  }

  async function runGroup(group: Pending[]): Promise<void> {
    underWay += 1;
    onFirstAttempt += 1;
    let rest = await send(config, group);
    onFirstAttempt -= 1;
    for (let attempt = 1; rest.length > 0 && attempt < MAX_ATTEMPTS; attempt += 1) {
      schedule();
      await clock.sleep(backoffMs(config, attempt));
      rest = await send(config, rest);
    }
    for (const each of rest) each.reject(each.failure ?? auditUnavailable());
    underWay -= 1;
    schedule();
  }

  return {
    append: (event) =>
      new Promise((resolve, reject) => {
        if (queue.length >= maxQueued) {
          reject(auditUnavailable());
          return;
        }
        const item = toAuditItem(event, retentionDays);
        queue.push({ item, key: keyOf(item), deadline: clock.now() + deadlineMs, resolve, reject });
        schedule();
      }),
    drain: () =>
      new Promise((resolve) => {
        idleWaiters.push(resolve);
        schedule();
      }),
  };
}

const keyOf = (item: AuditItem): string => `${String(item['bucket']?.S)} ${String(item['event_key']?.S)}`;

/** Exponential, with a jitter of half: processes that were throttled together must not retry together. */
function backoffMs({ randomness }: AuditGroupCommitConfig, attempt: number): number {
  const full = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempt - 1));
  return full * (0.5 + randomness.publicBytes(1).readUInt8(0) / 512);
}

function dropExpired(clock: Clock, group: readonly Pending[]): Pending[] {
  const now = clock.now();
  return group.filter((each) => {
    if (now < each.deadline) return true;
    each.reject(each.failure ?? auditUnavailable());
    return false;
  });
}

/**
 * Sends a group once, and those events once more that have to be sent alone; settles events that are durable or never will be.
 *
 * @returns the events to send again
 */
async function send(config: AuditGroupCommitConfig, group: readonly Pending[]): Promise<Pending[]> {
  const live = dropExpired(config.clock, group);
  if (live.length === 0) return [];
  // The same event appended twice is one item; DynamoDB refuses a group that names a key twice.
  const items = new Map(live.map(({ key, item }) => [key, item]));
  const failures = await config.write([...items.values()]);
  const failureOf = new Map([...items.keys()].map((key, index) => [key, failures[index]]));
  const again: Pending[] = [];
  const alone = new Map<string, Pending[]>();
  for (const each of live) {
    const failure = failureOf.get(each.key);
    if (failure === undefined) {
      each.resolve();
      continue;
    }
    each.failure = failure.error;
    if (failure.next === 'never') each.reject(failure.error);
    else if (failure.next === 'again') again.push(each);
    else alone.set(each.key, [...(alone.get(each.key) ?? []), each]);
  }
  const sentAlone = await Promise.all(Array.from(alone.values(), (same) => send(config, same)));
  return [...again, ...sentAlone.flat()];
}
