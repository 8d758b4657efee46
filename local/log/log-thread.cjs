const { runCompiled } = require('../../compile/run-compiled.cjs');

// A thread: its creator sees the exit.
runCompiled('log-thread', (sentence) => {
  throw new Error(sentence);
});
