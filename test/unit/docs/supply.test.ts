import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../compile/root';

interface Installed {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly inBundle?: boolean;
}

const jsonOf = (path: string): unknown => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
const { dependencies, devDependencies, overrides } = jsonOf('package.json') as Record<string, Record<string, string>>;
const { packages } = jsonOf('package-lock.json') as { packages: Readonly<Record<string, Installed>> };

test('every package that is asked for by name is asked for in one version', () => {
  const wanted = Object.entries({ ...dependencies, ...devDependencies, ...overrides });
  expect(wanted.length).toBeGreaterThan(30);
  for (const [name, version] of wanted)
    expect([name, version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
});

test('the lock has the hash of every package, those inside another one are covered by its own', () => {
  const all = Object.entries(packages).filter(([path]) => path !== '');
  expect(all.length).toBeGreaterThan(500);
  for (const [path, { integrity, link, inBundle }] of all) {
    expect([path, link]).toEqual([path, undefined]);
    if (inBundle !== true)
      expect([path, integrity]).toEqual([path, expect.stringMatching(/^sha512-[A-Za-z0-9+/]{86}==$/)]);
  }
});

test('npm runs no script of a package, and saves exact versions', () => {
  const settings = readFileSync(join(ROOT, '.npmrc'), 'utf8').split('\n');
  expect(settings).toEqual(expect.arrayContaining(['ignore-scripts=true', 'save-exact=true']));
});
