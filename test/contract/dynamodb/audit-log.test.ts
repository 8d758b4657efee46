import { PutItemCommand, ScanCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import {
  createAuditLog,
  createAuditSink,
  type AuditLogConfig,
} from '../../../lambdas/adapters/aws/dynamodb/dynamodb-audit-log';
import { KeywardError } from '../../../lambdas/core/errors/errors';
import type { AuditReader, AuditSink } from '../../../lambdas/core/audit/ports/audit-log';
import { TestClock } from '../../doubles/memory-ports';
import { appendAll, auditEvent, recordOf } from '../audit-events';
import {
  at,
  auditReaderContract,
  auditSinkContract,
  readAll,
  singleAppendContract,
  someDay,
  WHOLE_DAY,
} from '../audit-log.contract';
import { keeps } from '../contract';
import { randomName } from '../random-name';
import { dropAnswer, dropRequest, pass, unavailable } from './faulty-proxy';
import { faultsOf, useDynamoDB } from './use-dynamodb';

const DAY_MS = 86_400_000;

const endpoint = useDynamoDB();
const clock = new TestClock();
const newLog = (change: Partial<AuditLogConfig> = {}): AuditSink & AuditReader =>
  createAuditLog({ client: endpoint().client, table: endpoint().tables.audit, providers: [], clock, ...change });

const open = () => {
  const rival = newLog({ client: endpoint().direct });
  return {
    port: newLog(),
    rival,
    reader: rival,
    sink: rival,
    clock,
    faults: faultsOf(endpoint().proxy),
    openFor: (providers: readonly string[], maxReads: number) => newLog({ providers, maxReads }),
  };
};
keeps('createAuditLog', auditSinkContract, open);
keeps('createAuditLog', singleAppendContract, open);
keeps('createAuditLog', auditReaderContract, open);

const openSink = () => ({
  ...open(),
  port: createAuditSink({ client: endpoint().client, table: endpoint().tables.audit }),
});
keeps('createAuditSink', auditSinkContract, openSink);
keeps('createAuditSink', singleAppendContract, openSink);

describe('beyond the contract', () => {
  let provider: string;
  beforeEach(() => {
    provider = randomName('p');
  });

  const rowsOf = async (of: string) => {
    const command = new ScanCommand({
      TableName: endpoint().tables.audit,
      FilterExpression: 'provider = :provider',
      ExpressionAttributeValues: { ':provider': { S: of } },
    });
    return (await endpoint().direct.send(command)).Items ?? [];
  };

  describe('append', () => {
    it('writes one item a call', async () => {
      await newLog().append(recordOf(auditEvent({ provider })));
      expect([...endpoint().proxy.calls]).toStrictEqual([['PutItem', 1]]);
    });

    it.each([
      ['was applied', dropAnswer],
      ['did not arrive', dropRequest],
    ])('resolves when the SDK retries a write that %s', async (_name, fault) => {
      const event = auditEvent({ provider });
      endpoint().proxy.next('PutItem', fault, pass);
      await newLog({ client: endpoint().newClient({ maxAttempts: 2 }) }).append(recordOf(event));
      await expect(newLog().query({ ...WHOLE_DAY, provider })).resolves.toStrictEqual({ events: [event] });
    });

    it('keeps the nonce in the row, which no reading gives back; a row of an earlier release has none', async () => {
      const record = recordOf(auditEvent({ provider }));
      await newLog().append(record);
      const { nonce, ...event } = record;
      const [row] = await rowsOf(provider);
      expect(row?.['nonce']).toStrictEqual({ S: nonce });
      await expect(newLog().query({ ...WHOLE_DAY, provider })).resolves.toStrictEqual({ events: [event] });
      const { nonce: _, ...older } = row ?? {};
      const read = async (Item: Record<string, AttributeValue>) => {
        await endpoint().direct.send(new PutItemCommand({ TableName: endpoint().tables.audit, Item }));
        return (await newLog().query({ ...WHOLE_DAY, provider })).events;
      };
      expect(await read(older)).toStrictEqual([event]);
      expect(await read({ ...older, nonce: { S: 'edited' } })).toStrictEqual([{ ...event, damaged: true }]);
      expect(await read({ ...older, nonce: { N: '1' } })).toStrictEqual([{ ...event, damaged: true }]);
    });

    it('rejects on 503', async () => {
      endpoint().proxy.next('PutItem', unavailable);
      await expect(newLog().append(recordOf(auditEvent({ provider })))).rejects.toMatchObject({
        code: 'audit_unavailable',
      });
    });

    it('marks an event for TTL only where a retention is configured', async () => {
      const kept = auditEvent({ provider });
      const expiring = auditEvent({ provider });
      await newLog().append(recordOf(kept));
      await newLog({ retentionDays: 400 }).append(recordOf(expiring));
      const expiry = Object.fromEntries((await rowsOf(provider)).map((item) => [item['id']!.S!, item['expires_at']]));
      expect(expiry).toStrictEqual({
        [kept.id]: undefined,
        [expiring.id]: { N: String(Date.parse(expiring.timestamp) / 1000 + 400 * 86_400) },
      });
      await expect(newLog().query({ ...WHOLE_DAY, provider })).resolves.toMatchObject({ events: { length: 2 } });
    });
  });

  describe('query', () => {
    // During a deployment, functions of the previous release read what new ones write.
    it('leaves out what a newer release knows of an event, and takes the event for whole', async () => {
      const { metadata, ...event } = auditEvent({ provider });
      const ofANewerRelease = { ...metadata, of_a_newer_release: 'x' };
      await newLog().append(recordOf({ ...event, metadata: ofANewerRelease }));
      await expect(newLog().query({ ...WHOLE_DAY, provider })).resolves.toStrictEqual({
        events: [{ ...event, metadata }],
      });
    });

    it('shows what providers did that are stored and not configured any more, without being asked for them', async () => {
      const start = someDay();
      const gone = randomName('gone');
      const events = [provider, gone].map((of, index) => auditEvent({ provider: of, timestamp: at(start + index) }));
      const query = { from: at(start), to: at(start + 1_000), limit: 10 };
      await appendAll({ sink: newLog() }, events);
      const providers = [provider];
      expect((await newLog({ providers }).query(query)).events).toStrictEqual([events[0]]);
      const log = newLog({ providers, stored: () => Promise.resolve([provider, gone]) });
      expect((await log.query(query)).events).toStrictEqual([events[1], events[0]]);
      expect((await log.query({ ...query, provider })).events).toStrictEqual([events[0]]);
      const blind = newLog({ stored: () => Promise.reject(new KeywardError('store_unavailable', 'no')) });
      await expect(blind.query(query)).rejects.toMatchObject({ code: 'store_unavailable' });
    });

    it('makes at most so many reads a call, and goes on where it stopped', async () => {
      const start = someDay();
      const event = auditEvent({ provider, timestamp: at(start) });
      await newLog().append(recordOf(event));
      endpoint().proxy.reset();
      const query = { from: at(start), to: at(start + 9 * DAY_MS), limit: 10, provider };
      const log = newLog({ maxReads: 40 });
      const first = await log.query(query);
      expect(first).toStrictEqual({
        events: [],
        next: { timestamp: at(start + 8 * DAY_MS), id: '0'.repeat(32) },
      });
      expect(endpoint().proxy.calls.get('Query')).toBe(32);
      await expect(readAll(log, query)).resolves.toStrictEqual({ events: [event], pages: 5 });
    });

    it('begins no day after its time is up, and goes on where it stopped', async () => {
      const start = someDay();
      const events = [0, 1, 2].map((day) => auditEvent({ provider, timestamp: at(start + day * DAY_MS) }));
      await appendAll({ sink: newLog() }, events);
      const slow = new TestClock();
      // One read per bucket and day, 16 a day: the 17th read exceeds four seconds.
      endpoint().proxy.every('Query', ({ forward }) => {
        slow.time += 4_000 / 17;
        return forward();
      });
      const query = { from: at(start), to: at(start + 2 * DAY_MS), limit: 10, provider };
      const log = newLog({ clock: slow });
      endpoint().proxy.calls.clear();
      const first = await log.query(query);
      expect(first).toStrictEqual({
        events: [events[2], events[1]],
        next: { timestamp: at(start + DAY_MS), id: '0'.repeat(32) },
      });
      expect(endpoint().proxy.calls.get('Query')).toBe(32);
      await expect(readAll(log, query)).resolves.toStrictEqual({ events: [...events].reverse(), pages: 2 });
    });

    it('begins no round of reads of a day after its time is up, and goes on where it stopped', async () => {
      const needle = auditEvent({ provider, timestamp: '2026-11-21T01:00:00.000Z', request_id: 'needle' });
      const hidden = Array.from({ length: 210 }, () => auditEvent({ provider, id: `${auditEvent().id.slice(1)}7` }));
      const sink = newLog({ client: endpoint().direct });
      await appendAll({ sink }, [needle, ...hidden]);
      const slow = new TestClock();
      endpoint().proxy.every('Query', ({ forward }) => {
        slow.time += 4_000 / 16;
        return forward();
      });
      endpoint().proxy.calls.clear();
      const log = newLog({ clock: slow });
      const query = { ...WHOLE_DAY, provider, request_id: 'needle' };
      const first = await log.query(query);
      expect([first.events, first.next !== undefined]).toStrictEqual([[], true]);
      expect(endpoint().proxy.calls.get('Query')).toBe(16);
      await expect(readAll(log, query)).resolves.toStrictEqual({ events: [needle], pages: 2 });
    });

    it('reads consistently', async () => {
      const consistent: unknown[] = [];
      endpoint().proxy.every('Query', ({ body, forward }) => {
        consistent.push((JSON.parse(body) as { ConsistentRead?: boolean }).ConsistentRead);
        return forward();
      });
      await newLog().query({ ...WHOLE_DAY, provider });
      expect(consistent).toStrictEqual(Array.from({ length: 16 }, () => true));
    });

    it('finds a needle among events that a filter hides, more than one read holds', async () => {
      const log = newLog();
      const needle = auditEvent({ provider, timestamp: '2026-11-21T01:00:00.000Z', event_type: 'rotate' });
      const hidden = Array.from({ length: 450 }, () => auditEvent({ provider, id: `${auditEvent().id.slice(1)}7` }));
      // Without the proxy, which makes a connection for every call.
      const sink = newLog({ client: endpoint().direct });
      await appendAll({ sink }, [needle, ...hidden]);
      const query = { ...WHOLE_DAY, provider, event_type: 'rotate' as const, limit: 5 };
      const generous = await readAll(log, query);
      expect(generous).toStrictEqual({ events: [needle], pages: 1 });
      const frugal = await readAll(newLog({ maxReads: 1 }), query);
      expect(frugal.events).toStrictEqual([needle]);
      expect(frugal.pages).toBeGreaterThan(1);
    });

    it('fails as a whole where one read fails', async () => {
      endpoint().proxy.next('Query', pass, pass, unavailable);
      await expect(newLog().query({ ...WHOLE_DAY, provider })).rejects.toMatchObject({ code: 'store_unavailable' });
    });
  });

  describe('what was ever in use', () => {
    it('is marked apart from events, for good', async () => {
      await newLog({ retentionDays: 1 }).markUsed(provider);
      const { Items = [] } = await endpoint().direct.send(
        new ScanCommand({
          TableName: endpoint().tables.audit,
          FilterExpression: '#bucket = :bucket',
          ExpressionAttributeNames: { '#bucket': 'bucket' },
          ExpressionAttributeValues: { ':bucket': { S: `used#${provider}` } },
        }),
      );
      expect(Items.map((item) => Object.keys(item).sort())).toStrictEqual([['bucket', 'event_key']]);
    });

    it('is told from recent events alone, by consistent reads', async () => {
      await newLog().append(recordOf(auditEvent({ provider, timestamp: at(clock.now() - 3 * DAY_MS) })));
      const consistent: unknown[] = [];
      for (const operation of ['GetItem', 'Query']) {
        endpoint().proxy.every(operation, ({ body, forward }) => {
          consistent.push((JSON.parse(body) as { ConsistentRead?: boolean }).ConsistentRead);
          return forward();
        });
      }
      await expect(newLog().wasUsed(provider)).resolves.toBe(false);
      expect(consistent).toStrictEqual(Array.from({ length: 1 + 2 * 16 }, () => true));
    });

    it('is not told where the events do not answer, though the mark does', async () => {
      endpoint().proxy.every('Query', unavailable);
      await expect(newLog().wasUsed(provider)).rejects.toMatchObject({ code: 'store_unavailable' });
    });
  });
});
