import { lastLines } from './last-lines';
import { runCheck } from './run-check';

/**
 * `npm run test:all`: every test file once. Those of `npm test` are run by it, with coverage, for which they are sufficient; coverage
 * of the others, which mostly start processes, would cost and tell nothing.
 */
async function main(): Promise<void> {
  const outcomes = [
    await runCheck({ name: 'npm test, with coverage', command: ['npm', 'test', '--silent', '--', '--coverage'] }),
    await runCheck({
      name: 'beyond npm test',
      command: [process.execPath, require.resolve('jest/bin/jest'), '--config', 'jest.beyond.config.js'],
    }),
  ];
  process.stdout.write(lastLines(outcomes));
  process.exitCode = outcomes.some(({ failed }) => failed > 0) ? 1 : 0;
}

void main();
