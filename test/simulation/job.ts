import { intrusionsOf, LOSSES, replayOf, runScenario, singles, STOPS, stopsAfter } from './crash-enumeration';
import { killMutant } from './kill-mutant';
import { runHistory } from './history';
import type { ScriptedFault } from './scripted-faults';
import { MUTANTS } from './mutants';
import { SCENARIOS } from './scenarios';
import { shownViolations } from './shown-violations';

/** A part of the work, done by one process. */
export type Job =
  | { readonly kind: 'histories'; readonly from: number; readonly count: number; readonly mutant?: string }
  /** Every single interruption, including those after which the process continues. */
  | { readonly kind: 'singles'; readonly scenario: string }
  /** All pairs that begin with this one, or with an equivalent one. */
  | { readonly kind: 'pairs'; readonly scenario: string; readonly first: ScriptedFault; readonly standsFor: number }
  | { readonly kind: 'plan'; readonly scenario: string; readonly plan: readonly ScriptedFault[] }
  | { readonly kind: 'mutant'; readonly mutant: string };

/** The result of a job: how many of its runs kept every invariant. */
export interface JobResult {
  readonly held: number;
  readonly of: number;
  /** Includes those that are equivalent to a run one. */
  readonly ways?: number;
  readonly failures: readonly Failure[];
}

/** One run that broke an invariant, and the options that replay it. */
interface Failure {
  readonly replay: string;
  readonly shown: string;
}

/** Does one job, run after run: runs share a process' memory and nothing else. */
export async function runJob(job: Job): Promise<JobResult> {
  switch (job.kind) {
    case 'histories':
      return histories(job);
    case 'singles': {
      const scenario = scenarioOf(job.scenario);
      const { calls } = await runScenario(scenario, []);
      return plans(job.scenario, [[], ...singles(calls, [...STOPS, ...LOSSES, ...intrusionsOf(scenario)])]);
    }
    case 'pairs': {
      const scenario = scenarioOf(job.scenario);
      const { plans: all, ways } = stopsAfter(scenario, [job.first], await runScenario(scenario, [job.first]));
      return { ...(await plans(job.scenario, all)), ways: ways * job.standsFor };
    }
    case 'plan':
      return plans(job.scenario, [job.plan]);
    case 'mutant':
      return mutant(job.mutant);
  }
}

async function histories({ from, count, mutant: name }: Extract<Job, { kind: 'histories' }>): Promise<JobResult> {
  const failures: Failure[] = [];
  const planted = name === undefined ? undefined : mutantOf(name);
  for (let seed = from; seed < from + count; seed += 1) {
    const { violations, trace } = await runHistory(seed, planted);
    if (violations.length === 0) continue;
    const replay = `--histories 1 --seed ${seed}${name === undefined ? '' : ` --mutant ${name}`}`;
    failures.push({ replay, shown: shownViolations(violations, trace()) });
  }
  return { held: count - failures.length, of: count, failures };
}

async function plans(name: string, all: readonly (readonly ScriptedFault[])[]): Promise<JobResult> {
  const failures: Failure[] = [];
  for (const plan of all) {
    const { violations, trace } = await runScenario(scenarioOf(name), plan);
    if (violations.length === 0) continue;
    failures.push({ replay: replayOf(name, plan), shown: shownViolations(violations, trace()) });
  }
  return { held: all.length - failures.length, of: all.length, failures };
}

async function mutant(name: string): Promise<JobResult> {
  const found = await killMutant(mutantOf(name));
  if (found !== undefined) return { held: 1, of: 1, failures: [] };
  return { held: 0, of: 1, failures: [{ replay: `--mutants`, shown: `${name} was not found` }] };
}

const scenarioOf = (name: string) => named(SCENARIOS, name);
const mutantOf = (name: string) => named(MUTANTS, name);

function named<T extends { readonly name: string }>(all: readonly T[], name: string): T {
  const found = all.find((each) => each.name === name);
  if (found === undefined) throw new RangeError(`there is only: ${all.map((each) => each.name).join(', ')}`);
  return found;
}
