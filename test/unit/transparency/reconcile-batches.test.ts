import type { AuditEvent } from '../../../lambdas/core/audit/audit-event';
import { recordOf } from '../../contract/audit-events';
import { START } from './publisher-world';
import { eventOf, reconciliationWorld } from './reconciliation-world';
import { imageOf, streamRecord } from './stream-record';

const BATCHES = { kind: 'batches' } as const;
const KEY = 'aws/lambda/0f/shardId-1/2026/11/27/2026-11-27T10.00.00-0000000';

/** A record of a failure in S3 (Lambda Developer Guide, "Retain discarded records for a DynamoDB event source"). */
const failure = (payload: unknown): Buffer =>
  Buffer.from(
    JSON.stringify({
      requestContext: { requestId: 'x', condition: 'RecordAgeExpired', approximateInvokeCount: 60 },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: null },
      version: '1.0',
      timestamp: '2026-11-28T06:00:00.000Z',
      DDBStreamBatchInfo: { shardId: 'shardId-1', startSequenceNumber: '1', endSequenceNumber: '2', batchSize: 2 },
      payload,
    }),
  );
const eventOfStream = (events: readonly AuditEvent[]) => ({
  Records: events.map((event, at) => streamRecord(at + 1, { NewImage: imageOf(recordOf(event), 90) })),
});
const batch = (...events: AuditEvent[]): Buffer => failure(JSON.stringify(eventOfStream(events)));
const ids = (...numbers: number[]): string[] => numbers.map((number) => eventOf(number).id);

async function world(...logged: number[]) {
  const w = reconciliationWorld();
  if (logged.length > 0) w.archive(logged.map((number) => eventOf(number)));
  await w.log.publish();
  const before = w.archivedIds().length;
  return { ...w, added: () => w.archivedIds().slice(before) };
}

test('what no log has of a batch is archived, and the batch stays where it is', async () => {
  const w = await world(1, 5);
  w.failed.set(`${KEY}1`, batch(eventOf(0), eventOf(1), eventOf(4))).set(`${KEY}2`, batch(eventOf(5)));
  await w.start()(BATCHES);
  expect(w.added()).toEqual(ids(0, 4));
  expect(w.failed.size).toBe(2);
  expect(w.records.size).toBe(2);
  expect(w.metrics.of('failed_batch_unreadable')).toBe(0);
});

test('a batch is read back once', async () => {
  const w = await world();
  w.failed.set(KEY, batch(eventOf(0)));
  for (let run = 0; run < 3; run += 1) await w.start()(BATCHES);
  expect(w.added()).toEqual(ids(0));
  expect([...w.records.values()].map((bytes) => JSON.parse(bytes.toString()) as unknown)).toEqual([
    { key: KEY, outcome: 'read' },
  ]);
});

test('an edited event of a batch raises its alarm now', async () => {
  const w = await world();
  const image = imageOf(recordOf(eventOf(0)), 90);
  const edited = streamRecord(1, { OldImage: image, NewImage: { ...image, user_id: { S: 'somebody else' } } });
  w.failed.set(KEY, failure(JSON.stringify({ Records: [edited] })));
  await w.start()(BATCHES);
  expect(w.metrics.of('event_tampered')).toBe(1);
  expect(w.added()).toEqual(ids(0));
});

test.each([
  ['no JSON', Buffer.from('{')],
  ['no UTF-8', Buffer.from([0xff])],
  ['no record', Buffer.from('[]')],
  ['without its event', failure(undefined)],
  ['with half of its event', failure(JSON.stringify(eventOfStream([eventOf(0)])).slice(0, -1))],
  [
    'of another table',
    failure(JSON.stringify({ Records: [streamRecord(1, {}, { eventSourceARN: 'arn:aws:dynamodb:x:1:table/y' })] })),
  ],
])('a batch that is %s raises one alarm, and does not stop the next', async (_, bytes) => {
  const w = await world();
  w.failed.set(`${KEY}1`, bytes).set(`${KEY}2`, batch(eventOf(0)));
  for (let run = 0; run < 2; run += 1) await w.start()(BATCHES);
  expect(w.metrics.of('failed_batch_unreadable')).toBe(1);
  expect(w.added()).toEqual(ids(0));
  expect(w.logger.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
});

test('a fault that lies in a batch does not stop the next', async () => {
  const w = await world();
  w.failed.set(`${KEY}1`, batch(eventOf(0))).set(`${KEY}2`, batch(eventOf(1)));
  const add = w.log.archive.set.bind(w.log.archive);
  let isFirst = true;
  w.log.archive.set = (hour, objects) => {
    if (!isFirst) return add(hour, objects);
    isFirst = false;
    throw new TypeError('canary');
  };
  await w.start()(BATCHES);
  expect(w.metrics.of('failed_batch_unreadable')).toBe(1);
  expect(w.added()).toEqual(ids(1));
  expect(JSON.stringify(w.logger.given)).not.toContain('canary');
});

test('while the index cannot be read, the message stays, and so does the batch', async () => {
  const w = await world(1);
  w.failed.set(KEY, batch(eventOf(1)));
  for (const path of [...w.log.store.keys()].filter((each) => each.startsWith('index/'))) {
    w.log.store.set(path, Buffer.from('edited'));
  }
  await expect(w.start()(BATCHES)).rejects.toMatchObject({ code: 'store_unavailable' });
  expect(w.records.size).toBe(0);
});

test('other objects of the bucket are none', async () => {
  const w = await world();
  w.failed.set('somebody/elses', batch(eventOf(0)));
  await w.start()(BATCHES);
  expect(w.added()).toEqual([]);
});

test('one that expires between its listing and its reading is left out', async () => {
  const w = await world();
  w.failed.set(KEY, batch(eventOf(0)));
  w.failed.get = () => undefined;
  await w.start()(BATCHES);
  expect(w.records.size).toBe(0);
});

test('short of time, and cut off before or after any call: each event is in the log once', async () => {
  const make = async () => {
    const w = await world(1);
    for (const number of [0, 1, 2]) w.failed.set(`${KEY}${number}`, batch(eventOf(number), eventOf(number + 1)));
    w.messages.push(BATCHES);
    return w;
  };
  const short = { deadline: 0, begin: false };
  const { count } = await (await make()).drain([], short);
  for (let at = 0; at < count; at += 1) {
    for (const how of ['before', 'after', 'twice'] as const) {
      const w = await make();
      await w.drain([{ at, how }], short);
      w.log.now = START + 1;
      await w.log.publish();
      expect({ at, how, logged: w.logged() }).toEqual({ at, how, logged: ids(0, 1, 2, 3).toSorted() });
      expect(w.records.size).toBe(3);
    }
  }
});
