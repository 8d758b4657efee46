import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../compile/root';
import { installFromPyPI, NotAvailable } from '../install-from-pypi';

const PACKAGE = { name: 'some-package', version: '1.2.3' };

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keyward-pypi-'));
  mkdirSync(join(directory, 'bin'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** A python3 that records its calls and does the parts of Python that are needed. */
function putPython({ hasVenv = true, hasPyPI = true } = {}): void {
  const python = join(directory, 'bin', 'python3');
  const calls = join(directory, 'calls');
  const lines = [
    '#!/bin/sh',
    `echo "$*" >> '${calls}'`,
    'case "$*" in',
    `  '-c '*) exit ${hasVenv ? 0 : 1} ;;`,
    `  '-m venv '*) /bin/mkdir -p "$3/bin" && /bin/cp '${python}' "$3/bin/python" ;;`,
    `  '-m pip '*) exit ${hasPyPI ? 0 : 1} ;;`,
    'esac',
  ];
  writeFileSync(python, `${lines.join('\n')}\n`);
  chmodSync(python, 0o755);
}

const cache = (): string => join(directory, 'cache');
const env = (): NodeJS.ProcessEnv => ({ PATH: join(directory, 'bin') });
const install = (): string => installFromPyPI(PACKAGE, cache(), env());
const calls = (): string => readFileSync(join(directory, 'calls'), 'utf8');

test('the package is installed once, in its own environment and in its own version', () => {
  putPython();
  const programs = install();
  expect(programs).toBe(join(cache(), 'some-package-1.2.3', 'bin'));
  expect(existsSync(join(programs, 'python'))).toBe(true);
  expect(calls()).toContain('some-package==1.2.3');
  expect(install()).toBe(programs);
  expect(calls().match(/-m pip/g)).toHaveLength(1);
});

test('several packages share one environment, that of their versions', () => {
  putPython();
  const several = { ...PACKAGE, beside: [{ name: 'other', version: '4.5' }] };
  expect(installFromPyPI(several, cache(), env())).toBe(join(cache(), 'some-package-1.2.3-4.5', 'bin'));
  expect(calls()).toContain('some-package==1.2.3 other==4.5');
});

test('without Python one sentence says so', () => {
  expect(install).toThrow(new NotAvailable('some-package needs python3, and there is none here.'));
});

test('without what makes virtual environments one sentence says so', () => {
  putPython({ hasVenv: false });
  expect(install).toThrow(
    /^some-package needs python3 with its modules venv and ensurepip, and they are missing here\.$/,
  );
});

test('a PyPI that does not give it is one sentence, and leaves nothing that is taken for an installation', () => {
  putPython({ hasPyPI: false });
  expect(install).toThrow(new NotAvailable('some-package 1.2.3 could not be installed from PyPI.'));
  putPython();
  install();
  expect(calls().match(/-m pip/g)).toHaveLength(2);
});

test.each([
  ['test/check-cloudformation.ts', 'SKIPPED: the templates were not checked by cfn-lint. cfn-lint needs python3'],
  ['test/e2e/main.ts', 'SKIPPED: nothing was deployed to MiniStack. ministack needs python3'],
])('%s says where there is no Python that it did nothing', (script, sentence) => {
  const { status, stdout } = spawnSync(process.execPath, ['--import', 'tsx', join(ROOT, script)], {
    cwd: ROOT,
    env: env(),
    encoding: 'utf8',
  });
  expect([status, stdout]).toEqual([0, `${sentence}, and there is none here.\n0 passed, 0 failed, 1 skipped\n`]);
});
