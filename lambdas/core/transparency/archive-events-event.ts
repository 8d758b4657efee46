import * as z from 'zod/mini';
import { SECOND_MS } from '../contract/time-units';
import { canonicalJson } from '../crypto/canonical-json';
import { toKeywardError } from '../errors/errors';
import type { Clock } from '../ports/clock';
import { failureFields } from '../ports/failure-fields';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';
import type { ArchiveChanges } from './archive-changes';
import type { EventChange, StoredImage } from './ports/event-change';

/** An item of the audit table: its attributes by name, in DynamoDB's JSON. */
type Item = Readonly<Record<string, unknown>>;

export interface ReadChangesDependencies {
  readonly readImage: (item: Item) => StoredImage;
  /** Name of the table whose stream it is. */
  readonly table: string;
  readonly clock: Pick<Clock, 'now'>;
}

/** Dependencies of the function for a batch of the stream. */
export interface ArchiveEventsUse extends ReadChangesDependencies {
  readonly archiveChanges: ArchiveChanges;
  readonly metrics: Pick<Metrics, 'count'>;
  readonly logger: Logger;
}

const item = z.record(z.string(), z.record(z.string(), z.unknown()));

/** The members of a stream's event that are read (Lambda Developer Guide, "Using AWS Lambda with Amazon DynamoDB"). */
const schema = z.object({
  Records: z
    .array(
      z.object({
        eventSource: z.literal('aws:dynamodb'),
        eventSourceARN: z.string(),
        dynamodb: z.object({
          SequenceNumber: z.string().check(z.minLength(1)),
          /** Seconds since 1970. */
          ApproximateCreationDateTime: z.optional(z.number()),
          NewImage: z.optional(item),
          OldImage: z.optional(item),
        }),
      }),
    )
    .check(z.minLength(1)),
});

type StreamRecord = z.infer<typeof schema>['Records'][number];

/** `arn:aws:dynamodb:<region>:<account>:table/<table>/stream/<time>`. */
const isOf = ({ eventSourceARN }: StreamRecord, table: string): boolean =>
  eventSourceARN.split(':').slice(5).join(':').startsWith(`table/${table}/stream/`);

function parse(event: unknown, table: string): readonly StreamRecord[] | undefined {
  const records = z.safeParse(schema, event).data?.Records;
  return records?.every((record) => isOf(record, table)) === true ? records : undefined;
}

const toChanges = (records: readonly StreamRecord[], deps: ReadChangesDependencies): readonly EventChange[] =>
  records.map(({ dynamodb: { NewImage: after, OldImage: before, ...record } }): EventChange => {
    const { ApproximateCreationDateTime: seconds = deps.clock.now() / SECOND_MS } = record;
    return {
      before: before && deps.readImage(before),
      after: after && deps.readImage(after),
      isEdited: canonicalJson(before ?? null) !== canonicalJson(after ?? null),
      at: seconds * SECOND_MS,
    };
  });

/** The changes of an event of the audit table's stream; undefined for any other. */
export function readChanges(event: unknown, deps: ReadChangesDependencies): readonly EventChange[] | undefined {
  const records = parse(event, deps.table);
  return records && toChanges(records, deps);
}

/**
 * Archives a batch of the audit table's stream. A batch that could not be archived is repeated from its first record on (Lambda
 * Developer Guide, "Configuring partial batch response with DynamoDB and Lambda"): as a whole, because Lambda would cut a batch of a
 * function that throws into halves, and a later object of few lines costs as much as one of many.
 */
export const archiveEventsEvent = {
  name: 'archive-events',
  parse: (event: unknown, { table }: ArchiveEventsUse): readonly StreamRecord[] | undefined => parse(event, table),
  serve: async (records: readonly StreamRecord[], deps: ArchiveEventsUse) => {
    const { archiveChanges, metrics, logger } = deps;
    const changes = toChanges(records, deps);
    try {
      const count = await archiveChanges(changes);
      logger.info('archived', { operation: 'archive-events', count });
      return { batchItemFailures: [] };
    } catch (thrown) {
      metrics.count('archive_failed');
      logger.error(toKeywardError(thrown).message, { operation: 'archive-events', ...failureFields(thrown) });
      return { batchItemFailures: [{ itemIdentifier: (records[0] as StreamRecord).dynamodb.SequenceNumber }] };
    }
  },
};
