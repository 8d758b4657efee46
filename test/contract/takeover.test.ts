import { BatchWriteItemCommand, PutItemCommand, ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toAuditItem } from '../../lambdas/adapters/aws/dynamodb/audit-item';
import { createAuditLog } from '../../lambdas/adapters/aws/dynamodb/dynamodb-audit-log';
import { createOpenIntents } from '../../lambdas/adapters/aws/dynamodb/dynamodb-open-intents';
import { auditBucket, auditEventKey } from '../../lambdas/adapters/aws/dynamodb/dynamodb-tables';
import type { AuditEvent } from '../../lambdas/core/audit/audit-event';
import { openDiskJournalFiles } from '../../local/journal/disk-journal-files';
import { createJournalReader } from '../../local/journal/journal-reader';
import { JournalSearches } from '../../local/journal/journal-searches';
import { OlderRows } from '../../local/journal/older-rows';
import { Takeover } from '../../local/journal/takeover';
import { TestClock } from '../doubles/memory-ports';
import { RecordingLogger } from '../doubles/recording-logger';
import { until } from '../until';
import { auditEvent, newestFirst, recordOf } from './audit-events';
import { readAll } from './audit-log.contract';
import { useDynamoDB } from './dynamodb/use-dynamodb';

const PERIOD = { from: '2026-11-01T00:00:00.000Z', to: '2026-12-31T00:00:00.000Z', limit: 100 };

const endpoint = useDynamoDB();
const directory = mkdtempSync(join(tmpdir(), 'keyward-takeover-'));
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

const TIMES = ['05T23:59:59.999', '06T00:00:00.000', '06T00:00:00.001', '07T10:00:00.000'];
const keyOf = ({ provider, timestamp, id }: AuditEvent) => ({
  bucket: { S: auditBucket(provider, timestamp, id) },
  event_key: { S: auditEventKey(timestamp, id) },
});

it('takes rows of every provider over as they are shown, edited ones too, and leaves the marks of use', async () => {
  const { direct: client, tables } = endpoint();
  const table = tables.audit;
  const clock = new TestClock();
  clock.time = Date.parse('2026-11-27T00:00:00.000Z');
  // One provider is no longer configured: a page of the older log would not show its events.
  const events = ['openai', 'gone', null].flatMap((provider) =>
    TIMES.flatMap((time) => Array.from({ length: 10 }, () => auditEvent({ provider, timestamp: `2026-11-${time}Z` }))),
  );
  for (let start = 0; start < events.length; start += 25) {
    const requests = events.slice(start, start + 25).map((event) => ({
      PutRequest: { Item: toAuditItem(recordOf(event), undefined) },
    }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }));
  }
  const log = createAuditLog({ client, table, providers: ['openai'], clock });
  await log.markUsed('marked');
  const edited = events[0]!;
  await client.send(
    new UpdateItemCommand({
      TableName: table,
      Key: keyOf(edited),
      UpdateExpression: 'REMOVE provider, request_id SET success = :text',
      ExpressionAttributeValues: { ':text': { S: 'yes' } },
    }),
  );
  const odd = { bucket: { S: 'openai#2026-11-06#00' }, event_key: { S: 'odd' } };
  await client.send(new PutItemCommand({ TableName: table, Item: odd }));

  const logger = new RecordingLogger();
  const rows = new OlderRows(client, table);
  const open = async () =>
    Takeover.open({
      rows,
      files: await openDiskJournalFiles(directory),
      reader: { ...log, ...createOpenIntents({ client, table, clock }) },
      clock,
      logger,
    });
  const takeover = await open();
  const reader = createJournalReader({
    tell: () => undefined,
    searches: new JournalSearches({ directory, clock, onDamage: () => undefined }),
    older: () => takeover.older(),
    marks: log,
    clock,
  });
  await expect(reader.get(events[1]!)).resolves.toStrictEqual(events[1]);
  await expect(reader.get({ ...events[1]!, id: '0'.repeat(32) })).resolves.toBeUndefined();
  await expect(reader.wasUsed('marked')).resolves.toBe(true);
  takeover.start();
  await until('the rows are erased', () => takeover.isDone);
  expect(logger.lines.map(({ level, fields }) => [level, fields?.count])).toStrictEqual([
    ['info', 120],
    ['warn', 1],
    ['info', 120],
    ['info', 120],
  ]);
  const expected = events
    .map((event) => (event === edited ? { ...event, request_id: '', success: null, damaged: true as const } : event))
    .sort(newestFirst);
  const { events: shown } = await readAll(reader, PERIOD);
  expect(shown).toStrictEqual(expected);
  for (const event of [expected[0]!, expected.at(-1)!]) await expect(reader.get(event)).resolves.toStrictEqual(event);
  const { Items = [] } = await client.send(new ScanCommand({ TableName: table }));
  expect(Items.map(({ event_key: key }) => key!.S).sort()).toStrictEqual(['odd', 'used']);
  await expect(reader.wasUsed('marked')).resolves.toBe(true);
  await expect(reader.wasUsed('unknown')).resolves.toBe(false);
  expect((await open()).older()).toBeUndefined();
});
