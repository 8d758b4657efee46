import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../compile/root';
import { AGAIN_DESCRIPTIONS, PROBLEM_MEANINGS } from '../../../lambdas/core/contract/problem-meanings';
import { ERROR_CODES, PROBLEM_STATUSES } from '../../../lambdas/core/contract/problems';

export const ERRORS_PAGE = join(ROOT, 'docs/errors.md');

const BEFORE = '<!-- codes: npx tsx test/unit/contract/errors-page.ts writes them -->\n';
const AFTER = '\n<!-- end of the codes -->';

/** The table of all codes, by status. */
function codesTable(): string {
  const codes = ERROR_CODES.toSorted((a, b) => PROBLEM_STATUSES[a] - PROBLEM_STATUSES[b] || (a < b ? -1 : 1));
  const rows = codes.map((code) => {
    const { meaning, action, again } = PROBLEM_MEANINGS[code];
    return `| ${PROBLEM_STATUSES[code]} | \`${code}\` | ${meaning} | ${action} | ${AGAIN_DESCRIPTIONS[again]} |`;
  });
  const head = '| status | code | has happened | do | send it again as it is? |\n| --- | --- | --- | --- | --- |';
  return `\n${head}\n${rows.join('\n')}\n`;
}

/** The page with the table made from the code. */
export function errorsPage(page: string): string {
  const [before, rest] = page.split(BEFORE);
  const after = rest?.split(AFTER)[1];
  if (before === undefined || after === undefined) throw new Error('docs/errors.md has lost its marks');
  return before + BEFORE + codesTable() + AFTER + after;
}

if (require.main === module) writeFileSync(ERRORS_PAGE, errorsPage(readFileSync(ERRORS_PAGE, 'utf8')));
