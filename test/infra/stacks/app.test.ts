import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../../../compile/root';
import { CONFIGURED } from '../synthesized';

/** The program that the CDK CLI starts, by cdk.json, with the context as the CLI passes it. */
const app = (changes: Record<string, unknown>) =>
  spawnSync(process.execPath, [join(ROOT, 'bin/app.cjs')], {
    cwd: ROOT,
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'] ?? '',
      CDK_CONTEXT_JSON: JSON.stringify({ keyward: { ...CONFIGURED, ...changes } }),
      JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION: '1',
    },
  });

test('a configuration that is wrong stops the synthesis with one sentence, and no stack of calls', () => {
  const { status, stderr, stdout } = app({ kek_rotation_interval_days: 45 });
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toBe("The configuration's kek_rotation_interval_days must be 30, 60 or 90.\n");
});
