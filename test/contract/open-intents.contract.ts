import fc from 'fast-check';
import type { AuditSink } from '../../lambdas/core/audit/ports/audit-log';
import type { OpenIntents } from '../../lambdas/core/audit/ports/open-intents';
import { runs } from '../effort';
import { appendAll, auditEvent } from './audit-events';
import { intent, oldestFirst, outcomeOf } from './audit-intents';
import { at, someDay } from './audit-log.contract';
import type { Contract, Statement, Statements } from './contract';
import { randomName } from './random-name';
import { UNAVAILABLE, type StoreFaults } from './store-under-test';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

interface OpenIntentsUnderTest {
  readonly port: OpenIntents;
  /** A sink of the same log; always works. */
  readonly sink: AuditSink;
  /** Sets the time of the search. */
  readonly setTime: (now: number) => void;
  readonly faults: Pick<StoreFaults, 'readsFail'>;
}
type Under = OpenIntentsUnderTest;

/** A statement about a provider on a separate day, two days later. */
const onADay =
  (statement: (under: Under, provider: string, day: number) => Promise<void>): Statement<Under> =>
  async (under) => {
    const day = someDay();
    under.setTime(day + 2 * DAY_MS);
    await statement(under, randomName('p'), day);
  };

const OUTCOMES: readonly [string, sinceMidnight: number, delay: number][] = [
  ['as the next event', HOUR_MS, 5],
  ['beyond the end of the period', HOUR_MS, 2 * HOUR_MS],
  ['on the next day', HOUR_MS, 26 * HOUR_MS],
  ['days later, by a sweep', HOUR_MS, 11 * DAY_MS],
  ['just before it by a clock that was set back, and that on the day before', 0, -30_000],
];

const seesOutcomes: Statements<Under> = Object.fromEntries(
  OUTCOMES.map(([when, sinceMidnight, delay]) => [
    `sees an outcome that was written ${when}`,
    onADay(async (under, provider, day) => {
      under.setTime(Math.max(day + 2 * DAY_MS, day + sinceMidnight + delay));
      const intended = intent(provider, day + sinceMidnight);
      await appendAll(under, [intended]);
      const find = () => under.port.find(provider, at(day), at(day + 90 * MINUTE_MS));
      await expect(find()).resolves.toStrictEqual([intended]);
      await appendAll(under, [outcomeOf(intended, day + sinceMidnight + delay)]);
      await expect(find()).resolves.toStrictEqual([]);
    }),
  ]),
);

/** Statements that every OpenIntents keeps. */
export const openIntentsContract: Contract<OpenIntents, Under> = {
  find: {
    ...seesOutcomes,

    'finds nothing where there is nothing, and where the period ends before it begins': onADay(
      async (under, provider, day) => {
        await expect(under.port.find(provider, at(day), at(day + HOUR_MS))).resolves.toStrictEqual([]);
        await appendAll(under, [intent(provider, day + MINUTE_MS)]);
        await expect(under.port.find(provider, at(day + HOUR_MS), at(day))).resolves.toStrictEqual([]);
      },
    ),

    'finds an intent without an outcome, whole, and none that has one, whatever it was': onADay(
      async (under, provider, day) => {
        const lost = [intent(provider, day + HOUR_MS), intent(provider, day + HOUR_MS + 1)];
        const closed = (['written', 'refused', 'unknown'] as const).flatMap((outcome) => {
          const intended = intent(provider, day + HOUR_MS);
          return [intended, outcomeOf(intended, day + HOUR_MS + 40, outcome)];
        });
        await appendAll(under, [...lost, ...closed, auditEvent({ provider, timestamp: at(day + HOUR_MS) })]);
        const found = await under.port.find(provider, at(day), at(day + 2 * HOUR_MS));
        expect(oldestFirst(found)).toStrictEqual(oldestFirst(lost));
      },
    ),

    'includes both ends of the period, to the millisecond': onADay(async (under, provider, day) => {
      const events = [-1, 0, 1, 2].map((ms) => intent(provider, day + HOUR_MS + ms));
      await appendAll(under, events);
      const found = await under.port.find(provider, at(day + HOUR_MS), at(day + HOUR_MS + 1));
      expect(oldestFirst(found)).toStrictEqual([events[1], events[2]]);
    }),

    'keeps providers apart, and from what belongs to none': onADay(async (under, provider, day) => {
      const [one, other, none] = [provider, `${provider}-x`, null].map((each) => intent(each, day + HOUR_MS));
      await appendAll(under, [one!, other!, none!]);
      const find = (of: string | null) => under.port.find(of, at(day), at(day + DAY_MS));
      await expect(find(provider)).resolves.toStrictEqual([one]);
      await expect(find(`${provider}-x`)).resolves.toStrictEqual([other]);
      await expect(find(null)).resolves.toStrictEqual([none]);
    }),

    'leaves out an intent that names no write': onADay(async (under, provider, day) => {
      const metadata = { operation: 'put_credential', phase: 'intent' } as const;
      await appendAll(under, [intent(provider, day + HOUR_MS, { metadata })]);
      await expect(under.port.find(provider, at(day), at(day + DAY_MS))).resolves.toStrictEqual([]);
    }),

    'finds exactly the open ones, whatever the times': onADay(async (under, _provider, day) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.record({
              minute: fc.integer({ min: 0, max: 4 * 1_440 - 1 }),
              ms: fc.constantFrom(0, 1, 59_999),
              outcomeAfter: fc.option(fc.constantFrom(0, 1, 50, MINUTE_MS, HOUR_MS, DAY_MS, 3 * DAY_MS)),
            }),
            { maxLength: 25 },
          ),
          fc.integer({ min: -60, max: 4 * 1_440 }),
          fc.integer({ min: 0, max: 2 * 1_440 }),
          async (specs, fromMinute, minutes) => {
            const someone = randomName('q');
            under.setTime(day + 8 * DAY_MS);
            const changes = specs.map(({ minute, ms, outcomeAfter }) => {
              const intended = intent(someone, day + minute * MINUTE_MS + ms);
              const time = Date.parse(intended.timestamp);
              return { intended, outcome: outcomeAfter === null ? [] : [outcomeOf(intended, time + outcomeAfter)] };
            });
            await appendAll(
              under,
              changes.flatMap(({ intended, outcome }) => [intended, ...outcome]),
            );
            const from = day + fromMinute * MINUTE_MS;
            const to = from + minutes * MINUTE_MS;
            const expected = changes.flatMap(({ intended, outcome }) => {
              const time = Date.parse(intended.timestamp);
              return outcome.length === 0 && time >= from && time <= to ? [intended] : [];
            });
            const found = await under.port.find(someone, at(from), at(to));
            expect(oldestFirst(found)).toStrictEqual(oldestFirst(expected));
          },
        ),
        { numRuns: runs(15) },
      );
    }),

    'is unavailable where the log does not answer': onADay(async ({ port, faults }, provider, day) => {
      faults.readsFail();
      await expect(port.find(provider, at(day), at(day))).rejects.toMatchObject(UNAVAILABLE);
    }),
  },
};
