import { lastLines } from './last-lines';
import { runBeside, runCheck, type Check, type Outcome } from './run-check';

const script = (name: string): Check => ({ name, command: ['npm', 'run', '--silent', name] });

/**
 * What guards the tree, called by `.ci/run`: all tests, what does not need to run anything, and the deployment: its templates by
 * cfn-lint, and its functions on MiniStack. Each is run, whatever became of those before.
 */
async function main(): Promise<void> {
  const outcomes: Outcome[] = [await runCheck(script('test:all'))];
  // It waits for minutes, because a rotation does; the checks have the time.
  const deployed = runBeside(script('test:e2e'));
  outcomes.push(await runCheck(script('check')), await runCheck(script('check:cloudformation')), await deployed);
  process.stdout.write(lastLines(outcomes));
  process.exitCode = outcomes.some(({ failed }) => failed > 0) ? 1 : 0;
}

void main();
