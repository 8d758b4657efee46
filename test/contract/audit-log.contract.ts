import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import type { AuditEvent, AuditEventType, AuditMetadata } from '../../lambdas/core/audit/audit-event';
import type { AuditPosition, AuditQuery, AuditReader, AuditSink } from '../../lambdas/core/audit/ports/audit-log';
import type { Clock } from '../../lambdas/core/ports/clock';
import { runs } from '../effort';
import { appendAll, auditEvent, newestFirst, recordOf } from './audit-events';
import type { Contract } from './contract';
import { randomName } from './random-name';
import { answerLost, requestLost, UNAVAILABLE, type StoreFaults, type StoreUnderTest } from './store-under-test';

const DAY_MS = 86_400_000;
export const at = (time: number): string => new Date(time).toISOString();
/** A separate day, so that events without a provider meet no others. */
export const someDay = (): number => Date.UTC(randomInt(2000, 2900), randomInt(12), randomInt(1, 28));
export const WHOLE_DAY = { from: '2026-11-21T00:00:00.000Z', to: '2026-11-21T23:59:59.999Z', limit: 100 };

const NOT_TAKEN = { name: 'KeywardError', code: 'audit_unavailable' };

/** An event with every metadata member that has a rule of its own. */
const full = (provider: string): AuditEvent =>
  auditEvent({
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

const sparse = (provider: string): AuditEvent =>
  auditEvent({
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

/** A log that a test reads without the sink. */
export interface AuditSinkUnderTest {
  readonly port: AuditSink;
  readonly reader: Pick<AuditReader, 'query'>;
  readonly faults: Pick<StoreFaults, 'loseWrites' | 'writesFail'>;
}

/** Statements that every AuditSink keeps. */
export const auditSinkContract: Contract<AuditSink, AuditSinkUnderTest> = {
  append: {
    'keeps an event with every member, and one with as few as there can be': async ({ port, reader }) => {
      const provider = randomName('p');
      const events = [sparse(provider), full(provider)];
      for (const event of events) await port.append(recordOf(event));
      await expect(reader.query({ ...WHOLE_DAY, provider })).resolves.toStrictEqual({ events });
    },

    'leaves out a member of metadata that is undefined': async ({ port, reader }) => {
      const event = auditEvent({ provider: randomName('p') });
      const metadata = { operation: 'decrypt', code: undefined } as unknown as AuditEvent['metadata'];
      await port.append(recordOf({ ...event, metadata }));
      await expect(reader.query({ ...WHOLE_DAY, provider: event.provider })).resolves.toStrictEqual({
        events: [event],
      });
    },

    'changes nothing when the same event is appended again': async ({ port, reader }) => {
      const event = auditEvent({ provider: randomName('p') });
      await port.append(recordOf(event));
      await port.append(recordOf(event));
      await Promise.all([port.append(recordOf(event)), port.append(recordOf(event))]);
      await expect(reader.query({ ...WHOLE_DAY, provider: event.provider })).resolves.toStrictEqual({
        events: [event],
      });
    },

    'resolves only once the event is durable': async ({ port, reader }) => {
      const provider = randomName('p');
      const events = Array.from({ length: 12 }, () => auditEvent({ provider }));
      await Promise.all(
        events.map(async (event) => {
          await port.append(recordOf(event));
          expect((await reader.query({ ...WHOLE_DAY, provider })).events).toContainEqual(event);
        }),
      );
    },

    'takes a copy': async ({ port, reader }) => {
      const event = auditEvent({ provider: randomName('p') });
      const expected = structuredClone(event);
      await port.append(recordOf(event));
      Reflect.set(event, 'user_id', 'another');
      await expect(reader.query({ ...WHOLE_DAY, provider: event.provider })).resolves.toStrictEqual({
        events: [expected],
      });
    },

    'rejects where nothing takes the event, and has not taken it': async ({ port, reader, faults }) => {
      const event = auditEvent({ provider: randomName('p') });
      faults.writesFail();
      await expect(port.append(recordOf(event))).rejects.toMatchObject(NOT_TAKEN);
      await expect(reader.query({ ...WHOLE_DAY, provider: event.provider })).resolves.toStrictEqual({ events: [] });
    },
  },
};

/** Statements for a sink that writes one event at a time, each exactly once. */
export const singleAppendContract: Contract<AuditSink, AuditSinkUnderTest> = {
  append: {
    'replaces no event by another one in its place': async ({ port, reader }) => {
      const event = auditEvent({ provider: randomName('p') });
      await port.append(recordOf(event));
      await port.append(recordOf({ ...event, user_id: 'somebody else' }));
      await expect(reader.query({ ...WHOLE_DAY, provider: event.provider })).resolves.toStrictEqual({
        events: [event],
      });
    },

    'rejects where an answer is lost, and can be appended again': async ({ port, reader, faults }) => {
      for (const lost of [answerLost(), requestLost()]) {
        const event = auditEvent({ provider: randomName('p') });
        faults.loseWrites(lost);
        await expect(port.append(recordOf(event))).rejects.toMatchObject(NOT_TAKEN);
        const before = await reader.query({ ...WHOLE_DAY, provider: event.provider });
        expect(before.events).toHaveLength(lost.arrives ? 1 : 0);
        await port.append(recordOf(event));
        await expect(reader.query({ ...WHOLE_DAY, provider: event.provider })).resolves.toStrictEqual({
          events: [event],
        });
      }
    },
  },
};

interface AuditReaderUnderTest extends StoreUnderTest<AuditReader> {
  /** A reader of the same log; always works. */
  readonly sink: AuditSink;
  readonly clock: Pick<Clock, 'now'>;
  /** The log for readers of all these providers, with a budget for each page; left out if the log has neither. */
  readonly openFor?: (providers: readonly string[], maxReads: number) => AuditReader;
}
type Under = AuditReaderUnderTest;

/** Reads all pages. */
export async function readAll(log: AuditReader, query: AuditQuery): Promise<{ events: AuditEvent[]; pages: number }> {
  const events: AuditEvent[] = [];
  let before: AuditPosition | undefined;
  for (let pages = 1; ; pages += 1) {
    const page = await log.query({ ...query, ...(before !== undefined && { before }) });
    expect(page.events.length).toBeLessThanOrEqual(query.limit);
    events.push(...page.events);
    if (page.next === undefined) return { events, pages };
    // Every page must advance; otherwise the reader would not end.
    if (before !== undefined) {
      expect(`${page.next.timestamp}#${page.next.id}` < `${before.timestamp}#${before.id}`).toBe(true);
    }
    before = page.next;
  }
}

const HASHED = 'sha256:0123abcd';
/** The shard of `main`, which never changes. */
const SHARD_OF_MAIN = 13;
/** No name that the tests look for is in it: `main2` is in 14, `Main` in 11. */
const SHARD_OF_NONE = 15;
const move = (shard: number, first: string, last: string): AuditMetadata => ({
  operation: 'rekey_credentials',
  shard,
  first_credential: first,
  last_credential: last,
});
/** Moves of a rotation by their ranges: `main` is in the first one only. */
const MOVES = [
  move(SHARD_OF_MAIN, 'main', 'zebra'),
  move(SHARD_OF_MAIN, 'a', 'maim'),
  move(SHARD_OF_MAIN, 'main-1', 'zebra'),
  move(SHARD_OF_NONE, 'a', 'zebra'),
] as const;
const TYPES: AuditEventType[] = ['decrypt', 'encrypt', 'config_change'];
const USERS = ['arn:aws:iam::000000000000:user/a', 'arn:aws:iam::000000000000:user/b', null];
const SPEC = fc.record({
  minute: fc.integer({ min: 0, max: 4 * 1440 - 1 }),
  at: fc.constantFrom(0, 1, 59_999),
  provider: fc.constantFrom(0, 0, 1, 2),
  type: fc.constantFrom(...TYPES),
  user: fc.constantFrom(...USERS),
  success: fc.constantFrom(true, false, null),
  version: fc.constantFrom(1, 2, null),
  request: fc.constantFrom('request-a', 'request-b'),
  about: fc.constantFrom<AuditMetadata>(
    {},
    { operation: 'decrypt' },
    { operation: 'put_credential', credential: 'main' },
    { operation: 'put_credential', credential: 'main2' },
    { operation: 'reveal_credential', credential: HASHED },
    ...MOVES,
  ),
  copies: fc.integer({ min: 1, max: 4 }),
});
const WANTED = fc.record({
  from: fc.integer({ min: -DAY_MS, max: 2 * DAY_MS }),
  length: fc.integer({ min: 0, max: 5 * DAY_MS }),
  limit: fc.integer({ min: 1, max: 30 }),
  maxReads: fc.constantFrom(1, 20, 60, 150, 10_000),
  provider: fc.constantFrom(undefined, undefined, 0, 1, 2),
  type: fc.constantFrom(undefined, undefined, ...TYPES),
  user: fc.constantFrom(undefined, undefined, ...USERS.slice(0, 2)),
  success: fc.constantFrom(undefined, undefined, true, false),
  version: fc.constantFrom(undefined, undefined, 1, 2),
  request: fc.constantFrom(undefined, undefined, 'request-a', 'request'),
  operation: fc.constantFrom(undefined, undefined, 'put_credential', 'rekey_credentials', 'GET /v1/providers'),
  credential: fc.constantFrom(undefined, 'main', 'main2', 'Main', HASHED),
});

const isAskedFor = (event: AuditEvent, query: AuditQuery): boolean =>
  event.timestamp >= query.from &&
  event.timestamp <= query.to &&
  (['provider', 'event_type', 'user_id', 'success', 'key_version', 'request_id'] as const).every(
    (member) => query[member] === undefined || event[member] === query[member],
  ) &&
  (query.operation === undefined || event.metadata.operation === query.operation) &&
  (query.credential === undefined ||
    event.metadata.credential === query.credential ||
    (query.credential === 'main' && event.metadata === MOVES[0]));

/** Statements that every AuditReader keeps. */
export const auditReaderContract: Contract<AuditReader, Under> = {
  query: {
    'has nothing where there is nothing, and where the period ends before it begins': async ({ port, sink }) => {
      const provider = randomName('p');
      await expect(port.query({ ...WHOLE_DAY, provider })).resolves.toStrictEqual({ events: [] });
      await sink.append(recordOf(auditEvent({ provider })));
      const inverted = { from: WHOLE_DAY.to, to: WHOLE_DAY.from, limit: 5, provider };
      await expect(port.query(inverted)).resolves.toStrictEqual({ events: [] });
      const before = { timestamp: '2026-11-20T23:59:59.999Z', id: 'f'.repeat(32) };
      await expect(port.query({ ...WHOLE_DAY, provider, before })).resolves.toStrictEqual({ events: [] });
    },

    'includes both ends of the period, to the millisecond': async (under) => {
      const provider = randomName('p');
      const times = ['08:59:59.999', '09:00:00.000', '09:00:00.001', '09:00:00.002'];
      const events = times.map((time) => auditEvent({ provider, timestamp: `2026-11-21T${time}Z` }));
      await appendAll(under, events);
      const query = { from: events[1]!.timestamp, to: events[2]!.timestamp, limit: 10, provider };
      await expect(under.port.query(query)).resolves.toStrictEqual({ events: [events[2], events[1]] });
    },

    'ignores a position that is newer than the period': async ({ port, sink }) => {
      const event = auditEvent({ provider: randomName('p') });
      await sink.append(recordOf(event));
      const before = { timestamp: '2026-11-23T00:00:00.000Z', id: '0'.repeat(32) };
      const query = { ...WHOLE_DAY, provider: event.provider, before };
      await expect(port.query(query)).resolves.toStrictEqual({ events: [event] });
    },

    'pages through more events in one millisecond than a page holds': async (under) => {
      const provider = randomName('p');
      const events = Array.from({ length: 90 }, () => auditEvent({ provider }));
      await appendAll(under, events);
      for (const limit of [7, 89, 90, 91]) {
        const read = await readAll(under.port, { ...WHOLE_DAY, limit, provider });
        expect(read.events).toStrictEqual([...events].sort(newestFirst));
      }
    },

    'ends without another page exactly at the end': async (under) => {
      const provider = randomName('p');
      // In different buckets: if a read of one is full, only the next read can tell that it was the last.
      const events = ['1', '2', '3'].map((digit) => auditEvent({ provider, id: digit.repeat(32) }));
      await appendAll(under, events);
      const page = await under.port.query({ ...WHOLE_DAY, limit: 3, provider });
      expect(page.events).toHaveLength(3);
      expect(page.next).toBeUndefined();
    },

    'never skips or repeats an event, whatever the filters, page sizes and budgets': async (under) => {
      await fc.assert(
        fc.asyncProperty(fc.array(SPEC, { maxLength: 40 }), WANTED, async (specs, wanted) => {
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
                key_version: spec.version,
                request_id: spec.request,
                metadata: spec.about,
              }),
            ),
          );
          await appendAll(under, events);
          const query: AuditQuery = {
            from: at(start + wanted.from),
            to: at(start + wanted.from + wanted.length),
            limit: wanted.limit,
            ...(wanted.provider !== undefined && { provider: providers[wanted.provider]! }),
            ...(wanted.type !== undefined && { event_type: wanted.type }),
            ...(typeof wanted.user === 'string' && { user_id: wanted.user }),
            ...(wanted.success !== undefined && { success: wanted.success }),
            ...(wanted.version !== undefined && { key_version: wanted.version }),
            ...(wanted.request !== undefined && { request_id: wanted.request }),
            ...(wanted.operation !== undefined && { operation: wanted.operation }),
            ...(wanted.credential !== undefined && { credential: wanted.credential }),
          };
          const known = providers.filter((each) => each !== null);
          const log = under.openFor?.(known, wanted.maxReads) ?? under.port;
          const expected = events.filter((event) => isAskedFor(event, query)).sort(newestFirst);
          expect((await readAll(log, query)).events).toStrictEqual(expected);
          expect((await under.port.query({ ...query, limit: 1 })).events.length).toBeLessThanOrEqual(1);
        }),
        { numRuns: runs(25) },
      );
    },

    'finds events by request, operation and credential, of every region, and a move by the range that it names': async (
      under,
    ) => {
      const provider = randomName('p');
      const about = (timestamp: string, change: Partial<AuditEvent>): AuditEvent =>
        auditEvent({ provider, timestamp: `2026-11-21T${timestamp}.000Z`, ...change });
      const put = { operation: 'put_credential', credential: 'main' };
      const moves = MOVES.map((metadata, index) => about(`05:00:0${index}`, { metadata }));
      const intent = about('04:00:00', { request_id: 'r-1', success: null, metadata: { ...put, phase: 'intent' } });
      const outcome = about('04:00:01', {
        request_id: 'r-1',
        region: 'eu-west-1',
        metadata: { ...put, phase: 'outcome' },
      });
      const hashed = about('03:00:00', { metadata: { operation: 'reveal_credential', credential: HASHED } });
      const refused = about('02:00:00', { metadata: { operation: 'GET /v1/providers/{provider}' } });
      const bare = about('01:00:00', { metadata: {} });
      await appendAll(under, [...moves, intent, outcome, hashed, refused, bare]);
      const find = async (filters: Partial<AuditQuery>) =>
        (await readAll(under.port, { ...WHOLE_DAY, provider, ...filters })).events;
      expect(await find({ credential: 'main' })).toStrictEqual([moves[0], outcome, intent]);
      expect(await find({ credential: 'main', success: true })).toStrictEqual([moves[0], outcome]);
      expect(await find({ credential: 'main', request_id: 'r-1', operation: 'put_credential' })).toStrictEqual([
        outcome,
        intent,
      ]);
      expect(await find({ credential: HASHED })).toStrictEqual([hashed]);
      expect(await find({ credential: 'main', credential_fingerprint: HASHED })).toStrictEqual([
        moves[0],
        outcome,
        intent,
        hashed,
      ]);
      expect(await find({ credential: 'sha256:0123abce' })).toStrictEqual([]);
      expect(await find({ request_id: 'r-1' })).toStrictEqual([outcome, intent]);
      expect(await find({ request_id: 'r-' })).toStrictEqual([]);
      expect(await find({ operation: 'GET /v1/providers/{provider}' })).toStrictEqual([refused]);
      expect(await find({ operation: 'rekey_credentials' })).toStrictEqual([...moves].reverse());
    },

    'finds a principal by what its name begins with': async (under) => {
      const provider = randomName('p');
      const role = 'arn:aws:sts::000000000000:assumed-role/search/';
      const users = [`${role}a`, `${role}b`, 'arn:aws:sts::000000000000:assumed-role/search-2/a', null, `x${role}`];
      const events = users.map((user, index) =>
        auditEvent({ provider, user_id: user, timestamp: `2026-11-21T00:00:0${index}.000Z` }),
      );
      await appendAll(under, events);
      const query = { ...WHOLE_DAY, provider, user_prefix: role };
      expect((await readAll(under.port, query)).events).toStrictEqual([events[1], events[0]]);
    },

    'is unavailable where the log does not answer': async ({ port, faults }) => {
      faults.readsFail();
      await expect(port.query({ ...WHOLE_DAY, provider: randomName('p') })).rejects.toMatchObject(UNAVAILABLE);
    },
  },

  get: {
    'finds an event by its place alone, of any provider and of none, among others of its millisecond': async (
      under,
    ) => {
      const providers = [randomName('a'), randomName('b'), null];
      const timestamp = at(someDay());
      const events = providers.flatMap((provider) =>
        ['0', '7', 'f'].map((digit) =>
          auditEvent({
            provider,
            timestamp,
            id: auditEvent().id.slice(0, 31) + digit,
          }),
        ),
      );
      await appendAll(under, events);
      const log =
        under.openFor?.(
          providers.filter((each) => each !== null),
          1,
        ) ?? under.port;
      for (const event of events) await expect(log.get(event)).resolves.toStrictEqual(event);
      await expect(under.port.get(events.at(-1)!)).resolves.toStrictEqual(events.at(-1));
    },

    'finds nothing at another time, and nothing of another id, however near': async ({ port, sink }) => {
      const timestamp = at(someDay());
      const event = auditEvent({ provider: null, timestamp, id: '7'.repeat(32) });
      await sink.append(recordOf(event));
      for (const id of ['0'.repeat(32), `${'7'.repeat(31)}6`, `${'7'.repeat(31)}8`, 'f'.repeat(32)]) {
        await expect(port.get({ timestamp, id })).resolves.toBeUndefined();
      }
      for (const ms of [-DAY_MS, -1, 1, DAY_MS]) {
        await expect(port.get({ timestamp: at(Date.parse(timestamp) + ms), id: event.id })).resolves.toBeUndefined();
      }
      await expect(port.get(event)).resolves.toStrictEqual(event);
    },

    'is unavailable where the log does not answer': async ({ port, faults }) => {
      faults.readsFail();
      await expect(port.get({ timestamp: at(someDay()), id: '7'.repeat(32) })).rejects.toMatchObject(UNAVAILABLE);
    },
  },

  wasUsed: {
    'says no of a provider that nothing is known of, and none of another': async ({ port, rival, sink, clock }) => {
      const provider = randomName('p');
      await rival.markUsed(`${provider}x`);
      await sink.append(recordOf(auditEvent({ provider: `${provider}y`, timestamp: at(clock.now()) })));
      await expect(port.wasUsed(provider)).resolves.toBe(false);
      await expect(port.wasUsed(`${provider}x`)).resolves.toBe(true);
    },

    'says yes of a provider that was marked': async ({ port, rival }) => {
      const provider = randomName('p');
      await rival.markUsed(provider);
      await expect(port.wasUsed(provider)).resolves.toBe(true);
    },

    'knows a provider by something that succeeded today or yesterday': async ({ port, sink, clock }) => {
      for (const days of [0, 1]) {
        const provider = randomName('p');
        await sink.append(recordOf(auditEvent({ provider, timestamp: at(clock.now() - days * DAY_MS) })));
        await expect(port.wasUsed(provider)).resolves.toBe(true);
      }
    },

    'takes no refusal and no intent for use': async ({ port, sink, clock }) => {
      const provider = randomName('p');
      for (const success of [false, null]) {
        await sink.append(recordOf(auditEvent({ provider, success, timestamp: at(clock.now()) })));
      }
      await expect(port.wasUsed(provider)).resolves.toBe(false);
    },

    'is unavailable where the log does not answer': async ({ port, faults }) => {
      faults.readsFail();
      await expect(port.wasUsed(randomName('p'))).rejects.toMatchObject(UNAVAILABLE);
    },
  },

  markUsed: {
    'is remembered, and can be done again': async ({ port, rival }) => {
      const provider = randomName('p');
      await port.markUsed(provider);
      await port.markUsed(provider);
      await expect(rival.wasUsed(provider)).resolves.toBe(true);
      await expect(rival.wasUsed(`${provider}x`)).resolves.toBe(false);
      await port.markUsed(`${provider}x`);
      await expect(rival.wasUsed(`${provider}x`)).resolves.toBe(true);
    },

    'is no event': async ({ port, rival }) => {
      const provider = randomName('p');
      await port.markUsed(provider);
      await expect(rival.query({ ...WHOLE_DAY, provider })).resolves.toStrictEqual({ events: [] });
    },

    'is not known to be remembered where the answer is lost': async ({ port, rival, faults }) => {
      const provider = randomName('p');
      faults.loseWrites(answerLost());
      await expect(port.markUsed(provider)).rejects.toMatchObject(UNAVAILABLE);
      await expect(rival.wasUsed(provider)).resolves.toBe(true);
      await expect(port.markUsed(provider)).resolves.toBeUndefined();
    },

    'is unavailable where the log does not answer, and remembers nothing': async ({ port, rival, faults }) => {
      const provider = randomName('p');
      faults.writesFail();
      await expect(port.markUsed(provider)).rejects.toMatchObject(UNAVAILABLE);
      await expect(rival.wasUsed(provider)).resolves.toBe(false);
    },
  },
};
