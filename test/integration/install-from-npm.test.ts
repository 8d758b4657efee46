import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installFromNpm } from '../install-from-npm';
import { NotAvailable } from '../install-from-pypi';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keyward-npm-'));
  mkdirSync(join(directory, 'bin'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** An npm that records its calls, and gets the packages or fails. */
function putNpm({ hasRegistry }: { hasRegistry: boolean }): void {
  const npm = join(directory, 'bin', 'npm');
  const lines = [
    '#!/bin/sh',
    `echo "$PWD $npm_config_prefix $*" >> '${join(directory, 'calls')}'`,
    `exit ${hasRegistry ? 0 : 1}`,
  ];
  writeFileSync(npm, `${lines.join('\n')}\n`);
  chmodSync(npm, 0o755);
}

const env = (): NodeJS.ProcessEnv => ({ PATH: join(directory, 'bin'), npm_config_prefix: '/elsewhere' });
const packages = [
  { name: 'some-package', version: '1.2.3' },
  { name: '@some/other', version: '4.5.6' },
];
const install = (): string => installFromNpm('tools', packages, join(directory, 'cache'), env());
const calls = (): string[] => readFileSync(join(directory, 'calls'), 'utf8').trim().split('\n');

test('packages are installed once, in their own folder, in their own versions, and without their scripts', () => {
  putNpm({ hasRegistry: true });
  const folder = join(directory, 'cache', 'tools-1.2.3-4.5.6');
  expect(install()).toBe(join(folder, 'node_modules/.bin'));
  expect(install()).toBe(join(folder, 'node_modules/.bin'));
  expect(calls()).toEqual([
    expect.stringMatching(/ {2}install --ignore-scripts .*some-package@1\.2\.3 @some\/other@4\.5\.6$/),
  ]);
  expect(calls()[0]).toContain(folder);
});

test('a registry that does not give them is one sentence, and leaves nothing that is taken for an installation', () => {
  putNpm({ hasRegistry: false });
  const notHere = new NotAvailable('npm does not get some-package@1.2.3 and @some/other@4.5.6 here.');
  expect(install).toThrow(notHere);
  expect(install).toThrow(notHere);
  expect(calls()).toHaveLength(2);
});
