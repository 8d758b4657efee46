#!/usr/bin/env node
const { hasReadEnvFile } = require('../compile/has-read-env-file.cjs');
const { runCompiled } = require('../compile/run-compiled.cjs');

// As every error of a command is written (cli/io/print.ts); nothing of that can be run here.
const refuse = (code, exitCode, detail) => {
  const isJson = process.argv.includes('--json');
  process.stderr.write(isJson ? `${JSON.stringify({ code, detail })}\n` : `keyward: ${code}: ${detail}\n`);
  process.exitCode = exitCode;
};

if (hasReadEnvFile()) {
  refuse(
    'usage',
    2,
    'Node itself has read --env-file: start the command as bin/keyward, or by node -- bin/keyward.cjs; nothing was sent',
  );
} else {
  runCompiled('keyward', (detail) => {
    refuse('build_failed', 1, detail);
  });
}
