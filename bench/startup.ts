import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { ROOT } from '../compile/root';
import type { Row } from './row';
import { median, percentile } from './statistics';

const COMMAND = join(ROOT, 'bin/keyward.cjs');
const COMPILED = join(ROOT, 'dist/keyward.cjs');
const ROUNDS = 31;
const SERVER_ROUNDS = 5;

/** In the format of `.keyward/credentials` and of AWS's shared file; nothing that is called checks them. */
const CREDENTIALS = '[default]\naws_access_key_id = EXAMPLEKEYIDEXAMPLE\naws_secret_access_key = not-a-real-secret\n';

interface Contender {
  readonly what: string;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly target?: number;
}

/**
 * Returns the user's environment without variables for address and identity. Variables that slow Node's own start affect all
 * contenders.
 */
const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS_|KEYWARD_|npm_|NODE_OPTIONS$)/.test(name)));

/** Loaded first: reports the CPU that the process has used until its end, Node's own start included. */
const METER = `
  process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    require('node:fs').writeSync(3, String((user + system) / 1000));
  });
`;

/** Cost of a process from start to end, in milliseconds. */
interface Cost {
  readonly cpu: number;
  readonly wall: number;
}

async function costOf({ what, argv, env = {} }: Contender, meter: string): Promise<Cost> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['--require', meter, ...argv], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    env: { ...environment(), ...env },
  });
  const closed = once(child, 'close');
  const cpu = Number(await text(child.stdio[3] as Readable));
  await closed;
  if (child.exitCode !== 0) throw new Error(`${what} ended with ${String(child.exitCode)}`);
  return { cpu, wall: performance.now() - startedAt };
}

/** Measures the time from the start of `npm start`'s command to its first screen. */
async function serverTime(home: string): Promise<number> {
  const env = { ...environment(), KEYWARD_HOME: home, PORT: '0' };
  const startedAt = performance.now();
  const child = spawn(process.execPath, [join(ROOT, 'bin/local.cjs')], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), exited]);
  const time = performance.now() - startedAt;
  child.kill('SIGTERM');
  await exited;
  return time;
}

const rowOf = (what: string, samples: readonly number[], unit: string, target?: number): Row => ({
  what,
  measured: `${median(samples).toFixed(2)}${unit}`,
  spread: `${percentile(samples, 0.1).toFixed(2)}–${percentile(samples, 0.9).toFixed(2)}`,
  ...(target !== undefined && { target: `≤ ${target}`, reached: median(samples) <= target }),
});

/**
 * Measures commands from start to end, against plain Node, which does nothing; in turns, CPU as ratios within a round. On an idle
 * machine time has the same ratio; on a shared one it does not, and is shown separately.
 */
export async function benchStartup(): Promise<Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'keyward-bench-'));
  const file = join(directory, 'credentials');
  writeFileSync(file, CREDENTIALS, { mode: 0o600 });
  const meter = join(directory, 'meter.cjs');
  writeFileSync(meter, METER);
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json').end('{"credentials":[]}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const call = ['credential', 'list', 'openai', '--endpoint', endpoint];
    const local = { KEYWARD_HOME: directory };
    const nowhere = join(directory, 'nowhere');
    const aws = { KEYWARD_HOME: nowhere, AWS_SHARED_CREDENTIALS_FILE: file, AWS_EC2_METADATA_DISABLED: 'true' };
    const plain: Contender = { what: 'node -e 0', argv: ['-e', '0'] };
    const contenders: readonly Contender[] = [
      { what: 'dist/keyward.cjs --help', argv: [COMPILED, '--help'], target: 1.7 },
      { what: 'a signed call, local credentials', argv: [COMPILED, ...call], env: local, target: 2 },
      { what: "a signed call, AWS's credential chain", argv: [COMPILED, ...call], env: aws, target: 2.3 },
      { what: 'bin/keyward.cjs --help, which looks for changes first', argv: [COMMAND, '--help'] },
      { what: 'bin/keyward.cjs, a signed call, local credentials', argv: [COMMAND, ...call], env: local },
      { what: 'bin/keyward.cjs, a signed call, AWS', argv: [COMMAND, ...call], env: aws },
    ];
    // Builds missing bundles, and fills file caches.
    for (const contender of [...contenders].reverse()) await costOf(contender, meter);
    const plainCosts: Cost[] = [];
    const costs = contenders.map((): Cost[] => []);
    for (let round = 0; round < ROUNDS; round += 1) {
      plainCosts.push(await costOf(plain, meter));
      for (const [index, contender] of contenders.entries()) costs[index]?.push(await costOf(contender, meter));
    }
    const home = join(directory, 'data');
    await serverTime(home);
    const serverTimes: number[] = [];
    for (let round = 0; round < SERVER_ROUNDS; round += 1) serverTimes.push(await serverTime(home));
    const plainWall = median(plainCosts.map(({ wall }) => wall));
    return [
      rowOf(
        plain.what,
        plainCosts.map(({ cpu }) => cpu),
        ' ms',
      ),
      ...contenders.map(({ what, target }, index): Row => {
        const own = costs[index] ?? [];
        const ratios = own.map(({ cpu }, round) => cpu / (plainCosts[round]?.cpu ?? NaN));
        const wall = median(own.map((each) => each.wall)) / plainWall;
        return { ...rowOf(`${what} / node -e 0`, ratios, ' ×', target), note: `time ${wall.toFixed(2)} ×` };
      }),
      rowOf('npm start, from the start to the first screen', serverTimes, ' ms'),
    ];
  } finally {
    server.close();
    rmSync(directory, { recursive: true, force: true });
  }
}
