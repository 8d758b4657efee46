import type { Check } from './run-check';

/** One part of `npm run test:long`. */
export interface Part extends Check {
  /** Description of what it shows, with its amount. */
  readonly what: string;
}

const simulate = (...parameters: string[]): Check['command'] => [
  'npm',
  'run',
  '--silent',
  'simulate',
  '--',
  ...parameters,
];

/** Some test files, at this effort (`test/effort.ts`). */
const files = (effort: number, ...paths: string[]): Pick<Part, 'command' | 'env'> => ({
  command: [process.execPath, require.resolve('jest/bin/jest'), ...paths.map((path) => `test/${path}`)],
  env: { KEYWARD_TEST_EFFORT: String(effort) },
});

/** The parts that issues ask for in large numbers. Each part runs alone. */
export const LONG_PARTS: readonly Part[] = [
  {
    name: 'full-effort',
    what: 'all tests at the effort of 1, of which test:all has a tenth',
    ...files(1),
  },
  {
    name: 'commit-budget',
    what: 'npm test takes no more CPU than its budget, beside a fixed piece of work in the same run',
    command: ['npx', 'tsx', 'test/tiers/commit-budget.ts'],
  },
  {
    name: 'histories',
    what: '10,000 seeded histories of users, rotations, faults and clocks in three simulated regions',
    command: simulate('--histories', '10000', '--seed', '1000'),
  },
  {
    name: 'interruptions',
    what: 'every simulated scenario, interrupted at each call in each way, and those of rotations and of credentials twice in a row',
    command: simulate('--singles', '--pairs'),
  },
  {
    name: 'mutants',
    what: 'every mutant of the simulated system is found',
    command: simulate('--mutants'),
  },
  {
    name: 'register',
    what: '200 histories of eight clients at one stored credential of a real server, each explained by one order of its calls',
    ...files(20, 'integration/local/linearizable-credentials.test.ts'),
  },
  {
    name: 'concurrency',
    what: '100,000 requests to the bundles in worker threads, 64 at once in each: each answered with its own, each on record once',
    ...files(50, 'integration/bundles/concurrent-bundles.test.ts'),
  },
  {
    name: 'kills',
    what: 'servers killed at random under load and in the middle of rotations',
    ...files(
      10,
      'integration/local/kill.test.ts',
      'integration/local/undo-kill.test.ts',
      'integration/local/dek-rotation-kill.test.ts',
    ),
  },
  {
    name: 'power-cuts',
    what: 'what a device holds after a power cut, and full disks',
    ...files(5, 'integration/power-cut', 'integration/local/full-disk.test.ts'),
  },
  {
    name: 'journal',
    what: 'a power cut after every call of the audit journal’s writer, recovery and retention, with torn tails and holes of every length, and a flipped bit at every byte of a group',
    ...files(2, 'unit/local/journal'),
  },
  {
    name: 'data-directory',
    what: 'losses, second starts and changes under a running process, by real processes',
    ...files(
      10,
      'integration/local/owned-data-directory.test.ts',
      'integration/local/lost-files.test.ts',
      'integration/local/watched-data-directory.test.ts',
      'integration/local/old-data-directory.test.ts',
    ),
  },
  {
    name: 'damaged-rows',
    what: 'every kind of damage in every attribute of every kind of row',
    ...files(10, 'integration/damaged-rows.test.ts'),
  },
  {
    name: 'queries',
    what: 'ten thousand odd queries to the embedded store, each answered or refused as the caller’s',
    ...files(17, 'integration/local/odd-queries.test.ts'),
  },
  {
    name: 'store',
    what: 'the embedded store worn for long',
    ...files(5, 'contract/worn-store.test.ts', 'contract/embedded-dynamodb.test.ts'),
  },
  {
    name: 'properties',
    what: 'all properties of the domain and of HTTP, ten times as often',
    ...files(10, 'unit', 'vectors'),
  },
  {
    name: 'key-rotations',
    what: 'the KEK rotation interrupted at each call, against the real service’s stand-in',
    ...files(5, 'integration/kek-rotation'),
  },
  {
    name: 'vault-rotations',
    what: 'the KEK rotation on Vault’s double: interrupted at each outside call and at thousands of pairs of them, and two drivers at each pair of their calls',
    ...files(40, 'integration/vault-rotation'),
  },
  {
    name: 'vault-faults',
    what: 'decrypts under load while Vault fails in each way, and requests under AWS credentials from Vault with leases of 15 seconds',
    ...files(4, 'integration/vault-faults', 'contract/vault/leased-credentials-load.test.ts'),
  },
  {
    name: 'kek-moves',
    what: 'moves of the KEK interrupted at each outside call and at thousands of pairs, with movers, rotations and rewraps held at each of theirs; and a server with 1,000 credentials killed at random while its KEK moves into Vault and back',
    ...files(17, 'integration/kek-move', 'integration/local/kek-move-kill.test.ts'),
  },
  {
    name: 'node-versions',
    what: 'the bundles of all functions under Node 22 and 24, fetched from the registry',
    ...files(1, 'integration/bundles/bundles.test.ts'),
    env: { KEYWARD_TEST_EFFORT: '1', KEYWARD_TEST_NODES: '22,24' },
  },
  {
    name: 'mistakes',
    what: 'plausible mistakes in product code, planted one at a time, each noticed by a test',
    command: ['npx', 'tsx', 'test/long/planted-mistakes.ts'],
  },
  {
    name: 'howtos',
    what: 'the changes that people make, as patches: made in a copy, type-checked and tested, and the files that each touches counted',
    command: ['npx', 'tsx', 'test/howto/main.ts'],
  },
  {
    name: 'installed',
    what: 'a fresh checkout after npm ci, with and without --omit=dev, on Node 20, 22 and 24, edited and read-only',
    command: ['npm', 'run', '--silent', 'test:installed'],
  },
  {
    name: 'documents',
    what: 'the commands of README and documents, as they stand there, in a fresh clone against the server that it starts',
    command: ['npx', 'tsx', 'test/long/documented-commands.ts'],
  },
  {
    name: 'openapi',
    what: 'the OpenAPI document before Redocly’s linter and Spectral, fetched from the registry',
    command: ['npm', 'run', '--silent', 'test:openapi'],
  },
  {
    name: 'clients',
    what: 'thirteen clients that sign by themselves, unmodified, against npm start; fetched from their registries',
    command: ['npm', 'run', '--silent', 'test:clients'],
  },
  {
    name: 'sumdb',
    what: 'the transparency log before golang.org/x/mod/sumdb, fetched from its proxy',
    command: ['npm', 'run', '--silent', 'test:sumdb'],
  },
  {
    name: 'aics-tlog',
    what: 'the transparency log before aics-tlog, fetched from PyPI',
    command: ['npm', 'run', '--silent', 'test:aics-tlog'],
  },
  {
    name: 'dynamodb-local',
    what: 'the contracts of the stores against Amazon’s DynamoDB Local',
    command: ['npm', 'run', '--silent', 'test:dynamodb-local'],
  },
];
