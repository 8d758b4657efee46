import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../compile/root';
import { BATCH_TABLE, batchCostTable, costTable, TABLE } from './cost-table';
import { synthesize } from '../synthesize';

/** Writes the tables of costs into the handbook, where costs.test.ts finds that they are others: `npx tsx test/infra/costs/write-costs.ts`. */
async function main(): Promise<void> {
  const path = join(ROOT, 'docs/operations.md');
  const { templates } = synthesize();
  let handbook = readFileSync(path, 'utf8');
  for (const [place, table] of [
    [TABLE, await costTable(templates)],
    [BATCH_TABLE, await batchCostTable(templates)],
  ] as const) {
    if (!place.test(handbook)) throw new Error('docs/operations.md has no place for a table of costs');
    handbook = handbook.replace(place, (_, before: string, after: string) => `${before}${table}${after}`);
  }
  writeFileSync(path, handbook);
}

void main();
