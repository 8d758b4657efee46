#!/usr/bin/env node
const { runCompiled } = require('../compile/run-compiled.cjs');

// As every error of a command is written (cli/io/print.ts); nothing of that can be run here.
runCompiled('keyward', (detail) => {
  const isJson = process.argv.includes('--json');
  process.stderr.write(
    isJson ? `${JSON.stringify({ code: 'build_failed', detail })}\n` : `keyward: build_failed: ${detail}\n`,
  );
  process.exitCode = 1;
});
