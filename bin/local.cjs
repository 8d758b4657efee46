const { runCompiled } = require('../compile/run-compiled.cjs');

runCompiled('local', (sentence) => {
  process.stderr.write(`keyward: ${sentence}\n`);
  process.exitCode = 1;
});
