const { relative } = require('node:path');

const REASON = /\[SKIPPED: (.*?)\]/;

/**
 * The last lines of a run: the skipped tests with reasons, and the numbers of passed, failed and skipped. `npm run test:all`,
 * `npm run test:long` and `.ci/run` read them.
 */
module.exports = class TellSkipped {
  constructor({ rootDir }) {
    this.rootDir = rootDir;
  }

  onRunComplete(_contexts, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, testResults }) {
    const skipped = new Map();
    let count = 0;
    for (const { testFilePath, testResults: tests } of testResults) {
      for (const { status, fullName } of tests) {
        if (status === 'passed' || status === 'failed') continue;
        // Tests that a pattern on the command line excludes are not reported.
        if (process.argv.some((argument) => /^(-t|--testNamePattern)/.test(argument)) && !REASON.test(fullName))
          continue;
        count += 1;
        const line = `${relative(this.rootDir, testFilePath)}: ${REASON.exec(fullName)?.[1] ?? 'nobody said why'}`;
        skipped.set(line, (skipped.get(line) ?? 0) + 1);
      }
    }
    const lines = [...skipped].map(
      ([line, times]) => `SKIPPED: ${times === 1 ? '1 test' : `${times} tests`} of ${line}`,
    );
    lines.push(`${numPassedTests} passed, ${numFailedTests + numRuntimeErrorTestSuites} failed, ${count} skipped`);
    // Jest's own summary and the coverage come after this.
    process.once('exit', () => process.stderr.write(`${lines.join('\n')}\n`));
  }
};
