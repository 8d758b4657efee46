import { lastLines } from './last-lines';
import { runBeside, runCheck, type Check, type Outcome } from './run-check';

const script = (name: string): Check => ({ name, command: ['npm', 'run', '--silent', name] });

/**
 * The checks of `.ci/run`: all tests, the static checks, and the deployment (its templates by cfn-lint, its functions on
 * MiniStack). Each is run, even after a failure of an earlier one.
 */
async function main(): Promise<void> {
  const beside = runEachBeside(['check', 'check:cloudformation', 'test:e2e']);
  const outcomes = [await runCheck(script('test:all')), ...(await beside)];
  process.stdout.write(lastLines(outcomes));
  process.exitCode = outcomes.some(({ failed }) => failed > 0) ? 1 : 0;
}

/** Runs checks one after the other beside the tests: many tests wait, and they use three quarters of two cores. */
async function runEachBeside(names: readonly string[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const name of names) outcomes.push(await runBeside(script(name)));
  return outcomes;
}

void main();
