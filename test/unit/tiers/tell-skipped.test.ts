import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../../compile/root';

test('the last lines of Jest name what was skipped and why, and count it apart', () => {
  const directory = mkdtempSync(join(tmpdir(), 'keyward-skipped-'));
  const reporter = join(ROOT, 'test/tiers/tell-skipped.cjs');
  writeFileSync(
    join(directory, 'jest.config.js'),
    `module.exports = { reporters: ['default', ${JSON.stringify(reporter)}] };`,
  );
  writeFileSync(
    join(directory, 'a.test.js'),
    `test('passes', () => undefined);
     describe.skip('outside [SKIPPED: no curl here]', () => { test('one', () => undefined); test('two', () => undefined); });
     test.skip('forgotten', () => undefined);`,
  );
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'node_modules/jest/bin/jest.js')], {
    cwd: directory,
    encoding: 'utf8',
  });
  rmSync(directory, { recursive: true, force: true });
  expect(status).toBe(0);
  expect(stderr.trimEnd().split('\n').slice(-3)).toEqual([
    'SKIPPED: 2 tests of a.test.js: no curl here',
    'SKIPPED: 1 test of a.test.js: nobody said why',
    '1 passed, 0 failed, 3 skipped',
  ]);
});
