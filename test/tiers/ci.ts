import { lastLines } from './last-lines';
import { runBeside, runCheck, type Check, type Outcome } from './run-check';

const script = (name: string): Check => ({ name, command: ['npm', 'run', '--silent', name] });

/**
 * What guards the tree, called by `.ci/run`: all tests, what does not need to run anything, and the deployment: its templates by
 * cfn-lint, and its functions on MiniStack. Each is run, whatever became of those before.
 */
async function main(): Promise<void> {
  // It mostly waits, because a rotation does, and takes a thirtieth of the CPU: beside the tests it costs no time.
  const deployed = runBeside(script('test:e2e'));
  const outcomes: Outcome[] = [];
  for (const name of ['test:all', 'check', 'check:cloudformation']) outcomes.push(await runCheck(script(name)));
  outcomes.push(await deployed);
  process.stdout.write(lastLines(outcomes));
  process.exitCode = outcomes.some(({ failed }) => failed > 0) ? 1 : 0;
}

void main();
