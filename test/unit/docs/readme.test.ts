import { OPERATIONS } from '../../../lambdas/core/runtime/operations';
import { textOf } from './documents';

const readme = textOf('README.md');
/** The text before the first heading below the title. */
const first = readme.slice(0, readme.indexOf('\n## '));

test('the first screen says what it is for, for whom, and shows a picture and a table with what others have and it has not', () => {
  expect(first).toMatch(/\*\*A service that keeps the API keys/);
  expect(first).toContain('It is for teams');
  expect(first.match(/^```$/gm)).toHaveLength(2);
  const [head = ''] = first.split('\n').filter((line) => line.startsWith('| '));
  for (const other of ['Vault', 'KMS', 'Secrets Manager']) expect(head).toContain(other);
  const [, , ours, ...theirs] = (/^\| \*\*what it has and Keyward has not.*$/m.exec(first)?.[0] ?? '')
    .split('|')
    .map((cell) => cell.trim());
  expect(ours).toBe('–');
  expect(theirs.slice(0, 3).every((cell) => cell.length > 20)).toBe(true);
  expect(first.split('\n').length).toBeLessThan(40);
});

test('it says that a context binds and does not authorize', () => {
  expect(first).toContain('A context binds, it does not authorize');
});

test('what it costs is what the handbook reckons', () => {
  const [, together] = /^\| \*\*together\*\* \| \*\*(\d+)\*\*/m.exec(textOf('docs/operations.md')) ?? [];
  expect(first).toContain(`about ${together} dollars with a million requests`);
});

test('the table of calls names the policy that each call needs', () => {
  const rows = readme.split('\n').flatMap((line) => {
    const [, call = '', , policy = ''] = line.split(/(?<!\\)\|/);
    return call.includes('`') && policy !== '' ? [{ call, policy }] : [];
  });
  const wrong: string[] = [];
  let found = 0;
  for (const [name, { method, path, grant }] of Object.entries(OPERATIONS)) {
    const end = path.endsWith('}') ? path.split('/').slice(-2).join('/') : path.split('/').at(-1)!;
    const whole = rows.find(({ call }) => call.includes(`\`${method} ${path}\``));
    const row =
      whole ??
      rows.find(({ call }) =>
        call
          .split(', ')
          .some((one) => one.includes(`/${end}\``) && (one.includes(`\`${method}`) || one.startsWith('`…'))),
      );
    if (row === undefined) continue;
    found += 1;
    if (!row.policy.includes(grant === 'anyone' ? 'none' : `\`${grant}\``)) wrong.push(name);
  }
  expect(wrong).toEqual([]);
  expect(found).toBeGreaterThan(18);
});
