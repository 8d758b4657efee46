import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../compile/root';
import { installFromPyPI, NotAvailable, skippedLines } from './install-from-pypi';

/**
 * Synthesizes, and checks the templates with cfn-lint (PyPI), which it puts into a virtual environment below .cache the
 * first time. Where that cannot be, for want of Python or of PyPI, it says so, and counts as skipped.
 */
const CFN_LINT = { name: 'cfn-lint', version: '1.58.0' };

const run = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { cwd: ROOT, stdio: 'inherit' }).status === 0;

function main(): number {
  let programs: string;
  try {
    programs = installFromPyPI(CFN_LINT);
  } catch (thrown) {
    if (!(thrown instanceof NotAvailable)) throw thrown;
    console.log(skippedLines('the templates were not checked by cfn-lint', thrown));
    return 0;
  }
  if (!run('npm', 'run', '--silent', 'synth')) return 1;
  if (!run(join(programs, 'cfn-lint'))) return 1;
  console.log('cfn-lint has nothing to say.');
  return 0;
}

process.exitCode = main();
