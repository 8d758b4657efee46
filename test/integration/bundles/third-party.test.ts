import { readFileSync } from 'node:fs';
import { usedPackages, type UsedPackage } from './bundled-packages';
import { THIRD_PARTY_PAGE, thirdPartyPage } from './third-party-page';

const page = readFileSync(THIRD_PARTY_PAGE, 'utf8');
let packages: readonly UsedPackage[];
beforeAll(async () => {
  packages = await usedPackages();
});

test('docs/third-party.md has what is in the bundles and beside them, by version and licence', () => {
  expect(page).toBe(thirdPartyPage(page, packages));
});

test('every part has packages, and each has a licence that allows to hand it on under its text alone', () => {
  const parts = new Set(packages.flatMap(({ parts }) => parts));
  expect([...parts].toSorted()).toEqual(['CDK app', 'command', 'functions', 'local server']);
  // The command's dynamic import is in its bundle as text, and counts nevertheless.
  expect(packages.find(({ name }) => name === '@aws-sdk/credential-provider-sso')?.parts).toContain('command');
  for (const { name, license } of packages) {
    expect([name, license]).toEqual([
      name,
      expect.stringMatching(/^(Apache-2\.0|MIT|MIT-0|ISC|0BSD|BSD-[23]-Clause|BlueOak-1\.0\.0|\(MIT OR .*\))$/),
    ]);
  }
});

test('a page without its marks is refused', () => {
  expect(() => thirdPartyPage('# Others', [])).toThrow('has lost its marks');
});
