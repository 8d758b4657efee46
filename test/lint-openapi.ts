import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openApiDocument } from '../lambdas/core/runtime/operations';
import { license, version } from '../package.json';
import { installFromNpm } from './install-from-npm';
import { NotAvailable, skippedLines } from './install-from-pypi';

/**
 * The OpenAPI document before the linters that people run over it, with their recommended rules and nothing left out: Redocly's
 * with every warning an error, Spectral's with every hint. They bring some 240 packages, so they are no dependencies.
 */
const LINTERS = [
  { name: '@redocly/cli', version: '2.77.0' },
  { name: '@stoplight/spectral-cli', version: '6.16.3' },
] as const;

type Document = Readonly<Record<string, unknown>>;

interface Lint {
  readonly name: string;
  readonly command: readonly [program: string, ...parameters: string[]];
}

const lints = (directory: string): readonly Lint[] => [
  {
    name: 'redocly, rules recommended-strict',
    command: ['redocly', 'lint', 'openapi.json', '--extends=recommended-strict', '--format=stylish'],
  },
  {
    name: 'spectral, rules spectral:oas',
    command: [
      'spectral',
      'lint',
      'openapi.json',
      '--ruleset',
      join(directory, 'spectral.yaml'),
      '--fail-severity=hint',
    ],
  },
];

/** A damaged document in which each linter must find something, which shows that it ran. */
function spoilt(document: Document): Document {
  const { info, paths, ...rest } = document;
  const some = [...Object.entries(paths as Document).slice(0, 1), ['/x/{y}', { get: {} }]];
  return { ...rest, info: { title: (info as Document)['title'] }, paths: Object.fromEntries(some) as Document };
}

function main(): number {
  let programs: string;
  try {
    programs = installFromNpm('openapi-linters', LINTERS);
  } catch (thrown) {
    if (!(thrown instanceof NotAvailable)) throw thrown;
    console.log(skippedLines('the OpenAPI document was not linted', thrown));
    return 0;
  }
  const directory = mkdtempSync(join(tmpdir(), 'keyward-openapi-'));
  try {
    writeFileSync(join(directory, 'spectral.yaml'), 'extends: ["spectral:oas"]\n');
    const document = openApiDocument(version, license);
    const failed = lints(directory).filter((lint) => !judges(lint, { directory, programs, document }));
    console.log(`${lints(directory).length - failed.length} passed, ${failed.length} failed, 0 skipped`);
    return failed.length === 0 ? 0 : 1;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Whether a linter finds something in the damaged document, and nothing in the real one. */
function judges(
  { name, command: [program, ...parameters] }: Lint,
  { directory, programs, document }: { directory: string; programs: string; document: Document },
): boolean {
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  const run = (linted: Document) => {
    writeFileSync(join(directory, 'openapi.json'), JSON.stringify(linted, null, 2));
    return spawnSync(join(programs, program), parameters, { cwd: directory, env, encoding: 'utf8' });
  };
  if (run(spoilt(document)).status === 0) {
    console.log(`${name}: finds nothing in a document that is spoilt`);
    return false;
  }
  const { status, stdout, stderr } = run(document);
  console.log(status === 0 ? `${name}: has nothing to say` : `${name}:\n${stdout}\n${stderr}`);
  return status === 0;
}

process.exitCode = main();
