import { applyEdits } from '../../howto/apply-edits';
import { HOWTOS } from '../../howto/all-howtos';
import type { Edit } from '../../howto/edit';

const LIMITS = `/** Of a body. */
export const LIMITS = { body: 65_536, names: ['a', 'b'] } as const satisfies Limits;
`;
const EVENT = `export interface Event {
  readonly kind: 'one' | 'two';
}
export const schema = z.strictObject({ kind: z.optional(z.string()) });
export type Kind = 'one' | 'two';
`;
const ALARMS = `import { raise } from './raise';
export class Alarms {
  constructor() {
    raise('one');
  }
  of(): number {
    const found = 1;
    return found;
  }
}
export const COMMANDS = [
  { words: ['key', 'show'], summary: 'shows it' },
];
`;
const FILES: Readonly<Record<string, string>> = {
  'lib/limits.ts': LIMITS,
  'lambdas/core/event.ts': EVENT,
  'cli/alarms.ts': ALARMS,
  'test/alarms.ts': `const COMMANDS = [1];\n`,
  'docs/handbook.md': '| a | 1 |\n| b | 2 |\n',
  'cdk.json': '{"context":{"regions":["one"]}}',
};
const tree = { files: Object.keys(FILES), read: (file: string) => FILES[file] };
const after = (...edits: Edit[]) => Object.fromEntries(applyEdits(tree, edits));
const one = (edit: Edit): string => Object.values(after(edit)).join();

test.each<[string, Edit, string]>([
  ['a value in an object', { place: 'LIMITS.body', replace: '1' }, '{ body: 1, names'],
  ['another member of an object', { place: 'LIMITS', append: 'more: 2' }, "['a', 'b'],\nmore: 2\n} as const"],
  ['another element of a list', { place: 'LIMITS.names', append: "'c'" }, "['a', 'b',\n'c'\n]"],
  ['another element behind a comma', { place: 'COMMANDS', append: '{}' }, "'shows it' },\n{},]"],
  [
    'another member of an interface',
    { place: 'Event', append: 'readonly at: string;' },
    "'two';\nreadonly at: string;\n}",
  ],
  [
    'another member of what a call takes',
    { place: 'schema', append: 'at: z.string()' },
    'z.string()),\nat: z.string()\n})',
  ],
  ['another alternative', { place: 'Kind', append: "'three'" }, "type Kind = 'one' | 'two' | 'three';"],
  ['another alternative of a member', { place: 'Event.kind', append: "'three'" }, "kind: 'one' | 'two' | 'three';"],
  ['another statement', { place: 'Alarms.constructor', append: "raise('two');" }, "raise('one');\n  raise('two');\n}"],
  ['a statement before the answer', { place: 'Alarms.of', append: 'count();' }, 'count();\nreturn found;'],
  ['a statement before all others', { place: 'Alarms.of', begin: 'count();' }, '{\ncount();\n    const found'],
  ['the value of a variable', { place: 'Alarms.of.found', replace: '2' }, 'const found = 2;'],
  ['an element by its words', { place: 'COMMANDS.key show.summary', replace: "'shows'" }, "summary: 'shows' }"],
  ['other words in a place', { place: 'Alarms', words: "'one'", by: "'none'" }, "raise('none')"],
  ['a name in a test', { place: 'test/alarms.ts#COMMANDS', append: '2' }, '[1,\n2\n]'],
  [
    'what a place has not imported',
    { place: 'Alarms.of', begin: 'x();', uses: ['LIMITS'] },
    "import { LIMITS } from '../lib/limits';\n",
  ],
  [
    'a line of a document',
    { file: 'docs/handbook.md', behind: '| a ', line: '| c | 3 |' },
    '| a | 1 |\n| c | 3 |\n| b',
  ],
  ['words of a document', { file: 'docs/handbook.md', words: '| 2', by: '| 3' }, '| b | 3 |'],
  ['a member of JSON', { file: 'cdk.json', json: ['context', 'regions'], value: () => ['two'] }, '"two"'],
  [
    'a new file',
    { file: 'lib/new.ts', text: 'export {};\n', uses: ['type Event'] },
    "import type { Event } from '../lambdas/core/event';\nexport {};",
  ],
])('finds %s', (_, edit, text) => {
  expect(one(edit)).toContain(text);
});

test('an edit sees those before it, and what is imported already is not imported again', () => {
  const text = after(
    { file: 'lib/new.ts', text: 'export const RAISED = [1];\n' },
    { place: 'RAISED', append: '2', uses: ['LIMITS'] },
    { place: 'RAISED', append: '3', uses: ['LIMITS'] },
  )['lib/new.ts']!;
  expect(text.split('import')).toHaveLength(2);
  expect(text).toContain('[1,\n2,\n3\n]');
});

test.each<[string, Edit]>([
  ['is declared nowhere', { place: 'NOWHERE', replace: '1' }],
  ['no more in it', { place: 'LIMITS.more', replace: '1' }],
  ['words are there 0 times', { place: 'LIMITS', words: 'absent', by: '' }],
  ['words are there 2 times', { file: 'docs/handbook.md', words: '|\n', by: '' }],
  ['lines begin with', { file: 'docs/handbook.md', behind: '| c ', line: '' }],
  ['nothing can be put', { place: 'LIMITS.body', append: '1' }],
  ['no statements', { place: 'LIMITS', begin: '1' }],
  ['changes nothing', { place: 'LIMITS.body', replace: '65_536' }],
  ['is there already', { file: 'cdk.json', text: '' }],
  ['there is no docs/absent.md', { file: 'docs/absent.md', words: 'a', by: 'b' }],
  ['there is no context.absent', { file: 'cdk.json', json: ['context', 'absent'], value: () => 1 }],
  ['there is no lib/absent.ts', { place: 'lib/absent.ts#A', replace: '1' }],
  ['declares no A', { place: 'lib/limits.ts#A', replace: '1' }],
])('is refused where something is amiss: %s', (why, edit) => {
  const said = why === 'no more in it' ? 'there is no more' : why;
  expect(() => one(edit)).toThrow(said);
});

test('a name that two files of the product declare is refused, unless one exports it', () => {
  const twice = { ...FILES, 'lib/other.ts': 'export const LIMITS = {};\n', 'lib/own.ts': 'const Event = 1;\n' };
  const both = { files: Object.keys(twice), read: (file: string) => twice[file as keyof typeof twice] };
  expect(() => applyEdits(both, [{ place: 'LIMITS.body', replace: '1' }])).toThrow('lib/limits.ts and lib/other.ts');
  expect([...applyEdits(both, [{ place: 'Event', append: 'readonly a: 1;' }]).keys()]).toEqual([
    'lambdas/core/event.ts',
  ]);
});

test('every change has a name and a limit of its own', () => {
  expect(new Set(HOWTOS.map(({ name }) => name)).size).toBe(HOWTOS.length);
  for (const { atMost } of HOWTOS) expect(atMost).toBeGreaterThan(0);
});
