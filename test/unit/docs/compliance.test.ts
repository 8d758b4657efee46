import { findCommand } from '../../../cli/find-command';
import { OPTIONS, type Options } from '../../../cli/options';
import { AUDIT_FINDING_KINDS } from '../../../lambdas/core/transparency/audit-finding';
import { codeSpans, textOf } from './documents';

const PAGES = ['docs/compliance.md', 'docs/evidence.md'] as const;

/** A code span that is a command line, as the words before its options and the names of its options. */
const commandsOf = (text: string) =>
  codeSpans(text)
    .filter((span) => span.startsWith('keyward '))
    .map((span) => {
      const [, ...words] = span.split(' ');
      const names = words.flatMap((word) => /^--([a-z-]+)/.exec(word)?.[1] ?? []);
      const firstOption = words.findIndex((word) => word.startsWith('--'));
      return { span, words: firstOption === -1 ? words : words.slice(0, firstOption), names };
    });

/** What is wrong with a command that a page names. */
function faultOf({ span, words, names }: ReturnType<typeof commandsOf>[number]): string | undefined {
  const command = findCommand(words);
  if (command === undefined || words.length > command.words.length + command.parameters.length)
    return `${span}: there is no such command`;
  const known: Options = { ...OPTIONS, ...command.options };
  const unknown = names.find((name) => !Object.hasOwn(known, name));
  return unknown === undefined ? undefined : `${span}: there is no --${unknown}`;
}

test.each(PAGES)('every command and option that %s names is one', (path) => {
  const commands = commandsOf(textOf(path));
  expect(commands.length).toBeGreaterThan(2);
  expect(commands.flatMap((each) => faultOf(each) ?? [])).toEqual([]);
});

test('a command and an option that are none are found', () => {
  const [none, half, wrong] = commandsOf('`keyward certify` `keyward audit certify --all` `keyward audit --nobody X`');
  expect(faultOf(none!)).toContain('no such command');
  expect(faultOf(half!)).toContain('no such command');
  expect(faultOf(wrong!)).toContain('no --nobody');
});

const page = textOf(PAGES[0]);
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
  .map((line) => line.slice(2, -2).split(' | '));

test('every alarm that the page names is in the handbook', () => {
  const handbook = textOf('docs/operations.md');
  const alarms = codeSpans(page).filter((span) => /^[a-z]+(?:-[a-z]+)+$/.test(span) && !span.startsWith('keyward'));
  expect(alarms.length).toBeGreaterThan(5);
  expect(alarms.filter((alarm) => !handbook.includes(`\n| \`${alarm}\` |`))).toEqual([]);
});

const SOC_2 = [
  ...Array.from({ length: 8 }, (_, index) => `CC6.${index + 1}`),
  ...Array.from({ length: 5 }, (_, index) => `CC7.${index + 1}`),
];
const PCI = [
  ...['3.6.1', '3.6.1.1', '3.6.1.2', '3.6.1.3', '3.6.1.4'],
  ...Array.from({ length: 9 }, (_, index) => `3.7.${index + 1}`),
  ...Array.from({ length: 7 }, (_, index) => `10.2.1.${index + 1}`),
  ...['10.1.1', '10.2.2', '10.3.1', '10.3.2', '10.3.3', '10.3.4', '10.4.1', '10.4.2', '10.5.1', '10.6.1', '10.7.2'],
];
const OTHERS = ['A.8.15', 'A.8.16', 'A.8.24', '5(1)(e)', '30', '32', '33'];

test.each([...SOC_2, ...PCI, ...OTHERS])('%s has what Keyward does, what shows it, and what remains', (requirement) => {
  const found = rows.filter(([first = '']) => first.split(/[ ,]+/)[0] === requirement && first.includes(','));
  const [row] = found.filter((cells) => cells.length === 4);
  expect(row?.map((cell) => cell.trim() !== '')).toEqual([true, true, true, true]);
});

test('every kind of finding has its row in the runbook', () => {
  const runbook = textOf('docs/evidence.md');
  expect(AUDIT_FINDING_KINDS.filter((kind) => !runbook.includes(`\n| \`${kind}\` |`))).toEqual([]);
});

test('what is not met is named, at the top', () => {
  const part = page.split('## What is not met')[1]?.split('\n## ')[0] ?? '';
  for (const requirement of ['13.3.3', '11.7.1', '3.6.1.2', '3.7.6', '10.2.1.6']) expect(part).toContain(requirement);
});
