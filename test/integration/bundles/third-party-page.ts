import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../compile/root';
import { usedPackages, type UsedPackage } from './bundled-packages';

export const THIRD_PARTY_PAGE = join(ROOT, 'docs/third-party.md');

const BEFORE = '<!-- packages: npx tsx test/integration/bundles/third-party-page.ts writes them -->\n';
const AFTER = '\n<!-- end of the packages -->';

const byName = (a: UsedPackage, b: UsedPackage): number =>
  `${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1;

function table(title: string, packages: readonly UsedPackage[]): string {
  const rows = packages
    .toSorted(byName)
    .map(({ name, version, license, parts }) => `| ${name} | ${version} | ${license} | ${parts.join(', ')} |`);
  return `\n${title}\n\n| package | version | licence | part |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}

/** The page with the packages as the bundles have them. */
export function thirdPartyPage(page: string, packages: readonly UsedPackage[]): string {
  const [before, rest] = page.split(BEFORE);
  const after = rest?.split(AFTER)[1];
  if (before === undefined || after === undefined) throw new Error('docs/third-party.md has lost its marks');
  const tables = [
    table(
      '**In the bundles:**',
      packages.filter(({ isBeside }) => !isBeside),
    ),
    table(
      '**Beside them,** read from `node_modules` when they run:',
      packages.filter(({ isBeside }) => isBeside),
    ),
  ];
  return before + BEFORE + tables.join('') + AFTER + after;
}

async function write(): Promise<void> {
  writeFileSync(THIRD_PARTY_PAGE, thirdPartyPage(readFileSync(THIRD_PARTY_PAGE, 'utf8'), await usedPackages()));
}

if (require.main === module) void write();
