import type { Violation } from './violations';
import { RandomFaults } from './random-faults';
import { HistoryRun } from './history-run';
import type { Mutant } from './mutant';
import { SeededRandom } from './seeded-random';
import { RATES, type FaultProfile } from './fault-profile';
import { World } from './world';

const PROVIDERS = ['openai', 'google'];
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** The error of clocks, by history. */
const CLOCK_ERRORS_MS = [20 * SECOND_MS, 20 * SECOND_MS, 10 * MINUTE_MS];

/** The number of days for which previous values are kept. */
const KEPT_DAYS = [30, 30, 7, 1, 0];

/** The result of a history. */
export interface HistoryResult {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly steps: number;
  /** The number of changes of each kind. */
  readonly made: ReadonlyMap<string, number>;
  /** A hash of all answers to users and all stored data: two runs of one seed have the same. */
  readonly digest: () => string;
  readonly trace: () => readonly string[];
}

/** One history from its seed: random users and operators in all regions while faults are injected, then quiescence. */
export async function runHistory(seed: number, mutant?: Mutant): Promise<HistoryResult> {
  const random = new SeededRandom(seed, 100);
  const faultProfile = random.pick<FaultProfile>(['none', 'some', 'some', 'many']);
  const faultInjector: RandomFaults[] = [];
  const world = new World({
    seed,
    providers: PROVIDERS.slice(0, random.between(1, 2)),
    shardCount: random.between(1, 3),
    faultInjector: (stream) => {
      faultInjector.push(new RandomFaults(stream, RATES[faultProfile]));
      return faultInjector[0]!;
    },
    lag: (stream) => () => (stream.chance(0.03) ? stream.between(5_000, 60_000) : stream.between(200, 2_000)),
    queue: { maxReceives: 5, duplicateChance: 0.1, maxDelayMs: 5_000 },
    maxClockErrorMs: faultProfile === 'none' ? 0 : random.pick(CLOCK_ERRORS_MS),
    previousValueDays: new SeededRandom(seed, 102).pick(KEPT_DAYS),
    ...(mutant && { mutant }),
  });
  const history = new HistoryRun(world, random, faultProfile, new SeededRandom(seed, 101), (active) => {
    faultInjector[0]!.active = active;
  });
  await history.run();
  return {
    seed,
    violations: world.violations.all,
    steps: world.scheduler.steps,
    made: world.checkers.audit.made,
    digest: () => world.digest,
    trace: () => [
      `${faultProfile}, ${world.options.providers.length} providers, ${world.options.shardCount} shards`,
      ...world.trace.lines(120),
    ],
  };
}
