const { runCompiled } = require('../../compile/run-compiled.cjs');

// A thread: whoever started it learns that it ended.
runCompiled('journal-thread', (sentence) => {
  throw new Error(sentence);
});
