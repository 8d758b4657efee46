import { COMMIT_CPU_SECONDS } from './budgets';
import { lastLines } from './last-lines';
import { runCheck, type Outcome } from './run-check';

/** `npm run test:all`: `npm test` with its CPU budget, then everything at full effort, with coverage. */
async function main(): Promise<void> {
  const commit = await runCheck({
    name: 'npm test',
    command: ['npm', 'test', '--silent'],
    env: { KEYWARD_TEST_EFFORT: '0.1' },
  });
  const everything = await runCheck({
    name: 'everything, with coverage',
    command: [process.execPath, require.resolve('jest/bin/jest'), '--coverage'],
    env: { KEYWARD_TEST_EFFORT: '1' },
  });
  const outcomes = [commit, budgetOf(commit), everything];
  process.stdout.write(lastLines(outcomes));
  process.exitCode = outcomes.some(({ failed }) => failed > 0) ? 1 : 0;
}

/** Every second of it is spent before each commit. */
function budgetOf({ cpuSeconds }: Outcome): Outcome {
  const isKept = cpuSeconds <= COMMIT_CPU_SECONDS;
  const name = `npm test took ${Math.round(cpuSeconds)} of at most ${COMMIT_CPU_SECONDS} s of CPU`;
  return { name, passed: isKept ? 1 : 0, failed: isKept ? 0 : 1, skipped: 0, reasons: [], seconds: 0, cpuSeconds: 0 };
}

void main();
