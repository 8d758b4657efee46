import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { ROOT } from '../compile/root';
import { esbuildOptions } from '../lib/operations/bundling';
import { bundleAll, bundlePath, FUNCTIONS } from '../test/integration/bundles/bundled-function';
import type { Row } from './row';
import { median, percentile } from './statistics';
import { measureHandlers } from './handler-time';

const LOAD_ROUNDS = 15;
const LOAD_TARGET = 1.2;
/** Functions whose start callers wait for. */
const TOKEN_LOAD_TARGET = 1;
const TOKEN_FUNCTIONS: readonly string[] = ['encrypt', 'decrypt'];
const HANDLER_TARGET = 1.3;

/** The clients that any function on DynamoDB and Secrets Manager loads before its own code. */
const THREE_CLIENTS = `
  export { DynamoDBClient } from '@aws-sdk/client-dynamodb';
  export { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
  export { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
`;

/** Runs in a separate process: measures the CPU of loading one file, in milliseconds. */
const LOAD = `
  const before = process.cpuUsage();
  require(process.argv[1]);
  const { user, system } = process.cpuUsage(before);
  console.log((user + system) / 1000);
`;

async function loadCpu(path: string): Promise<number> {
  const env = { PATH: process.env['PATH'], AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', LOAD, path], { env });
  return Number(stdout);
}

const format = (samples: readonly number[], unit: string, digits = 2): Pick<Row, 'measured' | 'spread'> => ({
  measured: `${median(samples).toFixed(digits)}${unit}`,
  spread: `${percentile(samples, 0.1).toFixed(digits)}–${percentile(samples, 0.9).toFixed(digits)}`,
});

const against = (what: string, ratios: readonly number[], limit: number): Row => ({
  what,
  ...format(ratios, ' ×'),
  target: `≤ ${limit}`,
  reached: median(ratios) <= limit,
});

/**
 * Measures the size of each bundle; the CPU of loading it against a bundle of the three AWS clients alone; the CPU of a decrypt
 * against its one indispensable SDK call. All in turns, ratios within a round.
 */
export async function benchBundles(): Promise<Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'keyward-bench-'));
  try {
    const clients = join(directory, 'clients.js');
    await Promise.all([bundleAll(directory), bundleClients(directory, clients)]);
    const paths = [clients, ...FUNCTIONS.map((name) => bundlePath(directory, name))];
    const costs = new Map(paths.map((path) => [path, [] as number[]]));
    for (let round = 0; round <= LOAD_ROUNDS; round += 1) {
      for (const path of paths) {
        const cost = await loadCpu(path);
        if (round > 0) costs.get(path)?.push(cost);
      }
    }
    const base = costs.get(clients) ?? [];
    const size = (path: string): string => `${(statSync(path).size / 1024).toFixed(0)} KiB`;
    const rows: Row[] = [{ what: `load the three AWS clients alone, ${size(clients)}`, ...format(base, ' ms', 1) }];
    for (const name of FUNCTIONS) {
      const path = bundlePath(directory, name);
      const ratios = (costs.get(path) ?? []).map((cost, round) => cost / (base[round] ?? NaN));
      rows.push(
        against(
          `load ${name}, ${size(path)} / the three clients`,
          ratios,
          TOKEN_FUNCTIONS.includes(name) ? TOKEN_LOAD_TARGET : LOAD_TARGET,
        ),
      );
    }
    const handlers = await measureHandlers();
    return [
      ...rows,
      { what: 'one PutItem through the SDK', ...format(handlers.put, ' µs', 0) },
      { what: 'one GetItem through the SDK', ...format(handlers.get, ' µs', 0) },
      against('decrypt, keyset and DEK cached / one PutItem', ratiosOf(handlers.cached, handlers.put), HANDLER_TARGET),
      against(
        'decrypt, nothing cached but the KEK / one GetItem and one PutItem',
        handlers.uncached.map((cost, round) => cost / ((handlers.get[round] ?? NaN) + (handlers.put[round] ?? NaN))),
        HANDLER_TARGET,
      ),
      {
        what: 'decrypt, nothing cached but the KEK / one GetItem',
        ...format(ratiosOf(handlers.uncached, handlers.get), ' ×'),
      },
    ];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const ratiosOf = (over: readonly number[], under: readonly number[]): number[] =>
  over.map((cost, round) => cost / (under[round] ?? NaN));

async function bundleClients(directory: string, outfile: string): Promise<void> {
  const entry = join(directory, 'clients.ts');
  writeFileSync(entry, THREE_CLIENTS);
  // The unmodified SDK: the bundles are compared with one from which nothing is left out.
  await build({ ...esbuildOptions(entry, outfile), alias: {}, nodePaths: [join(ROOT, 'node_modules')] });
}
