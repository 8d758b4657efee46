import { readStoredEvent } from '../../../lambdas/adapters/aws/dynamodb/stored-event';
import type { AuditItem } from '../../../lambdas/adapters/aws/dynamodb/audit-item';
import { KeywardError } from '../../../lambdas/core/errors/errors';
import { archiveEventsEvent, type ArchiveEventsUse } from '../../../lambdas/core/transparency/archive-events-event';
import type { EventChange } from '../../../lambdas/core/transparency/ports/event-change';
import { auditEvent, recordOf } from '../../contract/audit-events';
import { CountingMetrics, TestClock } from '../../doubles/memory-ports';
import { RecordingLogger } from '../../doubles/recording-logger';
import { imageOf, streamRecord } from './stream-record';

function use(archiveChanges: ArchiveEventsUse['archiveChanges']) {
  const [metrics, logger] = [new CountingMetrics(), new RecordingLogger()];
  const deps: ArchiveEventsUse = {
    archiveChanges,
    readImage: (item) => readStoredEvent(item as AuditItem),
    table: 'keyward-audit',
    clock: new TestClock(),
    metrics,
    logger,
  };
  const serve = (...records: unknown[]) =>
    archiveEventsEvent.serve(archiveEventsEvent.parse({ Records: records }, deps)!, deps);
  return { deps, metrics, logger, serve };
}

async function changesOf(...records: unknown[]): Promise<readonly EventChange[]> {
  let changes: readonly EventChange[] = [];
  await use(async (given) => {
    changes = given;
    return given.length;
  }).serve(...records);
  return changes;
}

test('a record of each kind becomes a change, with the event as it was written', async () => {
  const record = recordOf(auditEvent());
  const { nonce, ...event } = record;
  const image = imageOf(record, 90);
  const edited = { ...image, user_id: { S: 'somebody else' } };
  const expiresAt = Date.parse(event.timestamp) + 90 * 86_400_000;
  const at = 1_795_251_600_000;
  const whole = { event, nonce, expiresAt };
  expect(
    await changesOf(
      streamRecord(1, { NewImage: image }),
      streamRecord(2, { OldImage: image, NewImage: edited }),
      streamRecord(3, { OldImage: edited }),
    ),
  ).toEqual([
    { before: undefined, after: whole, isEdited: true, at },
    { before: whole, after: { ...whole, event: { ...event, user_id: 'somebody else' } }, isEdited: true, at },
    { before: { ...whole, event: { ...event, user_id: 'somebody else' } }, after: undefined, isEdited: true, at },
  ]);
});

test.each([
  ['the order of its attributes', (image: object) => Object.fromEntries(Object.entries(image).reverse()), false],
  ['when it may be deleted', (image: object) => ({ ...image, expires_at: { N: '1' } }), true],
  ['an attribute that no event has', (image: object) => ({ ...image, more: { S: 'x' } }), true],
])('a row of which only %s is another', async (_, change, isEdited) => {
  const image = imageOf(recordOf(auditEvent()), 90);
  const [found] = await changesOf(streamRecord(1, { OldImage: image, NewImage: change(image) }));
  expect(found?.isEdited).toBe(isEdited);
});

test('a record without a time has that of the clock', async () => {
  const record = streamRecord(1, { OldImage: imageOf(recordOf(auditEvent())) });
  const { ApproximateCreationDateTime: _, ...dynamodb } = record.dynamodb;
  expect((await changesOf({ ...record, dynamodb }))[0]?.at).toBe(new TestClock().time);
});

describe('an item', () => {
  const image = imageOf(recordOf(auditEvent()));
  const read = async (item: unknown) => (await changesOf(streamRecord(1, { NewImage: item })))[0]?.after;

  test('that may not be deleted has no such time', async () => {
    expect(await read(image)).toMatchObject({ expiresAt: undefined });
    expect(await read({ ...image, expires_at: { N: 'no number' } })).toMatchObject({ expiresAt: undefined });
  });
  test('that notes a provider is no event', async () => {
    expect(await read({ bucket: { S: 'used#openai' }, event_key: { S: 'used' } })).toBeUndefined();
  });
  test.each([
    ['no id', { id: { S: 'x' }, event_key: { S: '2026-11-21T09:00:00.000Z#x' } }],
    ['no time', { event_key: { S: `x#${'a'.repeat(32)}` } }],
  ])('with %s is unreadable', async (_, change) => {
    expect(await read({ ...image, ...change })).toBe('unreadable');
  });
  test.each([
    ['none', undefined],
    ['one that is too short', { S: 'AAAA' }],
    ['one that is not in its only form', { S: `${'A'.repeat(42)}B=` }],
    ['a number', { N: '1' }],
  ])('with a nonce that is %s has none', async (_, nonce) => {
    const { nonce: _own, ...rest } = image;
    expect(await read(nonce === undefined ? rest : { ...rest, nonce })).toMatchObject({ nonce: undefined });
  });
});

test('a batch that is archived is done', async () => {
  const { serve, metrics } = use(async (changes) => changes.length);
  await expect(serve(streamRecord(7, {}))).resolves.toEqual({ batchItemFailures: [] });
  expect(metrics.of('archive_failed')).toBe(0);
});

test('a batch that is not is repeated as a whole, whatever failed', async () => {
  for (const error of [
    new KeywardError('store_unavailable', 'the bucket did not answer; try again'),
    new Error('canary'),
  ]) {
    const { serve, metrics, logger } = use(() => Promise.reject(error));
    await expect(serve(streamRecord(7, {}), streamRecord(8, {}))).resolves.toEqual({
      batchItemFailures: [{ itemIdentifier: '7' }],
    });
    expect(metrics.of('archive_failed')).toBe(1);
    expect(logger.lines).toMatchObject([{ level: 'error', fields: { operation: 'archive-events' } }]);
    expect(JSON.stringify(logger.given)).not.toContain('canary');
  }
});

test.each([
  ['of another table', { eventSourceARN: 'arn:aws:dynamodb:us-east-1:111111111111:table/keyward-auditing/stream/1' }],
  ['of a table, not of its stream', { eventSourceARN: 'arn:aws:dynamodb:us-east-1:111111111111:table/keyward-audit' }],
  ['of another service', { eventSource: 'aws:kinesis' }],
  ['without a place in the stream', { dynamodb: { NewImage: {} } }],
  ['with a place that is empty', { dynamodb: { SequenceNumber: '' } }],
])('a record %s is refused with the batch that it is in', (_, change) => {
  const { deps } = use(async () => 0);
  const good = streamRecord(1, {});
  expect(archiveEventsEvent.parse({ Records: [good] }, deps)).toHaveLength(1);
  expect(archiveEventsEvent.parse({ Records: [good, streamRecord(2, {}, change)] }, deps)).toBeUndefined();
});
