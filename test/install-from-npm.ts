import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../compile/root';
import { NotAvailable } from './install-from-pypi';

export interface NpmPackage {
  readonly name: string;
  readonly version: string;
}

/** Longer than an installation takes; without it a registry that never answers would block the run. */
const TIMEOUT_MS = 240_000;

/**
 * Puts packages from npm's registry into a folder of their own below `.cache`, unless they are there: tools that would bring
 * hundreds of packages into every checkout. No script of theirs is run.
 *
 * @param folder its name
 * @param cache the directory in place of `.cache`
 * @param env the environment of the called programs, also for the search for npm
 * @returns the directory of the packages' programs
 * @throws NotAvailable if npm does not get them
 */
export function installFromNpm(
  folder: string,
  packages: readonly NpmPackage[],
  cache = join(ROOT, '.cache'),
  env = process.env,
): string {
  const wanted = packages.map(({ name, version }) => `${name}@${version}`);
  const directory = join(cache, `${folder}-${packages.map(({ version }) => version).join('-')}`);
  // Written last, so that an interrupted installation is not taken for one.
  const complete = join(directory, 'complete');
  const programs = join(directory, 'node_modules/.bin');
  if (existsSync(complete)) return programs;
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'package.json'), '{"private":true}');
  // Settings of the npm that runs this would lead it back to this checkout.
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !/^npm_config_/i.test(name)));
  const args = [
    'install',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    '--save-exact',
    ...wanted,
  ];
  const { status } = spawnSync('npm', args, { cwd: directory, env: own, stdio: 'ignore', timeout: TIMEOUT_MS });
  if (status !== 0) throw new NotAvailable(`npm does not get ${wanted.join(' and ')} here.`);
  writeFileSync(complete, '');
  return programs;
}
