const { runCompiled } = require('../../compile/run-compiled.cjs');

// A thread: its creator sees the exit.
runCompiled('embedded-dynamodb-worker', (sentence) => {
  throw new Error(sentence);
});
