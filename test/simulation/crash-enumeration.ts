import { DEFAULT_PREVIOUS_VALUE_DAYS } from '../../lambdas/core/contract/defaults';
import { CredentialUsers } from './credential-users';
import type { Violation } from './violations';
import { INTRUSIONS, isIntrusion, type Intrusion } from './intrusion';
import { Operators } from './operators';
import { ScriptedFaults, type ScriptedFault } from './scripted-faults';
import type { Mutant } from './mutant';
import { quiesce } from './quiesce';
import type { Scenario } from './stage';
import { Users } from './users';
import { World } from './world';

/** One run of a scenario. */
export interface EnumeratedRun {
  readonly plan: readonly ScriptedFault[];
  /** The number of outside calls of the scenario. */
  readonly calls: number;
  /** The numbers of its calls that write a credential. */
  readonly puts: readonly number[];
  /** The numbers of its calls without an effect: stopping before, stopping after and reading twice are equivalent. */
  readonly reads: ReadonlySet<number>;
  readonly violations: readonly Violation[];
  /** Whether every planned interruption happened. */
  readonly isMet: boolean;
  /** The last events. */
  readonly trace: () => readonly string[];
}

const SEED = 7;
const LAG_MS = 900;

/** Runs a scenario with these interruptions, quiesces, and checks every invariant throughout. */
export async function runScenario(
  scenario: Scenario,
  plan: readonly ScriptedFault[],
  mutant?: Mutant,
): Promise<EnumeratedRun> {
  const faultInjector = new ScriptedFaults(plan, scenario.counts);
  const world = new World({
    seed: SEED,
    providers: scenario.providers,
    shardCount: 2,
    faultInjector: () => faultInjector,
    lag: () => () => LAG_MS,
    queue: { maxReceives: 5, duplicateChance: 0, maxDelayMs: 20 },
    maxClockErrorMs: 0,
    previousValueDays: scenario.previousValueDays ?? DEFAULT_PREVIOUS_VALUE_DAYS,
    ...(mutant && { mutant }),
  });
  const users = new Users(world);
  const credentials = new CredentialUsers(world, users);
  const stage = { world, users, credentials, operators: new Operators(world) };
  if (scenario.isNew === true) await world.kekSecret.create();
  else await world.deploy();
  await world.pass(2 * LAG_MS);
  await scenario.prepare(stage);
  faultInjector.active = true;
  const { intrude } = scenario;
  if (intrude !== undefined) faultInjector.intrude = (intrusion) => void intrude[intrusion](stage);
  await scenario.workload(stage);
  if (scenario.after !== undefined) {
    faultInjector.active = false;
    await scenario.after(stage);
  }
  if (!world.violations.hasAny()) await quiesce(world, users, credentials);
  return {
    plan,
    calls: faultInjector.count,
    puts: faultInjector.calls.flatMap((what, index) => (what.startsWith('credentials.put ') ? [index] : [])),
    reads: faultInjector.reads,
    violations: world.violations.all,
    isMet: plan.every(({ at }) => at < faultInjector.count),
    trace: () => world.trace.lines(80),
  };
}

/** The interruptions of a call or of its process in an enumeration. */
export const STOPS = ['crash_before', 'crash_after', 'twice'] as const;

/** Interruptions after which the process continues, without the answer. */
export const LOSSES = ['fails', 'lost'] as const;

type Interruption = (typeof STOPS | typeof LOSSES)[number] | Intrusion;

/** The intrusions that are possible between two calls of a scenario. */
export const intrusionsOf = ({ intrude }: Scenario): readonly Intrusion[] => (intrude === undefined ? [] : INTRUSIONS);

/** Every single interruption of a scenario with this many calls. */
export const singles = (calls: number, faults: readonly Interruption[]): readonly (readonly ScriptedFault[])[] =>
  Array.from({ length: calls }, (_, at) => faults.map((fault) => [{ at, fault }])).flat();

/** Interruptions, each of which stands for equivalent ones. */
interface Interruptions {
  readonly plans: readonly (readonly ScriptedFault[])[];
  /** Their number, with all that they stand for. */
  readonly ways: number;
}

/**
 * All continuations of `before`, whose run this was: each later call is stopped before, stopped after, made twice, or overtaken
 * by an intrusion. A read that is made twice is no interruption; stopping before and after a read is equivalent.
 */
export function stopsAfter(
  scenario: Scenario,
  before: readonly ScriptedFault[],
  { calls, reads }: EnumeratedRun,
): Interruptions {
  const from = (before.at(-1)?.at ?? -1) + 1;
  const all = singles(calls, [...STOPS, ...intrusionsOf(scenario)]).filter(([stop]) => stop!.at >= from);
  const leavesSome = ({ at, fault }: ScriptedFault): boolean =>
    fault === 'crash_before' || isIntrusion(fault) || !reads.has(at);
  const plans = all.filter(([stop]) => leavesSome(stop!));
  return { plans: plans.map(([stop]) => [...before, stop!]), ways: all.length };
}

/** The options of `npm run simulate` that repeat this run. */
export const replayOf = (scenario: string, plan: readonly ScriptedFault[]): string =>
  `--scenario '${scenario}' --plan ${plan.map(({ at, fault }) => `${at}:${fault}`).join(',')}`;
