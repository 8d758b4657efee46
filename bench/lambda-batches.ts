import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from '../compile/root';
import { esbuildOptions } from '../lib/operations/bundling';
import { instantEnvironment } from '../test/doubles/start-instant-aws';
import { proxyEvent } from '../test/integration/bundles/bundled-deployment';
import type { InvocationCost, Invocations } from './child-function';
import type { Row } from './row';
import { median, percentile } from './statistics';

const ROUNDS = 15;
const WARM_UP = 2;
/** Decrypts per measurement; batches have more, because they cost less. */
const SINGLES = 200;
const BATCHED = 2000;
const CONCURRENT = 1000;
const AT_ONCE = 64;
const BATCH_SIZES = [10, 25, 100] as const;

const PLAINTEXT = 'sk-example-not-a-real-key-'.padEnd(108, 'x');
const CONTEXT = { team: 'search' };
const openai = (call: string, body: unknown): unknown => proxyEvent('POST', `/v1/providers/openai/${call}`, body);

const start = (file: string, argv: readonly string[], env: Record<string, string>): ChildProcess =>
  fork(resolve(__dirname, file), [...argv], {
    execArgv: ['--require', require.resolve('tsx/cjs')],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1', ...env },
  });
const answerOf = async (child: ChildProcess): Promise<unknown> => ((await once(child, 'message')) as unknown[])[0];

/** @throws Error if an event was not answered with 200 */
async function invoke(child: ChildProcess, invocations: Invocations): Promise<InvocationCost> {
  const answered = answerOf(child);
  child.send(invocations);
  const cost = (await answered) as InvocationCost;
  const wrong = cost.statuses.find((status) => status !== 200);
  if (wrong !== undefined) throw new Error(`a call was answered with ${wrong}`);
  return cost;
}

/** A contender: its events, the number sent at a time, and the number of their decrypts, for the CPU per decrypt. */
interface Contender {
  readonly events: readonly unknown[];
  readonly atATime: number;
  readonly decrypts: number;
}

function contenders(ciphertext: string): Readonly<Record<string, Contender>> {
  const item = { ciphertext, context: CONTEXT };
  const single = openai('decrypt', item);
  const batchOf = (size: number): Contender => {
    const body = { items: Array.from({ length: size }, () => item) };
    const events = Array.from({ length: Math.ceil(BATCHED / size) }, () => openai('decrypt-batch', body));
    return { events, atATime: 1, decrypts: events.length * size };
  };
  return {
    single: { events: Array.from({ length: SINGLES }, () => single), atATime: 1, decrypts: SINGLES },
    ...Object.fromEntries(BATCH_SIZES.map((size) => [`batch of ${size}`, batchOf(size)])),
    [`${AT_ONCE} at once`]: {
      events: Array.from({ length: CONCURRENT }, () => single),
      atATime: AT_ONCE,
      decrypts: CONCURRENT,
    },
  };
}

const TARGETS: Readonly<Record<string, number>> = { 'batch of 100': 0.2, [`${AT_ONCE} at once`]: 0.3 };

const spreadOf = (samples: readonly number[], digits: number): string =>
  `${percentile(samples, 0.1).toFixed(digits)}–${percentile(samples, 0.9).toFixed(digits)}`;

/**
 * Measures the CPU of an audited decrypt in decrypt's deployed bundle: alone, in batches, and with many concurrent requests. Its
 * DynamoDB answers at once, in another process. In turns, ratios within a round.
 */
export async function benchLambdaBatches(): Promise<Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'keyward-bench-'));
  const children: ChildProcess[] = [];
  try {
    const bundle = async (name: string): Promise<string> => {
      const outfile = join(directory, name, 'index.js');
      await build(esbuildOptions(join(ROOT, 'lambdas', name, 'handler.ts'), outfile));
      return outfile;
    };
    const aws = start('child-instant-aws.ts', [], {});
    children.push(aws);
    const { endpoint } = (await answerOf(aws)) as { endpoint: string };
    const functionOf = async (name: string): Promise<ChildProcess> => {
      const child = start('child-function.ts', [await bundle(name)], instantEnvironment(endpoint, ['openai']));
      children.push(child);
      await answerOf(child);
      return child;
    };
    const encrypt = await functionOf('encrypt');
    const decrypt = await functionOf('decrypt');
    const sealed = await invoke(encrypt, {
      events: [openai('encrypt', { plaintext: PLAINTEXT, context: CONTEXT })],
      atATime: 1,
    });
    const { ciphertext } = JSON.parse(sealed.lastBody) as { ciphertext: string };
    const compared = contenders(ciphertext);
    const costs = new Map(Object.keys(compared).map((name) => [name, [] as number[]]));
    for (let round = -WARM_UP; round < ROUNDS; round += 1) {
      for (const [name, { events, atATime, decrypts }] of Object.entries(compared)) {
        const { cpuMicroseconds } = await invoke(decrypt, { events, atATime });
        if (round >= 0) costs.get(name)?.push(cpuMicroseconds / decrypts);
      }
    }
    const alone = costs.get('single') ?? [];
    return [...costs].map(([name, samples]): Row => {
      const what = name === 'single' ? 'one audited decrypt alone' : `one audited decrypt, ${name}`;
      const micros = { measured: `${median(samples).toFixed(0)} µs`, spread: spreadOf(samples, 0) };
      if (name === 'single') return { what, ...micros };
      const ratios = samples.map((cost, round) => cost / (alone[round] ?? NaN));
      const target = TARGETS[name];
      return {
        what: `${what} / alone`,
        measured: `${median(ratios).toFixed(3)} ×`,
        spread: spreadOf(ratios, 3),
        note: `${micros.measured}, ${micros.spread}`,
        ...(target !== undefined && { target: `≤ ${target}`, reached: median(ratios) <= target }),
      };
    });
  } finally {
    for (const child of children) child.disconnect();
    rmSync(directory, { recursive: true, force: true });
  }
}
