import { readFileSync } from 'node:fs';
import { ERROR_CODES } from '../../../lambdas/core/contract/problems';
import { PROBLEM_MEANINGS } from '../../../lambdas/core/contract/problem-meanings';
import { ERRORS_PAGE, errorsPage } from './errors-page';

const page = readFileSync(ERRORS_PAGE, 'utf8');

test('docs/errors.md has the codes that the code has, with what they mean', () => {
  expect(page).toBe(errorsPage(page));
  for (const code of ERROR_CODES) expect(page).toContain(`| \`${code}\` | ${PROBLEM_MEANINGS[code].meaning} |`);
});

test('whatever a code says is a sentence, and breaks no table', () => {
  for (const { meaning, action } of Object.values(PROBLEM_MEANINGS)) {
    for (const text of [meaning, action]) expect(text).toMatch(/^[A-Z][^|\n]+\.$/);
  }
});

test('a page without its marks is refused', () => {
  expect(() => errorsPage('# Errors')).toThrow('has lost its marks');
});
