import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../../compile/root';

const CRUISER = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

interface Rule {
  readonly name: string;
  readonly to: { readonly pathNot?: string };
}
const { forbidden } = jest.requireActual<{ forbidden: readonly Rule[] }>(join(ROOT, '.dependency-cruiser.cjs'));

/** The violation of each rule: a file, and its import. */
const BREACHES: readonly (readonly [rule: string, file: string, imports: string, type?: 'type'])[] = [
  ['contract-imports-nothing', 'lambdas/core/contract/a.ts', 'lambdas/core/errors/errors.ts'],
  ['contract-imports-nothing', 'lambdas/core/contract/b.ts', 'lambdas/core/crypto/token.ts', 'type'],
  ['contract-imports-nothing', 'lambdas/core/contract/c.ts', 'node:os'],
  ['contract-imports-nothing', 'lambdas/core/contract/d.ts', 'zod'],
  ['errors-know-nothing-else', 'lambdas/core/errors/a.ts', 'lambdas/core/ports/clock.ts', 'type'],
  ['crypto-is-pure', 'lambdas/core/crypto/a.ts', 'lambdas/core/ports/clock.ts', 'type'],
  ['crypto-is-pure', 'lambdas/core/crypto/b.ts', 'lambdas/core/keysets/keyset-record.ts', 'type'],
  ['crypto-is-pure', 'lambdas/core/crypto/c.ts', 'node:fs'],
  ['crypto-is-pure', 'lambdas/core/crypto/d.ts', 'zod'],
  ['ports-speak-in-values', 'lambdas/core/ports/a.ts', 'lambdas/core/audit/audit-event.ts', 'type'],
  ['areas-know-crypto-contract-errors-and-ports', 'lambdas/core/tokens/a.ts', 'lambdas/core/http/problem.ts'],
  [
    'areas-know-crypto-contract-errors-and-ports',
    'lambdas/core/tokens/b.ts',
    'lambdas/core/runtime/configuration.ts',
    'type',
  ],
  [
    'areas-know-crypto-contract-errors-and-ports',
    'lambdas/core/audit/ports/c.ts',
    'lambdas/core/http/problem.ts',
    'type',
  ],
  ['areas-know-crypto-contract-errors-and-ports', 'lambdas/core/keysets/d.ts', 'node:fs'],
  ['areas-know-crypto-contract-errors-and-ports', 'lambdas/core/keysets/e.ts', '@aws-sdk/client-sqs', 'type'],
  [
    'use-cases-know-no-operations',
    'lambdas/core/tokens/f.ts',
    'lambdas/core/tokens/operations/encrypt-operations.ts',
    'type',
  ],
  [
    'operations-know-their-area-and-http',
    'lambdas/core/tokens/operations/a.ts',
    'lambdas/core/runtime/configuration.ts',
  ],
  [
    'operations-know-their-area-and-http',
    'lambdas/core/tokens/operations/b.ts',
    'lambdas/adapters/system/system-clock.ts',
  ],
  ['operations-know-their-area-and-http', 'lambdas/core/tokens/operations/c.ts', 'node:http'],
  ['audit-keeps-the-rest-to-itself', 'lambdas/core/keysets/f.ts', 'lambdas/core/audit/version-callers.ts', 'type'],
  ['credentials-keeps-the-rest-to-itself', 'lambdas/core/tokens/g.ts', 'lambdas/core/credentials/put-credential.ts'],
  ['dek-rotation-keeps-the-rest-to-itself', 'lambdas/core/kek-rotation/a.ts', 'lambdas/core/dek-rotation/sweep.ts'],
  ['health-keeps-the-rest-to-itself', 'lambdas/core/audit/a.ts', 'lambdas/core/health/check-readiness.ts', 'type'],
  ['kek-move-keeps-the-rest-to-itself', 'lambdas/core/keysets/m.ts', 'lambdas/core/kek-move/copy-kek.ts'],
  ['kek-rotation-keeps-the-rest-to-itself', 'lambdas/core/keysets/g.ts', 'lambdas/core/kek-rotation/rotate-kek.ts'],
  ['keysets-keeps-the-rest-to-itself', 'lambdas/core/tokens/h.ts', 'lambdas/core/keysets/unknown-versions.ts'],
  ['refusals-keeps-the-rest-to-itself', 'lambdas/core/keysets/r.ts', 'lambdas/core/refusals/refusal-counter.ts'],
  ['tokens-keeps-the-rest-to-itself', 'lambdas/core/credentials/a.ts', 'lambdas/core/tokens/decrypt.ts'],
  [
    'tokens-keeps-the-rest-to-itself',
    'lambdas/core/credentials/operations/b.ts',
    'lambdas/core/tokens/operations/token-schemas.ts',
  ],
  ['transparency-keeps-the-rest-to-itself', 'lambdas/core/audit/b.ts', 'lambdas/core/transparency/merkle-hash.ts'],
  ['http-knows-no-area', 'lambdas/core/http/a.ts', 'lambdas/core/tokens/decrypt.ts', 'type'],
  ['http-knows-no-area', 'lambdas/core/http/b.ts', 'lambdas/core/runtime/configuration.ts', 'type'],
  ['http-knows-no-area', 'lambdas/core/http/c.ts', 'node:fs'],
  ['http-knows-no-area', 'lambdas/core/http/d.ts', '@aws-sdk/client-sqs'],
  ['adapters-know-ports-and-records', 'lambdas/adapters/system/a.ts', 'lambdas/core/tokens/decrypt.ts', 'type'],
  ['adapters-know-ports-and-records', 'lambdas/adapters/aws/sqs/b.ts', 'lambdas/core/keysets/keyset-directory.ts'],
  ['adapters-know-ports-and-records', 'lambdas/adapters/aws/sqs/c.ts', 'lambdas/core/runtime/configuration.ts'],
  ['adapters-know-ports-and-records', 'lambdas/adapters/local/d.ts', 'local/storage/absence.ts'],
  ['adapters-do-not-share', 'lambdas/adapters/system/e.ts', 'lambdas/adapters/aws/sqs/sqs-client.ts'],
  ['only-runtime-imports-adapters', 'lambdas/core/runtime/a.ts', 'lambdas/adapters/system/system-clock.ts'],
  ['only-runtime-imports-adapters', 'lambdas/core/keysets/h.ts', 'lambdas/adapters/system/system-clock.ts', 'type'],
  ['only-runtime-imports-adapters', 'lambdas/sweep/handler.ts', 'lambdas/adapters/system/system-clock.ts'],
  ['nothing-below-knows-a-handler', 'lambdas/core/runtime/b.ts', 'lambdas/keys/handler.ts'],
  ['nothing-below-knows-a-handler', 'lambdas/core/runtime/c.ts', 'lib/deployment.ts', 'type'],
  ['nothing-below-knows-a-handler', 'lambdas/core/runtime/d.ts', 'local/start-local.ts'],
  ['lib-knows-the-contract-alone', 'lib/api/a.ts', 'lambdas/core/crypto/provider.ts'],
  ['lib-knows-the-contract-alone', 'lib/api/b.ts', 'lambdas/core/http/operation.ts', 'type'],
  ['lib-knows-the-contract-alone', 'lib/c.ts', 'local/start-local.ts'],
  ['cli-knows-the-api-alone', 'cli/a.ts', 'lambdas/core/keysets/keyset-record.ts', 'type'],
  ['cli-knows-the-api-alone', 'cli/b.ts', 'local/start-local.ts'],
  ['local-mode-is-not-deployed', 'local/a.ts', 'lib/deployment.ts'],
  ['no-dev-dependency-at-run-time', 'local/b.ts', 'fast-check'],
  ['not-to-test', 'bin/a.ts', 'test/until.ts'],
  ['no-circular', 'cli/x.ts', 'cli/y.ts', 'type'],
  ['no-circular-tests', 'test/x.ts', 'test/y.ts'],
];

/** Imports that all rules allow. */
const KEPT: readonly (readonly [file: string, imports: string, type?: 'type'])[] = [
  ['lambdas/core/contract/k.ts', 'lambdas/core/contract/limits.ts'],
  ['lambdas/core/crypto/k.ts', 'node:crypto'],
  ['lambdas/core/crypto/l.ts', 'lambdas/core/errors/errors.ts'],
  ['lambdas/core/tokens/k.ts', 'lambdas/core/keysets/keyset-access.ts', 'type'],
  ['lambdas/core/tokens/operations/k.ts', 'lambdas/core/http/problem.ts'],
  ['lambdas/core/audit/k.ts', 'lambdas/core/credentials/ports/credential-store.ts', 'type'],
  ['lambdas/core/http/k.ts', 'zod'],
  ['lambdas/core/runtime/compose-k.ts', 'lambdas/adapters/system/system-clock.ts'],
  ['lambdas/adapters/aws/sqs/k.ts', 'lambdas/core/dek-rotation/ports/dek-rotation-queue.ts', 'type'],
  ['lambdas/adapters/aws/dynamodb/k.ts', 'lambdas/core/keysets/keyset-record.ts', 'type'],
  ['lambdas/keys/handler.ts', 'lambdas/core/runtime/compose-k.ts'],
  ['lib/k.ts', 'lambdas/core/contract/limits.ts'],
  ['cli/k.ts', 'lambdas/core/contract/limits.ts'],
  ['local/k.ts', 'lambdas/core/runtime/compose-k.ts'],
  ['test/k.ts', 'cli/k.ts'],
];

/** What closes the cycles, each of which is reported once. */
const CLOSING: typeof KEPT = [
  ['cli/y.ts', 'cli/x.ts', 'type'],
  ['test/y.ts', 'test/x.ts'],
];

let directory = '';
let broken: readonly (readonly [file: string, rule: string])[] = [];

/** Writes a tree of such files alone, in which each imports what is said and no more, and asks the real rules what they find. */
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'keyward-rules-'));
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    writeFileSync(join(directory, file), text);
  };
  for (const file of ['.dependency-cruiser.cjs', 'package.json', 'tsconfig.json']) {
    cpSync(join(ROOT, file), join(directory, file));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  const imports = [...BREACHES.map(([, ...each]) => each), ...KEPT, ...CLOSING];
  const isOurs = (each: string) => each.endsWith('.ts');
  for (const [, each] of imports) if (isOurs(each)) write(each, 'export type A = 1;\n');
  for (const [file, each, type] of imports) {
    const way = isOurs(each)
      ? relative(dirname(file), each)
          .replace(/^(?!\.)/, './')
          .replace(/\.ts$/, '')
      : each;
    write(file, `${type === 'type' ? `import type { A } from` : 'import'} '${way}';\nexport type A = 1;\n`);
  }
  const folders = readdirSync(directory, { withFileTypes: true }).flatMap((each) =>
    each.isDirectory() ? [each.name] : [],
  );
  const parameters = [CRUISER, '--output-type', 'json', ...folders];
  const failed = await promisify(execFile)(process.execPath, parameters, { cwd: directory, maxBuffer: 1 << 26 }).catch(
    (thrown: unknown) => thrown as { readonly stdout: string },
  );
  const { summary } = JSON.parse(failed.stdout) as {
    summary: { violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[] };
  };
  broken = summary.violations.map(({ from, rule }) => [from, rule.name] as const);
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

test.each(BREACHES)('%s: not %s → %s', (rule, file) => {
  expect(broken).toContainEqual([file, rule]);
});

test.each(KEPT)('%s → %s is allowed', (file) => {
  expect(broken.filter(([each]) => each === file)).toEqual([]);
});

test('every rule is broken here by something', () => {
  expect([...new Set(BREACHES.map(([rule]) => rule))].sort()).toEqual(forbidden.map(({ name }) => name).sort());
});

test('what an area exports is there, and another area uses it', () => {
  const core = join(ROOT, 'lambdas/core');
  const sources = readdirSync(core, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => [file, readFileSync(join(core, file), 'utf8')] as const);
  const lists = forbidden.flatMap(({ name, to }) => {
    const [, area] = /^(.*)-keeps-the-rest-to-itself$/.exec(name) ?? [];
    const [, names = ''] = /\(\?:(.*)\)/.exec(to.pathNot ?? '') ?? [];
    return area === undefined ? [] : names.split('|').flatMap((each) => (each === '' ? [] : [[area, each] as const]));
  });
  expect(lists.length).toBeGreaterThan(20);
  for (const [area, name] of lists) {
    const others = sources.filter(([file]) => !file.startsWith(`${area}/`) && !/^(http|runtime)\//.test(file));
    const isUsed = others.some(([, text]) => text.includes(`/${area}/${name}'`));
    expect([area, name, existsSync(join(core, area, `${name}.ts`)), isUsed]).toEqual([area, name, true, true]);
  }
});
