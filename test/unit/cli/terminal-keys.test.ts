import fc from 'fast-check';
import { TerminalKeys, type Key } from '../../../cli/io/terminal-keys';

const keysOf = (...pieces: (string | Uint8Array)[]): readonly Key[] => {
  const keys = new TerminalKeys();
  return pieces.flatMap((piece) => keys.decode(Buffer.from(piece as string), 0));
};
const edit = (...edits: string[]): unknown => edits.map((one) => ({ kind: 'edit', edit: one }));
const text = (characters: string): unknown => Array.from(characters, (character) => ({ kind: 'text', character }));
const kinds = (...pieces: (string | Uint8Array)[]): string[] => keysOf(...pieces).map(({ kind }) => kind);

test.each([
  ['Backspace', '\u007f\b', ['erase', 'erase']],
  ['Ctrl-A, E, B, F', '\u0001\u0005\u0002\u0006', ['start', 'end', 'left', 'right']],
  ['Ctrl-U, K, W', '\u0015\u000b\u0017', ['erase-line', 'erase-rest', 'erase-word']],
  ['arrows', '\u001b[D\u001b[C\u001bOD\u001bOC', ['left', 'right', 'left', 'right']],
  [
    'arrows with Ctrl',
    '\u001b[1;5D\u001b[1;5C\u001b[5D\u001bOc',
    ['word-left', 'word-right', 'word-left', 'word-right'],
  ],
  ['arrows with Alt', '\u001b[1;3D\u001b\u001b[D', ['word-left', 'left']],
  ['arrows with Shift', '\u001b[1;2D\u001b[d', ['left', 'word-left']],
  ['Home', '\u001b[H\u001bOH\u001b[1~\u001b[7~', ['start', 'start', 'start', 'start']],
  ['End', '\u001b[F\u001bOF\u001b[4~\u001b[8~\u001b[8$', ['end', 'end', 'end', 'end', 'end']],
  ['Delete', '\u001b[3~\u001b[3;5~', ['delete', 'delete']],
  [
    'Alt-B, F, D, Backspace',
    '\u001bb\u001bf\u001bd\u001b\u007f',
    ['word-left', 'word-right', 'delete-word', 'erase-part'],
  ],
])('%s', (_, typed, edits) => {
  expect(keysOf(typed)).toEqual(edit(...edits));
});

test.each([
  ['up and down', '\u001b[A\u001b[B\u001bOA'],
  ['Insert, Page Up, Page Down', '\u001b[2~\u001b[5~\u001b[6~'],
  ['function keys', '\u001bOP\u001b[15~\u001b[24;2~\u001b[[A\u001b[[E'],
  ['a window that gains or loses the focus', '\u001b[I\u001b[O'],
  ['a mouse', '\u001b[M abc'.slice(0, 6)],
  ['a mouse, as newer terminals tell of it', '\u001b[<0;12;34M\u001b[<0;12;34m'],
  ["a terminal's answers", '\u001b[?1;2c\u001b[24;80R\u001b[?2004;1$y\u001b]11;rgb:0000/0000/0000\u0007'],
  ['answers in strings', '\u001bP1$r0m\u001b\\\u001b]11;rgb:0/0/0\u001b\\\u001b_G\u001b\\'],
  ['the marks of a paste', '\u001b[200~\u001b[201~\u001b[201~'],
])('%s is nothing', (_, typed) => {
  expect(keysOf(typed, 'x')).toEqual(text('x'));
});

test('text, tabs and characters of any width', () => {
  expect(keysOf('a\tä€😀\ufeff')).toEqual(text('a\tä€😀\ufeff'));
});

test('one line end, however it is written', () => {
  expect(kinds('\r', '\n', '\r\n', '\n\r', 'x\r', '\nx')).toEqual(
    // \r and the \n of the next piece are one.
    ['line-end', 'line-end', 'line-end', 'line-end', 'text', 'line-end', 'text'],
  );
});

test('Ctrl-C, Ctrl-\\ and Ctrl-D, also in the middle of a sequence', () => {
  expect(kinds('\u0003\u001c\u0004')).toEqual(['interrupt', 'interrupt', 'end-of-input']);
  for (const begun of ['\u001b', '\u001b[1;', '\u001b]11;', '\u001b[']) {
    expect(kinds(`${begun}\u0003`)).toEqual(['interrupt']);
  }
});

test.each([
  ['other control characters', '\u0000'],
  ['Ctrl-Z', '\u001a'],
  ['Ctrl-L', '\f'],
  ['C1 controls', '\u009b'],
  ['Esc before a character', '\u001bs'],
  ['a control character in a sequence', '\u001b[1\u0007'],
  ['one in a string', '\u001b]11;\r'],
  ['a control character in a paste', '\u001b[200~a\u0001'],
  ['Ctrl-C in a paste', '\u001b[200~a\u0003'],
  ['an arrow key in a paste', '\u001b[200~a\u001b[D'],
  ['Esc in a paste', '\u001b[200~a\u001bb'],
  ['what is not UTF-8', Buffer.from([0x61, 0xff])],
  ['half a character', Buffer.from([0xe2, 0x82, 0x0d])],
])('%s is refused', (_, typed) => {
  expect(kinds(typed)).toContain('refused');
  expect(kinds(typed)).not.toContain('edit');
});

test('Alt keys come at once, and Esc does not wait to swallow one', () => {
  const keys = new TerminalKeys();
  expect(keys.decode(Buffer.from('\u001b'), 0)).toEqual([]);
  expect(keys.decode(Buffer.from('b'), 5_000)).toEqual([{ kind: 'refused', what: expect.any(String) }]);
  expect(keys.decode(Buffer.from('\u001b'), 6_000)).toEqual([]);
  expect(keys.decode(Buffer.from('b'), 6_100)).toEqual(edit('word-left'));
});

test('nothing depends on the pieces in which it comes', () => {
  const part = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '\r\n',
      '\u001b[D',
      '\u001b[1;5C',
      '\u001b[200~',
      '\u001b[201~',
      '\u001b]0;x\u0007',
      '\u001b[M !!',
      '€',
      '\u0003',
    ),
  );
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
      (parts, sizes) => {
        const bytes = Buffer.from(parts.join(''));
        const pieces: Buffer[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const size = sizes[turn % sizes.length] as number;
          pieces.push(bytes.subarray(at, at + size));
          at += size;
        }
        expect(keysOf(...pieces)).toEqual(keysOf(bytes));
      },
    ),
  );
});
