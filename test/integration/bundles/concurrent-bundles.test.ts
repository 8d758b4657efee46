import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { ROOT } from '../../../compile/root';
import { esbuildOptions } from '../../../lib/operations/bundling';
import { instantEnvironment, startInstantAws } from '../../doubles/start-instant-aws';
import { runs } from '../../effort';
import { emfLines } from '../wiring/emf-lines';
import { bundlePath } from './bundled-function';
import { describeEvent, type ConcurrentResult, type ConcurrentRun } from './run-concurrently';
import { sharedBundles } from './shared-bundles';

/**
 * The bundles under many requests at once: as Lambda Managed Instances and other hosts run them, in worker threads of one process, 64
 * requests under way in each. `npm run test:long -- concurrency` sends 100,000.
 */

const PROVIDERS = ['openai'];
const THREADS = 2;
const AT_ONCE = 64;
const REQUESTS = runs(2_000, 1_000);
const LONG_MS = 3_600_000;

interface Finished extends ConcurrentResult {
  /** All output of the thread's functions. */
  readonly output: string;
}

let directory: string;
let runner: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'keyward-concurrent-'));
  runner = join(directory, 'run-concurrently.js');
  await build(esbuildOptions(join(ROOT, 'test/integration/bundles/run-concurrently.ts'), runner));
}, LONG_MS);
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

async function runThread(run: ConcurrentRun, env: Record<string, string>): Promise<Finished> {
  const worker = new Worker(runner, { workerData: run, env, stdout: true, stderr: true });
  const output = Promise.all([text(worker.stdout), text(worker.stderr)]);
  const [result] = (await once(worker, 'message')) as [ConcurrentResult];
  await worker.terminate();
  return { ...result, output: (await output).join('') };
}

/** The number of occurrences of each. */
function tally(texts: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const each of texts) counts.set(each, (counts.get(each) ?? 0) + 1);
  return counts;
}

/** Elements that are more frequent in the first than in the second. */
function missing(wanted: readonly string[], found: readonly string[]): readonly string[] {
  const counts = tally(found);
  return [...tally(wanted)].filter(([each, count]) => count > (counts.get(each) ?? 0)).map(([each]) => each);
}

test(
  `${REQUESTS} requests, ${AT_ONCE} at once in each of ${THREADS} threads: each answered with its own, and each on record once`,
  async () => {
    const found: string[] = [];
    const aws = await startInstantAws(PROVIDERS, (event) => {
      const S = (name: string) => event[name]?.S;
      found.push(
        describeEvent({
          request: S('request_id'),
          user: S('user_id'),
          address: S('ip_address'),
          agent: S('user_agent'),
          type: S('event_type'),
          subject: event['metadata']?.M?.['credential']?.S ?? S('token_sha256'),
        }),
      );
    });
    try {
      const bundles = await sharedBundles();
      const files = Object.fromEntries(
        (['encrypt', 'decrypt', 'rewrap', 'credentials'] as const).map((name) => [name, bundlePath(bundles, name)]),
      ) as ConcurrentRun['bundles'];
      const env = instantEnvironment(aws.endpoint, PROVIDERS);
      const threads = await Promise.all(
        Array.from({ length: THREADS }, (_, index) =>
          runThread(
            { bundles: files, thread: 'x'.repeat(index + 1), requests: REQUESTS / THREADS, atOnce: AT_ONCE },
            env,
          ),
        ),
      );
      expect(threads.flatMap(({ wrong }) => wrong).slice(0, 10)).toEqual([]);
      const answered = threads.flatMap((each) => each.answered);
      expect(answered.length).toBeGreaterThanOrEqual(REQUESTS);
      expect(new Set(answered).size).toBe(answered.length);

      const wanted = threads.flatMap(({ events }) => events);
      expect(missing(wanted, found).slice(0, 10)).toEqual([]);
      expect(missing(found, wanted).slice(0, 10)).toEqual([]);

      const output = threads.map((each) => each.output).join('\n');
      expect(output).not.toContain('sk-example');
      const lines = output.split('\n').filter((line) => line.includes('request served'));
      const logged = lines.map((line) => String((JSON.parse(line) as Record<string, unknown>)['request_id']));
      expect(logged.toSorted()).toEqual(answered.toSorted());
      const counted = emfLines(output).map((line) => Number(line['failed_decrypt'] ?? 0));
      expect(counted.reduce((sum, each) => sum + each, 0)).toBe(
        threads.reduce((sum, { refusals }) => sum + refusals, 0),
      );
    } finally {
      await aws.close();
    }
  },
  LONG_MS,
);
