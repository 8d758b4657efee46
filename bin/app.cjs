const { runCompiled } = require('../compile/run-compiled.cjs');

process.setSourceMapsEnabled(true);
runCompiled('app', (sentence) => {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
});
