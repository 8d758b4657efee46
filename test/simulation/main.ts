import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { runScenario, stopsAfter } from './crash-enumeration';
import { isIntrusion } from './intrusion';
import { runJob, type Job, type JobResult } from './job';
import { runJobs } from './job-pool';
import type { ScriptedFault } from './scripted-faults';
import { MUTANTS } from './mutants';
import { SCENARIOS } from './scenarios';

const USAGE = `npm run simulate -- [what] [--workers N]

  --histories N [--seed S] [--mutant NAME]   N seeded histories, the first with seed S (default 1)
  --singles                                  every scenario, interrupted once, at each call, in each way
  --pairs                                    the same twice in a row, for rotations of KEK and DEK and changes of credentials
  --mutants                                  looks for every mutant
  --scenario NAME --plan AT:FAULT[,AT:FAULT]   one scenario with these interruptions`;

/** The number of histories that a process runs between two lines of progress. */
const HISTORIES_A_JOB = 25;
const PROGRESS_MS = 10_000;
const FAILURES_SHOWN = 3;

interface Work {
  readonly what: string;
  readonly total: number;
  readonly jobs: Iterable<Job>;
}

function* historyJobs(from: number, count: number, mutant: string | undefined): Iterable<Job> {
  for (let done = 0; done < count; done += HISTORIES_A_JOB) {
    const size = Math.min(HISTORIES_A_JOB, count - done);
    yield { kind: 'histories', from: from + done, count: size, ...(mutant !== undefined && { mutant }) };
  }
}

const historyWork = (from: number, count: number, mutant: string | undefined): Work => ({
  what: 'histories',
  total: count,
  jobs: historyJobs(from, count, mutant),
});

const planWork = (scenario: string, plan: string): Work => {
  const parsed = plan.split(',').filter((text) => text !== '');
  const faultInjector = parsed.map((text): ScriptedFault => {
    const [at, fault] = text.split(':');
    return { at: Number(at), fault: fault as ScriptedFault['fault'] };
  });
  return { what: scenario, total: 1, jobs: [{ kind: 'plan', scenario, plan: faultInjector }] };
};

/** The pairs are known only after the first interruption of each has run: until then their number is an estimate. */
async function pairWork(): Promise<readonly Work[]> {
  const paired = SCENARIOS.filter(({ isPaired }) => isPaired === true);
  return Promise.all(
    paired.map(async (scenario) => {
      const { name } = scenario;
      const undisturbed = await runScenario(scenario, []);
      const { plans } = stopsAfter(scenario, [], undisturbed);
      const jobs = plans.map(([first]): Job => {
        // A read that is made twice is no interruption: an interruption after it is a single one.
        const standsFor = undisturbed.reads.has(first!.at) && !isIntrusion(first!.fault) ? 2 : 1;
        return { kind: 'pairs', scenario: name, first: first!, standsFor };
      });
      return { what: `pairs: ${name}`, total: (plans.length * plans.length) / 2, jobs };
    }),
  );
}

async function run({ what, total, jobs }: Work, workers: number): Promise<boolean> {
  const start = Date.now();
  let [held, of, ways, shown, progressAt] = [0, 0, 0, 0, start];
  const tell = (result: JobResult): void => {
    held += result.held;
    of += result.of;
    ways += result.ways ?? result.of;
    for (const { replay, shown: text } of result.failures) {
      shown += 1;
      if (shown <= FAILURES_SHOWN) console.log(`\n${text}\n\nreplay: npm run simulate -- ${replay}\n`);
    }
    if (Date.now() - progressAt < PROGRESS_MS) return;
    progressAt = Date.now();
    const seconds = (progressAt - start) / 1000;
    const left = Math.max(0, Math.round((seconds / of) * (total - of)));
    console.log(`${what}: ${of} of about ${total}, ${(of / seconds).toFixed(1)} a second, ${left} s left`);
  };
  await runJobs(jobs, workers, tell);
  const stand = ways === of ? '' : `, which stand for ${ways}`;
  console.log(`${what}: ${held} of ${of}${stand} (${Math.round((Date.now() - start) / 1000)} s, ${workers} processes)`);
  return held === of && of > 0;
}

/** Undefined for an invalid command line, or one that asks for help. */
function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        help: { type: 'boolean' },
        histories: { type: 'string' },
        seed: { type: 'string', default: '1' },
        mutant: { type: 'string' },
        singles: { type: 'boolean' },
        pairs: { type: 'boolean' },
        mutants: { type: 'boolean' },
        scenario: { type: 'string' },
        plan: { type: 'string', default: '' },
        workers: { type: 'string', default: String(availableParallelism()) },
      },
    });
    const numbers = [values.histories ?? '1', values.seed, values.workers];
    if (numbers.some((text) => !/^[1-9][0-9]{0,8}$/.test(text))) throw new Error('numbers are whole, from 1 on');
    return values.help === true ? undefined : values;
  } catch (thrown) {
    console.error((thrown as Error).message);
    process.exitCode = 2;
    return undefined;
  }
}

async function main(): Promise<void> {
  const values = readOptions();
  if (values === undefined) {
    console.log(USAGE);
    return;
  }
  const work: Work[] = [];
  if (values.singles === true) {
    const jobs = SCENARIOS.map(({ name }): Job => ({ kind: 'singles', scenario: name }));
    work.push({ what: 'single interruptions', total: jobs.length * 400, jobs });
  }
  if (values.pairs === true) work.push(...(await pairWork()));
  if (values.mutants === true) {
    const jobs = MUTANTS.map(({ name }): Job => ({ kind: 'mutant', mutant: name }));
    work.push({ what: 'mutants found', total: jobs.length, jobs });
  }
  if (values.scenario !== undefined) work.push(planWork(values.scenario, values.plan));
  if (values.histories !== undefined) {
    work.push(historyWork(Number(values.seed), Number(values.histories), values.mutant));
  }
  if (work.length === 0) {
    console.log(USAGE);
    return;
  }
  for (const each of work) if (!(await run(each, Number(values.workers)))) process.exitCode = 1;
}

// Thousands of errors are thrown, and their stack traces are not used.
Error.stackTraceLimit = 0;

if (process.argv.includes('--child')) {
  process.on('message', (job) => void runJob(job as Job).then((result) => process.send?.(result)));
} else void main();
