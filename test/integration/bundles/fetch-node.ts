import { execFileSync } from 'node:child_process';

/** Longer than a download takes; without it a registry that never answers would block the run. */
const TIMEOUT_MS = 300_000;
const SCRIPT = 'console.log(process.version + " " + process.execPath)';

/**
 * Another release of Node: the package which `npx node@24` would install by a script of its own; here no package may run one.
 *
 * @param release such as 24
 * @returns the path of its program; undefined where it cannot be fetched
 */
export function fetchNode(release: string): string | undefined {
  const fetched = `node-${process.platform}-${process.arch}@${release}`;
  try {
    const stdout = execFileSync('npx', ['-y', '-p', fetched, 'node', '-e', SCRIPT], {
      timeout: TIMEOUT_MS,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [version = '', path] = stdout.trim().split(' ');
    return version.startsWith(`v${release}.`) ? path : undefined;
  } catch {
    return undefined;
  }
}
