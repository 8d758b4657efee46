import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../compile/root';
import { costTable, TABLE } from './cost-table';
import { synthesize } from '../synthesize';

/** Writes the table of costs into the handbook, where costs.test.ts finds that it is another: `npx tsx test/infra/costs/write-costs.ts`. */
async function main(): Promise<void> {
  const path = join(ROOT, 'docs/operations.md');
  const table = await costTable(synthesize().templates);
  const handbook = readFileSync(path, 'utf8');
  if (!TABLE.test(handbook)) throw new Error('docs/operations.md has no place for the table of costs');
  writeFileSync(
    path,
    handbook.replace(TABLE, (_, before: string, after: string) => `${before}${table}${after}`),
  );
}

void main();
