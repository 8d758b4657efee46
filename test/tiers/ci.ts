import { lastLines } from './last-lines';
import { runCheck, type Outcome } from './run-check';

/**
 * What guards the tree, called by `.ci/run`: all tests, what does not need to run anything, and the deployment: its templates by
 * cfn-lint, and its functions on MiniStack. Each is run, whatever became of those before.
 */
async function main(): Promise<void> {
  const outcomes: Outcome[] = [];
  for (const script of ['test:all', 'check', 'check:cloudformation', 'test:e2e']) {
    outcomes.push(await runCheck({ name: script, command: ['npm', 'run', '--silent', script] }));
  }
  process.stdout.write(lastLines(outcomes));
  process.exitCode = outcomes.some(({ failed }) => failed > 0) ? 1 : 0;
}

void main();
