const { execFileSync } = require('node:child_process');
const { readFileSync } = require('node:fs');

/**
 * Whether Node has taken an `--env-file` behind our own name for its own, has put the file's variables into this process, and has done
 * what its NODE_OPTIONS say. It looks for that option in the whole command line up to a `--`, in Node 20, 22 and 24
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
    // Not on Linux. Words with spaces are several then, and none of ours has any before the options.
    return execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(process.pid)], { encoding: 'utf8' }).split(/\s+/);
  }
}

module.exports = { hasReadEnvFile };
