import { BATCH_SIZES, batchCostLines, EVENTS } from './batch-costs';
import { costLines, type CostLine } from './cost-model';
import { deployedQuantities } from './deployed-quantities';
import { measureSizes } from './measured-sizes';
import type { Template } from '../synthesized';

/** Requests a month, in millions. */
const MILLIONS = [1, 10, 100, 1000] as const;

/** Where the table stands in docs/operations.md. */
export const TABLE =
  /(<!-- costs: written by test\/infra\/costs\/write-costs\.ts -->\n\n)[\s\S]*?(\n\n<!-- costs: end -->)/;

/** The same of the table of batches. */
export const BATCH_TABLE =
  /(<!-- batch costs: written by test\/infra\/costs\/write-costs\.ts -->\n\n)[\s\S]*?(\n\n<!-- batch costs: end -->)/;

/** As the audit events of the standard deployment have it. */
const RETENTION_DAYS = 400;

/** The table of the handbook, for these templates. */
export async function costTable(templates: ReadonlyMap<string, Template>): Promise<string> {
  const lines = costLines(deployedQuantities(templates), await measureSizes(RETENTION_DAYS));
  return table(lines, MILLIONS, (n) => `N = ${n.toLocaleString('en-US')}`);
}

/** The table of what a million decrypts cost one by one and in batches. */
export async function batchCostTable(templates: ReadonlyMap<string, Template>): Promise<string> {
  const lines = batchCostLines(deployedQuantities(templates), await measureSizes(RETENTION_DAYS));
  const requests = lines.filter(({ what }) => !what.startsWith(EVENTS));
  const subtotal: CostLine = {
    what: 'without events',
    dollars: (size) => requests.reduce((sum, { dollars }) => sum + dollars(size), 0),
  };
  return table(lines, BATCH_SIZES, (size) => (size === 1 ? 'one by one' : `${size} a request`), subtotal);
}

/** @param subtotal before the last line */
function table(
  lines: readonly CostLine[],
  columns: readonly number[],
  name: (column: number) => string,
  subtotal?: CostLine,
): string {
  const totals = columns.map((column) => lines.reduce((sum, { dollars }) => sum + dollars(column), 0));
  return [
    row('what (US dollars)', columns.map(name)),
    row(
      '---',
      columns.map(() => '---'),
    ),
    ...lines.map(({ what, dollars }) =>
      row(
        what,
        columns.map((column) => shown(dollars(column))),
      ),
    ),
    ...(subtotal === undefined
      ? []
      : [
          row(
            subtotal.what,
            columns.map((column) => shown(subtotal.dollars(column))),
          ),
        ]),
    row(
      '**together**',
      totals.map((total) => `**${shown(total)}**`),
    ),
  ].join('\n');
}

const row = (first: string, others: readonly string[]): string => `| ${[first, ...others].join(' | ')} |`;

const shown = (dollars: number): string =>
  dollars < 10 ? dollars.toFixed(2) : Math.round(dollars).toLocaleString('en-US');
