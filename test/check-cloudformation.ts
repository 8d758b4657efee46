import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Synthesizes, and checks the templates with cfn-lint (PyPI), which it puts into a virtual environment below .cache the
 * first time. Where there is no Python it says so, and counts as passed.
 */
const CFN_LINT = 'cfn-lint==1.58.0';
const ROOT = join(__dirname, '..');
const ENVIRONMENT = join(ROOT, '.cache', 'cfn-lint-1.58.0');
const EXECUTABLE = join(ENVIRONMENT, 'bin', 'cfn-lint');

function run(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { cwd: ROOT, stdio: 'inherit' }).status === 0;
}

function main(): number {
  if (spawnSync('python3', ['--version']).status !== 0) {
    console.log('There is no python3 here: the templates were not checked by cfn-lint.');
    return 0;
  }
  if (!existsSync(EXECUTABLE)) {
    const made =
      run('python3', '-m', 'venv', ENVIRONMENT) && run(join(ENVIRONMENT, 'bin', 'pip'), 'install', '-q', CFN_LINT);
    if (!made) {
      console.error('cfn-lint could not be installed from PyPI.');
      return 1;
    }
  }
  if (!run('npm', 'run', '--silent', 'synth')) return 1;
  if (!run(EXECUTABLE)) return 1;
  console.log('cfn-lint has nothing to say.');
  return 0;
}

process.exitCode = main();
