import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../compile/root';
import { documentFor } from '../../../local/gateway/api-docs';

interface Installed {
  readonly license?: string;
  readonly dev?: boolean;
}

const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const { packages } = JSON.parse(textOf('package-lock.json')) as { packages: Readonly<Record<string, Installed>> };
const { license, devDependencies } = JSON.parse(textOf('package.json')) as {
  license: string;
  devDependencies: Readonly<Record<string, string>>;
};
const nameOf = (path: string): string => path.replace(/^.*node_modules\//, '');

/** A distributor of such a package, or its operator over a network, owes the source of the containing work. */
const isCopyleft = ({ license = '' }: Installed): boolean =>
  /\b(A?GPL|SSPL|EUPL)/.test(license) && !/\bOR\b/.test(license);

test('the licence is the Apache License 2.0, in the package, the lock, the OpenAPI document and LICENSE', () => {
  expect(license).toBe('Apache-2.0');
  expect(packages['']?.license).toBe('Apache-2.0');
  expect(JSON.parse(documentFor('/openapi.json')!.body.toString())).toMatchObject({
    info: { license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
  });
  const text = textOf('LICENSE');
  expect(text).toMatch(/^ +Apache License\n +Version 2\.0, January 2004\n/);
  expect(text).toContain('Copyright 2026 the Keyward authors');
  for (let section = 1; section <= 9; section += 1) expect(text).toMatch(new RegExp(`^   ${section}\\. [A-Z]`, 'm'));
  expect(text).toContain('END OF TERMS AND CONDITIONS');
});

test('one tool is copyleft, with what it needs; it is for development alone, and docs/third-party.md names it', () => {
  const copyleft = Object.entries(packages).filter(([, each]) => isCopyleft(each));
  const names = copyleft.map(([path]) => nameOf(path)).toSorted();
  expect(names).toEqual(['@cloud-copilot/iam-policy', '@cloud-copilot/iam-simulate', '@cloud-copilot/iam-utils']);
  for (const [path, { dev }] of copyleft) expect([path, dev]).toEqual([path, true]);
  expect(names.filter((name) => name in devDependencies)).toEqual(['@cloud-copilot/iam-simulate']);
  const page = textOf('docs/third-party.md');
  for (const name of names) expect(page).toContain(`\`${name}\``);
});

test('every package says under which licence it is', () => {
  const silent = Object.entries(packages).filter(([path, each]) => path !== '' && each.license === undefined);
  expect(silent.map(([path]) => nameOf(path))).toEqual([]);
});
