import { randomInt } from 'node:crypto';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { createAuditLog, type AuditLogConfig } from '../../lambdas/adapters/aws/dynamodb-audit-log';
import type { AuditEvent, AuditEventType } from '../../lambdas/core/domain/audit-event';
import { KeywardError } from '../../lambdas/core/domain/errors';
import type { AuditPosition, AuditQuery, AuditReader, AuditSink } from '../../lambdas/core/ports/audit-log';
import { TestClock } from '../doubles/memory-ports';
import { auditEvent, newestFirst } from './audit-events';
import { randomName, type DynamoDBEndpoint } from './dynamodb-endpoint';
import { dropAnswer, dropRequest, pass, unavailable } from './faulty-proxy';

const DAY_MS = 86_400_000;

/** What every AuditReader, and the AuditSink that writes one event at a time, keep, against a DynamoDB. */
export function auditLogContract(endpoint: () => DynamoDBEndpoint): void {
  let provider: string;
  let clock: TestClock;
  beforeEach(() => {
    endpoint().proxy.reset();
    provider = randomName('p');
    clock = new TestClock();
  });

  const newLog = (change: Partial<AuditLogConfig> = {}, maxAttempts = 1): AuditSink & AuditReader =>
    createAuditLog({
      client: endpoint().newClient({ maxAttempts }),
      table: endpoint().tables.audit,
      providers: [provider],
      clock,
      ...change,
    });
  /** A day of its own, so that events without a provider meet no others. */
  const someDay = (): number => Date.UTC(randomInt(2000, 2900), randomInt(12), randomInt(1, 28));
  const at = (time: number): string => new Date(time).toISOString();
  const wholeDay = { from: '2026-11-21T00:00:00.000Z', to: '2026-11-21T23:59:59.999Z', limit: 100 };

  /** Reads page after page to the end. */
  async function readAll(log: AuditReader, query: AuditQuery): Promise<{ events: AuditEvent[]; pages: number }> {
    const events: AuditEvent[] = [];
    let before: AuditPosition | undefined;
    for (let pages = 1; ; pages += 1) {
      const page = await log.query({ ...query, ...(before !== undefined && { before }) });
      expect(page.events.length).toBeLessThanOrEqual(query.limit);
      events.push(...page.events);
      if (page.next === undefined) return { events, pages };
      // Every page moves on, or the reader would never come to an end.
      if (before !== undefined) {
        expect(`${page.next.timestamp}#${page.next.id}` < `${before.timestamp}#${before.id}`).toBe(true);
      }
      before = page.next;
    }
  }

  it('shows what providers did that are stored and not configured any more, without being asked for them', async () => {
    const start = someDay();
    const gone = randomName('gone');
    const events = [provider, gone].map((of, index) => auditEvent({ provider: of, timestamp: at(start + index) }));
    const query = { from: at(start), to: at(start + 1_000), limit: 10 };
    await Promise.all(events.map((event) => newLog().append(event)));
    expect((await newLog().query(query)).events).toStrictEqual([events[0]]);
    const log = newLog({ stored: () => Promise.resolve([provider, gone]) });
    expect((await log.query(query)).events).toStrictEqual([events[1], events[0]]);
    expect((await log.query({ ...query, provider })).events).toStrictEqual([events[0]]);
    const blind = newLog({ stored: () => Promise.reject(new KeywardError('store_unavailable', 'no')) });
    await expect(blind.query(query)).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  describe('append', () => {
    it('keeps an event with every member, and one with as few as there can be', async () => {
      const full = auditEvent({
        provider,
        success: false,
        error_message: 'the ciphertext could not be decrypted',
        metadata: {
          code: 'decryption_failed',
          reason: 'authentication_failed',
          operation: 'decrypt',
          phase: 'outcome',
          outcome: 'unknown',
          write_id: 'w',
          credential: 'default',
          revision: 7,
          count: 0,
          first_at: '2026-11-21T08:00:00.000Z',
          last_at: '2026-11-21T08:01:00.000Z',
        },
      });
      const sparse = auditEvent({
        provider,
        timestamp: '2026-11-21T10:00:00.000Z',
        user_id: null,
        ip_address: null,
        user_agent: null,
        success: null,
        key_version: null,
        token_sha256: null,
        metadata: {},
      });
      const log = newLog();
      await log.append(full);
      await log.append(sparse);
      const page = await log.query({ ...wholeDay, provider });
      expect(page).toStrictEqual({ events: [sparse, full] });
    });

    it('leaves out a member of metadata that is undefined', async () => {
      const event = auditEvent({ provider });
      const metadata = { operation: 'decrypt', code: undefined } as unknown as AuditEvent['metadata'];
      await newLog().append({ ...event, metadata });
      await expect(newLog().query({ ...wholeDay, provider })).resolves.toStrictEqual({ events: [event] });
    });

    it('changes nothing when the same event is appended again', async () => {
      const event = auditEvent({ provider });
      const log = newLog();
      await log.append(event);
      await log.append(event);
      await expect(log.query({ ...wholeDay, provider })).resolves.toStrictEqual({ events: [event] });
    });

    it('writes one item a call, on the condition that it is not there', async () => {
      await newLog().append(auditEvent({ provider }));
      expect([...endpoint().proxy.calls]).toStrictEqual([['PutItem', 1]]);
    });

    it('resolves when the SDK retries a write that was applied', async () => {
      const event = auditEvent({ provider });
      endpoint().proxy.next('PutItem', dropAnswer, pass);
      await newLog({}, 2).append(event);
      await expect(newLog().query({ ...wholeDay, provider })).resolves.toStrictEqual({ events: [event] });
    });

    it.each([
      ['a lost answer', dropAnswer],
      ['a lost request', dropRequest],
      ['503', unavailable],
    ])('rejects on %s', async (_name, fault) => {
      endpoint().proxy.next('PutItem', fault);
      await expect(newLog().append(auditEvent({ provider }))).rejects.toMatchObject({ code: 'audit_unavailable' });
    });

    it('marks an event for TTL only where a retention is configured', async () => {
      const kept = auditEvent({ provider });
      const expiring = auditEvent({ provider });
      await newLog().append(kept);
      await newLog({ retentionDays: 400 }).append(expiring);
      const { Items = [] } = await endpoint().direct.send(
        new ScanCommand({
          TableName: endpoint().tables.audit,
          FilterExpression: 'provider = :provider',
          ExpressionAttributeValues: { ':provider': { S: provider } },
        }),
      );
      const expiry = Object.fromEntries(Items.map((item) => [item['id']!.S!, item['expires_at']]));
      expect(expiry).toStrictEqual({
        [kept.id]: undefined,
        [expiring.id]: { N: String(Date.parse(expiring.timestamp) / 1000 + 400 * 86_400) },
      });
      await expect(newLog().query({ ...wholeDay, provider })).resolves.toMatchObject({ events: { length: 2 } });
    });
  });

  describe('query', () => {
    it('has nothing where there is nothing, and where the period ends before it begins', async () => {
      const log = newLog();
      await expect(log.query({ ...wholeDay, provider })).resolves.toStrictEqual({ events: [] });
      const inverted = { from: wholeDay.to, to: wholeDay.from, limit: 5, provider };
      await expect(log.query(inverted)).resolves.toStrictEqual({ events: [] });
      const before = { timestamp: '2026-11-20T23:59:59.999Z', id: 'f'.repeat(32) };
      await expect(log.query({ ...wholeDay, provider, before })).resolves.toStrictEqual({ events: [] });
    });

    it('includes both ends of the period, to the millisecond', async () => {
      const log = newLog();
      const times = ['08:59:59.999', '09:00:00.000', '09:00:00.001', '09:00:00.002'];
      const events = times.map((time) => auditEvent({ provider, timestamp: `2026-11-21T${time}Z` }));
      await Promise.all(events.map((event) => log.append(event)));
      const query = { from: events[1]!.timestamp, to: events[2]!.timestamp, limit: 10, provider };
      await expect(log.query(query)).resolves.toStrictEqual({ events: [events[2], events[1]] });
    });

    it('ignores a position that is newer than the period', async () => {
      const event = auditEvent({ provider });
      await newLog().append(event);
      const before = { timestamp: '2026-11-23T00:00:00.000Z', id: '0'.repeat(32) };
      await expect(newLog().query({ ...wholeDay, provider, before })).resolves.toStrictEqual({ events: [event] });
    });

    it('pages through more events in one millisecond than a page holds', async () => {
      const log = newLog();
      const events = Array.from({ length: 90 }, () => auditEvent({ provider }));
      await Promise.all(events.map((event) => log.append(event)));
      for (const limit of [7, 89, 90, 91]) {
        const read = await readAll(log, { ...wholeDay, limit, provider });
        expect(read.events).toStrictEqual([...events].sort(newestFirst));
      }
    });

    it('ends without another page exactly at the end', async () => {
      const log = newLog();
      // In different buckets: where a read of one is filled to the brim, only the next one can tell that it was the last.
      const events = ['1', '2', '3'].map((digit) => auditEvent({ provider, id: digit.repeat(32) }));
      await Promise.all(events.map((event) => log.append(event)));
      const page = await log.query({ ...wholeDay, limit: 3, provider });
      expect(page.events).toHaveLength(3);
      expect(page.next).toBeUndefined();
    });

    it('never skips or repeats an event, whatever the filters, page sizes and budgets', async () => {
      const types: AuditEventType[] = ['decrypt', 'encrypt', 'config_change'];
      const users = ['arn:aws:iam::000000000000:user/a', 'arn:aws:iam::000000000000:user/b', null];
      await fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.record({
              minute: fc.integer({ min: 0, max: 4 * 1440 - 1 }),
              at: fc.constantFrom(0, 1, 59_999),
              provider: fc.constantFrom(0, 0, 1, 2),
              type: fc.constantFrom(...types),
              user: fc.constantFrom(...users),
              success: fc.constantFrom(true, false, null),
              copies: fc.integer({ min: 1, max: 4 }),
            }),
            { maxLength: 40 },
          ),
          fc.record({
            from: fc.integer({ min: -DAY_MS, max: 2 * DAY_MS }),
            length: fc.integer({ min: 0, max: 5 * DAY_MS }),
            limit: fc.integer({ min: 1, max: 30 }),
            maxReads: fc.constantFrom(1, 20, 60, 150, 10_000),
            provider: fc.constantFrom(undefined, undefined, 0, 1, 2),
            type: fc.constantFrom(undefined, undefined, ...types),
            user: fc.constantFrom(undefined, undefined, ...users.slice(0, 2)),
            success: fc.constantFrom(undefined, undefined, true, false),
          }),
          async (specs, wanted) => {
            const start = someDay();
            const providers = [randomName('a'), randomName('b'), null];
            const events = specs.flatMap(({ copies, ...spec }) =>
              Array.from({ length: copies }, () =>
                auditEvent({
                  timestamp: at(start + spec.minute * 60_000 + spec.at),
                  provider: providers[spec.provider]!,
                  event_type: spec.type,
                  user_id: spec.user,
                  success: spec.success,
                }),
              ),
            );
            const log = newLog({ providers: providers.filter((each) => each !== null), maxReads: wanted.maxReads });
            await Promise.all(events.map((event) => log.append(event)));
            const query: AuditQuery = {
              from: at(start + wanted.from),
              to: at(start + wanted.from + wanted.length),
              limit: wanted.limit,
              ...(wanted.provider !== undefined && { provider: providers[wanted.provider]! }),
              ...(wanted.type !== undefined && { event_type: wanted.type }),
              ...(typeof wanted.user === 'string' && { user_id: wanted.user }),
              ...(wanted.success !== undefined && { success: wanted.success }),
            };
            const expected = events
              .filter(
                (event) =>
                  event.timestamp >= query.from &&
                  event.timestamp <= query.to &&
                  (query.provider === undefined || event.provider === query.provider) &&
                  (query.event_type === undefined || event.event_type === query.event_type) &&
                  (query.user_id === undefined || event.user_id === query.user_id) &&
                  (query.success === undefined || event.success === query.success),
              )
              .sort(newestFirst);
            const { events: read } = await readAll(log, query);
            expect(read).toStrictEqual(expected);
          },
        ),
        { numRuns: 25 },
      );
    });

    it('makes at most so many reads a call, and goes on where it stopped', async () => {
      const start = someDay();
      const event = auditEvent({ provider, timestamp: at(start) });
      await newLog().append(event);
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

    it('reads consistently', async () => {
      const consistent: unknown[] = [];
      endpoint().proxy.every('Query', ({ body, forward }) => {
        consistent.push((JSON.parse(body) as { ConsistentRead?: boolean }).ConsistentRead);
        return forward();
      });
      await newLog().query({ ...wholeDay, provider });
      expect(consistent).toStrictEqual(Array.from({ length: 16 }, () => true));
    });

    it('finds a needle among events that a filter hides, more than one read holds', async () => {
      const log = newLog();
      const needle = auditEvent({ provider, timestamp: '2026-11-21T01:00:00.000Z', event_type: 'rotate' });
      const hidden = Array.from({ length: 450 }, () => auditEvent({ provider, id: `${auditEvent().id.slice(1)}7` }));
      await Promise.all([needle, ...hidden].map((event) => log.append(event)));
      const query = { ...wholeDay, provider, event_type: 'rotate' as const, limit: 5 };
      const generous = await readAll(log, query);
      expect(generous).toStrictEqual({ events: [needle], pages: 1 });
      const frugal = await readAll(newLog({ maxReads: 1 }), query);
      expect(frugal.events).toStrictEqual([needle]);
      expect(frugal.pages).toBeGreaterThan(1);
    });

    it('fails as a whole where one read fails', async () => {
      endpoint().proxy.next('Query', pass, pass, unavailable);
      await expect(newLog().query({ ...wholeDay, provider })).rejects.toMatchObject({ code: 'store_unavailable' });
    });
  });

  describe('what was ever in use', () => {
    it('remembers a provider that was marked, and marks it again without harm', async () => {
      const log = newLog();
      await expect(log.wasUsed(provider)).resolves.toBe(false);
      await log.markUsed(provider);
      await log.markUsed(provider);
      await expect(log.wasUsed(provider)).resolves.toBe(true);
      await expect(log.wasUsed(`${provider}x`)).resolves.toBe(false);
    });

    it('keeps the mark apart from events', async () => {
      const log = newLog({ retentionDays: 1 });
      await log.markUsed(provider);
      await expect(log.query({ ...wholeDay, provider })).resolves.toStrictEqual({ events: [] });
    });

    it.each([
      ['today', 0, true],
      ['yesterday', 1, true],
      ['long ago', 3, false],
    ])('knows a provider by something that succeeded %s', async (_name, days, used) => {
      await newLog().append(auditEvent({ provider, timestamp: at(clock.now() - days * DAY_MS) }));
      await expect(newLog().wasUsed(provider)).resolves.toBe(used);
    });

    it('takes no refusal and no intent for use', async () => {
      const log = newLog();
      for (const success of [false, null]) await log.append(auditEvent({ provider, success }));
      await expect(log.wasUsed(provider)).resolves.toBe(false);
    });

    it('fails where the store does not answer', async () => {
      const failure = { code: 'store_unavailable' };
      endpoint().proxy.every('Query', unavailable);
      await expect(newLog().wasUsed(provider)).rejects.toMatchObject(failure);
      endpoint().proxy.every('GetItem', unavailable);
      await expect(newLog().wasUsed(provider)).rejects.toMatchObject(failure);
      endpoint().proxy.every('PutItem', unavailable);
      await expect(newLog().markUsed(provider)).rejects.toMatchObject(failure);
    });
  });
}
