const { execFileSync } = require('node:child_process');
const { readFileSync } = require('node:fs');

/**
 * Whether Node has taken an `--env-file` after our own name as its own option: it has then put the file's variables into this
 * process and applied their NODE_OPTIONS. Node 20, 22 and 24 search the whole command line up to a `--` for that option
 * (src/node_dotenv.cc, `Dotenv::GetPathFromArgs`; https://github.com/nodejs/node/issues/54232).
 */
function hasReadEnvFile() {
  if (!process.argv.slice(2).some((argument) => argument.startsWith('--env-file'))) return false;
  const first = commandLine().find((argument) => argument === '--' || argument.startsWith('--env-file'));
  return first !== undefined && first !== '--';
}

function commandLine() {
  try {
    return readFileSync('/proc/self/cmdline', 'utf8').split('\0');
  } catch {
    // For systems other than Linux. Words with spaces appear as several, and ours have none before the options.
    return execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(process.pid)], { encoding: 'utf8' }).split(/\s+/);
  }
}

module.exports = { hasReadEnvFile };
