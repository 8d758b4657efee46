import { toAuditItem } from '../../../lambdas/adapters/aws/dynamodb/audit-item';
import type { AuditRecord } from '../../../lambdas/core/audit/audit-record';

/** An image as a stream has it: an item in DynamoDB's JSON. */
export type Image = ReturnType<typeof toAuditItem>;

export const imageOf = (record: AuditRecord, retentionDays?: number): Image => toAuditItem(record, retentionDays);

/** A record of the audit table's stream, as Lambda gives it to a function. */
export const streamRecord = (
  sequence: number,
  images: { readonly NewImage?: unknown; readonly OldImage?: unknown },
  change: Readonly<Record<string, unknown>> = {},
) => ({
  eventID: `event-${sequence}`,
  eventName: images.OldImage === undefined ? 'INSERT' : images.NewImage === undefined ? 'REMOVE' : 'MODIFY',
  eventVersion: '1.1',
  eventSource: 'aws:dynamodb',
  awsRegion: 'us-east-1',
  eventSourceARN: 'arn:aws:dynamodb:us-east-1:111111111111:table/keyward-audit/stream/2026-11-21T00:00:00.000',
  dynamodb: {
    ApproximateCreationDateTime: 1_795_251_600,
    SequenceNumber: String(sequence),
    SizeBytes: 1_000,
    StreamViewType: 'NEW_AND_OLD_IMAGES',
    ...images,
  },
  ...change,
});
