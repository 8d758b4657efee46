import { costLines } from './cost-model';
import { deployedQuantities } from './deployed-quantities';
import { measureSizes } from './measured-sizes';
import type { Template } from '../synthesized';

/** Requests a month, in millions. */
const MILLIONS = [1, 10, 100, 1000] as const;

/** Where the table stands in docs/operations.md. */
export const TABLE =
  /(<!-- costs: written by test\/infra\/costs\/write-costs\.ts -->\n\n)[\s\S]*?(\n\n<!-- costs: end -->)/;

/** As the audit events of the standard deployment have it. */
const RETENTION_DAYS = 400;

/** The table of the handbook, for these templates. */
export async function costTable(templates: ReadonlyMap<string, Template>): Promise<string> {
  const lines = costLines(deployedQuantities(templates), await measureSizes(RETENTION_DAYS));
  const totals = MILLIONS.map((n) => lines.reduce((sum, { dollars }) => sum + dollars(n), 0));
  return [
    row(
      'what (US dollars)',
      MILLIONS.map((n) => `N = ${n.toLocaleString('en-US')}`),
    ),
    row(
      '---',
      MILLIONS.map(() => '---'),
    ),
    ...lines.map(({ what, dollars }) =>
      row(
        what,
        MILLIONS.map((n) => shown(dollars(n))),
      ),
    ),
    row(
      '**together**',
      totals.map((total) => `**${shown(total)}**`),
    ),
  ].join('\n');
}

const row = (first: string, others: readonly string[]): string => `| ${[first, ...others].join(' | ')} |`;

const shown = (dollars: number): string =>
  dollars < 10 ? dollars.toFixed(2) : Math.round(dollars).toLocaleString('en-US');
