import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A requirement that is not on this machine and cannot be installed: one sentence for the user. */
export class NotAvailable extends Error {}

/** The last lines of a check that was skipped as a whole, as `npm run test:all` and others read them. */
export const skippedLines = (what: string, { message }: NotAvailable): string =>
  `SKIPPED: ${what}. ${message}\n0 passed, 0 failed, 1 skipped`;

export interface PyPIPackage {
  readonly name: string;
  readonly version: string;
  /** Packages beside it, also in exact versions. */
  readonly beside?: readonly PyPIPackage[];
}

const CACHE = join(__dirname, '../.cache');
/** Longer than an installation takes; without it a registry that never answers would block the run. */
const TIMEOUT_MS = 240_000;

/**
 * Puts a package from PyPI, and those beside it, into a virtual environment of its own below `.cache`, unless it is there.
 *
 * @param cache the directory in place of `.cache`
 * @param env the environment of the called programs, also for the search for python3
 * @returns the directory of the environment's programs
 * @throws NotAvailable where there is no python3, where its modules venv and pip are missing, or where PyPI does not give the package
 */
export function installFromPyPI({ name, version, beside = [] }: PyPIPackage, cache = CACHE, env = process.env): string {
  const succeeds = (program: string, args: readonly string[]): boolean =>
    // What a failure says is said by the sentence that follows from it; pip's own words would be pages.
    spawnSync(program, args, { env, stdio: 'ignore', timeout: TIMEOUT_MS, killSignal: 'SIGKILL' }).status === 0;
  const environment = join(cache, [name, version, ...beside.map((each) => each.version)].join('-'));
  const programs = join(environment, 'bin');
  // Written last, so that an interrupted installation is not taken for one.
  const complete = join(environment, 'complete');
  // Before all else: an environment is of no use without the Python that it was made with.
  if (!succeeds('python3', ['--version'])) {
    throw new NotAvailable(`${name} needs python3, and there is none here.`);
  }
  if (existsSync(complete)) return programs;
  if (!succeeds('python3', ['-c', 'import venv, ensurepip'])) {
    throw new NotAvailable(`${name} needs python3 with its modules venv and ensurepip, and they are missing here.`);
  }
  mkdirSync(dirname(environment), { recursive: true });
  rmSync(environment, { recursive: true, force: true });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  pip.push(...[{ name, version }, ...beside].map((each) => `${each.name}==${each.version}`));
  if (!succeeds('python3', ['-m', 'venv', environment]) || !succeeds(join(programs, 'python'), pip)) {
    throw new NotAvailable(`${name} ${version} could not be installed from PyPI.`);
  }
  writeFileSync(complete, '');
  return programs;
}
