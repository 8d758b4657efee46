import { parseEnv } from 'node:util';
import fc from 'fast-check';
import { EnvFileFault, parseEnvFile } from '../../../cli/program/parse-env-file';
import { runs } from '../../effort';

const read = (text: string): Record<string, string> =>
  Object.fromEntries(parseEnvFile(text).map(({ variable, value }) => [variable, value]));

const PART = fc.constantFrom(
  ...[
    'A',
    'B',
    'NAME',
    '=',
    '=',
    ' ',
    '#',
    ' # c',
    "'",
    '"',
    '`',
    '\n',
    '\n',
    'x',
    '\\n',
    '\\',
    '$A',
    'export ',
    'keyward://openai/main',
  ],
);
const LINE = fc.tuple(
  fc.constantFrom('A', 'B_2', '_c', 'export D', ' E', 'F '),
  fc.constantFrom('=', ' = ', '= '),
  fc.array(PART, { maxLength: 5 }).map((parts) => parts.join('')),
);

// Node 20 takes a tab around a name or value as a part of it.
test('what it takes, it takes as Node does', () => {
  let taken = 0;
  const text = fc.oneof(
    fc.array(PART, { maxLength: 14 }).map((parts) => parts.join('')),
    fc.array(LINE, { maxLength: 4 }).map((lines) => lines.map((line) => line.join('')).join('\n')),
  );
  fc.assert(
    fc.property(text, (file) => {
      // Node 20 makes names of some comments and blank lines.
      fc.pre(!/^ *#|^ +$/m.test(file));
      let ours: Record<string, string>;
      try {
        ours = read(file);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(EnvFileFault);
        return;
      }
      taken += Object.keys(ours).length > 0 ? 1 : 0;
      // Node 20 takes white space before a name as a part of it.
      const nodes = Object.entries(parseEnv(file)).map(([name, value]) => [name.trim(), value] as const);
      expect(ours).toEqual(Object.fromEntries(nodes));
    }),
    { numRuns: runs(4_000, 400) },
  );
  expect(taken).toBeGreaterThan(20);
});

test('a long value, and many lines', () => {
  expect(read(`A="${'x\n'.repeat(400_000)}"`)['A']).toHaveLength(800_000);
  expect(read(`${'\n'.repeat(200_000)}A=1\n`)).toEqual({ A: '1' });
});

test('a file as people have it', () => {
  expect(
    parseEnvFile(
      '\ufeff# settings\n\nexport OPENAI_API_KEY="keyward://openai/default" # ours\nURL=http://localhost:1234/a?b=c\r\nEMPTY=\nTEXT="one\ntwo\\nthree"\n LAST = \'# $HOME "\\n"\'',
    ),
  ).toEqual([
    { variable: 'OPENAI_API_KEY', value: 'keyward://openai/default', line: 3 },
    { variable: 'URL', value: 'http://localhost:1234/a?b=c', line: 4 },
    { variable: 'EMPTY', value: '', line: 5 },
    { variable: 'TEXT', value: 'one\ntwo\nthree', line: 6 },
    { variable: 'LAST', value: '# $HOME "\\n"', line: 8 },
  ]);
});

test.each<[text: string, line: number, rule: RegExp]>([
  ['A=1\nsk-example-key-without-a-name', 2, /^must be NAME=value, a comment or empty$/],
  ['A=1\n\nA=2', 3, /^A is already on line 1$/],
  ['A="one\ntwo', 1, /^the quote of A is not closed$/],
  ['A="one\ntwo" three', 2, /^A has text after its closing quote$/],
  ['A="one""two"', 1, /has text after/],
  ['A=one#two', 1, /^a value with # needs quotes: that of A has none$/],
  ['A=one\0', 1, /^the value of A has a NUL/],
  ['A="one\0"', 1, /NUL/],
  ['A=one\rB=two', 1, /carriage return/],
  ['1A=x', 1, /^the variable must be a name/],
  ['a.b=x', 1, /^the variable must be a name/],
  ['ä=x', 1, /^the variable must be a name/],
  ['sk-example-key=x', 1, /^the variable must be a name/],
  ['sk_example_key=x', 1, /^the variable looks like a key or token$/],
  ['\n\nNODE_OPTIONS=--require=./x.js', 3, /^NODE_OPTIONS controls how programs load code/],
  ['=x', 1, /^must be NAME=value/],
  ['A', 1, /^must be NAME=value/],
  ['A\n=x', 1, /^must be NAME=value/],
])('%j is refused', (text, line, rule) => {
  const refused = (): unknown => {
    try {
      return parseEnvFile(text);
    } catch (thrown) {
      return thrown;
    }
  };
  expect(refused()).toMatchObject({ name: 'EnvFileFault', line, rule: expect.stringMatching(rule) });
});
