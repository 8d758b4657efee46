import { BatchWriteItemCommand, DynamoDBServiceException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KeywardError } from '../../../core/errors/errors';
import type { Randomness } from '../../../core/crypto/randomness';
import type { AuditSink } from '../../../core/audit/ports/audit-log';
import type { Clock } from '../../../core/ports/clock';
import { toAuditItem, type AuditItem } from './audit-item';
import { auditUnavailable } from './audit-unavailable';
import { unusableAnswer } from '../observability/name-failures';

/** Times are in milliseconds. */
export interface AuditGroupCommitConfig {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Days until DynamoDB's TTL may delete an event. Left out: never. */
  readonly retentionDays?: number;
  /** Maximum number of concurrent batches. Default 4. */
  readonly maxBatches?: number;
  /** Maximum number of events that wait for a batch; further ones are refused at once. Default 10,000. */
  readonly maxQueued?: number;
  /** Age from which an event is not sent again. Default 5 seconds; a running attempt may take longer. */
  readonly deadlineMs?: number;
}

/** An audit sink that can be drained. */
export interface AuditGroupCommit extends AuditSink {
  /** Resolves when no event waits and no batch is running, for a process that appends no more. */
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

/** BatchWriteItem's limit. */
const BATCH_ITEMS = 25;
const FIRST_BACKOFF_MS = 20;
const LONGEST_BACKOFF_MS = 1_000;
/** Ends the attempts if the wall clock jumped back, so that the deadline does not come. */
const MAX_ATTEMPTS = 12;

/**
 * An audit sink for a process that serves many requests at once: events that arrive while a batch is running are sent together in
 * the next one, and each `append` settles with its own event alone. A second batch starts beside the first only when it is full
 * or the first has to be sent again: two half-filled batches would cost twice as much. A batch writes unconditionally, which does
 * not change an existing event: its key was fixed before its first attempt.
 */
export function createAuditGroupCommit(config: AuditGroupCommitConfig): AuditGroupCommit {
  const { clock, retentionDays, maxBatches = 4, maxQueued = 10_000, deadlineMs = 5_000 } = config;
  const queue: Pending[] = [];
  const idleWaiters: (() => void)[] = [];
  let underWay = 0;
  let onFirstAttempt = 0;
  let scheduled = false;

  /** Deferred, so that events of the same turn of the event loop share a batch. */
  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      startBatches();
    });
  }

  function startBatches(): void {
    while (queue.length > 0 && underWay < maxBatches && (onFirstAttempt === 0 || queue.length >= BATCH_ITEMS)) {
      void runBatch(queue.splice(0, BATCH_ITEMS));
    }
    if (queue.length === 0 && underWay === 0) for (const resolve of idleWaiters.splice(0)) resolve();
  }

  async function runBatch(batch: Pending[]): Promise<void> {
    underWay += 1;
    onFirstAttempt += 1;
    let rest = await send(config, dropExpired(clock, batch));
    onFirstAttempt -= 1;
    for (let attempt = 1; rest.length > 0 && attempt < MAX_ATTEMPTS; attempt += 1) {
      schedule();
      await clock.sleep(backoffMs(config, attempt));
      rest = await send(config, dropExpired(clock, rest));
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

const keyOf = (item: AuditItem | undefined): string =>
  `${String(item?.['bucket']?.S)} ${String(item?.['event_key']?.S)}`;

/** Exponential, with a jitter of half: processes that were throttled together must not retry together. */
function backoffMs({ randomness }: AuditGroupCommitConfig, attempt: number): number {
  const full = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempt - 1));
  return full * (0.5 + randomness.publicBytes(1).readUInt8(0) / 512);
}

function dropExpired(clock: Clock, batch: readonly Pending[]): Pending[] {
  const now = clock.now();
  return batch.filter((each) => {
    if (now < each.deadline) return true;
    each.reject(each.failure ?? auditUnavailable());
    return false;
  });
}

/**
 * Sends a batch once, and settles events that are durable or never will be.
 *
 * @returns the events to send again
 */
async function send(config: AuditGroupCommitConfig, batch: readonly Pending[]): Promise<Pending[]> {
  if (batch.length === 0) return [];
  // The same event appended twice is one item; DynamoDB refuses a batch that names a key twice.
  const items = new Map(batch.map(({ key, item }) => [key, item]));
  const requests = Array.from(items.values(), (Item) => ({ PutRequest: { Item } }));
  try {
    const command = new BatchWriteItemCommand({ RequestItems: { [config.table]: requests } });
    const { UnprocessedItems } = await config.client.send(command);
    const left = new Set(UnprocessedItems?.[config.table]?.map(({ PutRequest }) => keyOf(PutRequest?.Item)));
    for (const each of batch) if (!left.has(each.key)) each.resolve();
    if (left.size === 0) return [];
    const failure = auditUnavailable(await unusableAnswer(config.client, 'BatchWriteItem', 'UnprocessedItems'));
    return failed(
      batch.filter(({ key }) => left.has(key)),
      failure,
    );
  } catch (thrown) {
    if (isInvalid(thrown) && batch.length > 1) {
      // An event that the table refuses must not make the others fail.
      return (await Promise.all(batch.map((each) => send(config, [each])))).flat();
    }
    const failure = auditUnavailable(thrown);
    if (failure.outside?.kind === 'outage') return failed(batch, failure);
    for (const each of batch) each.reject(failure);
    return [];
  }
}

function failed(batch: readonly Pending[], failure: KeywardError): Pending[] {
  for (const each of batch) each.failure = failure;
  return [...batch];
}

const INVALID: ReadonlySet<string> = new Set(['SerializationException', 'ValidationException']);
const isInvalid = (thrown: unknown): boolean => thrown instanceof DynamoDBServiceException && INVALID.has(thrown.name);
