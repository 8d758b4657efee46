import fc from 'fast-check';
import { SecretEntry, type EntryResult, type Expected, type Phase } from '../../../cli/io/secret-entry';
import { TerminalKeys } from '../../../cli/io/terminal-keys';

const block = (label: string, lines = 3): string =>
  `-----BEGIN ${label}-----\n${'QUJDREVGR0g=\n'.repeat(lines)}-----END ${label}-----\n`;
const PEM = block('PRIVATE KEY');
const JSON_TEXT = '{\n\t"type": "service_account",\n  "key": "a}\\"{",\n  "list": [{}, 1]\n}';
/** As terminals send the line ends of a paste. */
const pasted = (text: string): string => text.replaceAll('\n', '\r');

function entered(expected: Expected, typed: string, most = 100_000): { phase: Phase; result: EntryResult } {
  const entry = new SecretEntry(expected, most);
  for (const key of new TerminalKeys().decode(Buffer.from(typed), 0)) entry.take(key);
  return { phase: entry.phase, result: entry.finish() };
}
const is = (phase: Phase, text: string, dropped = 0): unknown => ({ phase, result: { kind: 'text', text, dropped } });

describe.each<Expected>(['line', 'key-or-document'])('a key where a %s is expected', (expected) => {
  test.each([
    ['ends at Enter', 'sk-abc\r', is('over', 'sk-abc')],
    ['ends at a newline', 'sk-abc\n', is('over', 'sk-abc')],
    ['ends at Ctrl-D', 'sk-abc\u0004', is('over', 'sk-abc')],
    ['goes on without either', 'sk-abc', is('open', 'sk-abc')],
    ['is edited', 'sk-xbc\u001b[D\u001b[D\u007fa\r', is('over', 'sk-abc')],
    ['ends wherever the cursor is', 'sk-abc\u0001\r', is('over', 'sk-abc')],
    ['ends in a bracketed paste, too', '\u001b[200~sk-abc\r\u001b[201~', is('over', 'sk-abc')],
    ['does not end with a bracketed paste', '\u001b[200~sk-abc\u001b[201~', is('open', 'sk-abc')],
    ['has what follows dropped', 'sk-abc\rrm -r x\r', is('over', 'sk-abc', 8)],
    ['has line ends after it dropped without a word', 'sk-abc\r\n\r \r', is('over', 'sk-abc')],
    ['may come after empty lines', '\r\rsk-abc\r', is('over', 'sk-abc')],
    ['is empty where nothing follows an empty line', '\r', is('settling', '')],
    ['is empty at Ctrl-D', '\u0004', is('over', '')],
    ['is nothing at Ctrl-C', 'sk-abc\u0003', { phase: 'over', result: { kind: 'interrupted' } }],
    ['is nothing at Ctrl-C after its end', 'sk-abc\rx\u0003', { phase: 'over', result: { kind: 'interrupted' } }],
  ])('%s', (_, typed, outcome) => {
    expect(entered(expected, typed)).toEqual(outcome);
  });

  test('with a control character is refused, and what follows dropped', () => {
    const refused = { phase: 'over', result: { kind: 'refused', why: expect.stringContaining('control character') } };
    expect(entered(expected, 'sk-\u0007abc\rls\r')).toEqual(refused);
  });

  test('that is too long is refused', () => {
    expect(entered(expected, 'x'.repeat(10), 10).phase).toBe('open');
    expect(entered(expected, 'x'.repeat(11), 10)).toMatchObject({ phase: 'over', result: { kind: 'refused' } });
  });
});

test.each([
  ['single quotes', "{'a':1}"],
  ['a comma too many', '{"a":1,}'],
  ['a placeholder', '{{openai_key}}'],
  ['a GUID', '{00000000-0000-4000-8000-000000000000}'],
])('what has braces and is no object does not get the line end of Enter: %s', (_, text) => {
  expect(entered('key-or-document', `${text}\r`)).toEqual(is('over', text));
});

test('a line is not taken for a document', () => {
  expect(entered('line', '{"a":\r')).toEqual(is('over', '{"a":'));
  expect(entered('line', pasted(PEM))).toEqual(is('over', '-----BEGIN PRIVATE KEY-----', PEM.length - 28));
});

describe.each<Expected>(['key-or-document', 'document', 'text'])('a document where a %s is expected', (expected) => {
  test.each([
    ['PEM', pasted(PEM), is('settling', PEM)],
    ['PEM of two blocks', pasted(PEM + block('CERTIFICATE')), is('settling', PEM + block('CERTIFICATE'))],
    ['PEM with text between its blocks', pasted(`${PEM}subject\n${PEM}`), is('settling', `${PEM}subject\n${PEM}`)],
    ['PEM without the last line end', pasted(PEM.trimEnd()), is('settling', PEM.trimEnd())],
    ['PEM with CR LF', PEM.replaceAll('\n', '\r\n'), is('settling', PEM)],
    ['PEM with something else after it', pasted(`${PEM}\nls -la\n`), is('settling', PEM, 8)],
    ['PEM with empty lines after it', pasted(`${PEM}\n\n`), is('settling', PEM)],
    ['PEM of which the next block has begun', pasted(`${PEM}-----BEG`), 'open'],
    ['PEM of which the next block goes on', pasted(`${PEM}-----BEGIN X-----\nQUJD\n`), 'open'],
    ['PEM with its end within a line', pasted(`${PEM.trimEnd()}x`), 'open'],
    [
      'PEM whose label has other words',
      pasted(block('PGP PRIVATE KEY BLOCK')),
      is('settling', block('PGP PRIVATE KEY BLOCK')),
    ],
    ['PEM in a bracketed paste', `\u001b[200~${pasted(PEM)}\u001b[201~`, is('settling', PEM)],
    ['half of PEM', pasted(PEM.slice(0, 50)), 'open'],
    ['PEM ended by Ctrl-D', `${pasted(PEM)}\u0004`, is('over', PEM)],
    ['PEM ended by Ctrl-D in a block', `${pasted(PEM + PEM.slice(0, 40))}\u0004`, is('over', PEM + PEM.slice(0, 40))],
    ['PEM with something else, then Ctrl-D', `${pasted(`${PEM}ls\n`)}\u0004`, is('over', PEM, 3)],
    ['JSON', pasted(JSON_TEXT), is('over', JSON_TEXT)],
    ["JSON with a file's last line end", pasted(`${JSON_TEXT}\n`), is('over', `${JSON_TEXT}\n`)],
    ['JSON with something else after it', pasted(`${JSON_TEXT}\nls\n`), is('over', `${JSON_TEXT}\n`, 3)],
    ['JSON with something else on its last line', `${JSON_TEXT};ls\r`, is('over', JSON_TEXT, 4)],
    ['JSON on one line', '{"a":"b"}', is('over', '{"a":"b"}')],
    ['JSON after blanks', '  {"a":"b"}', is('over', '  {"a":"b"}')],
    ['half of JSON', '{"a":{"b":1}\r', 'open'],
    ['half of JSON, ended by Ctrl-D', '{"a":1\u0004', is('over', '{"a":1')],
    ['JSON that is edited', '{"a":[1}\u007f]}', is('over', '{"a":[1]}')],
  ])('%s', (_, typed, outcome) => {
    const found = entered(expected, typed);
    if (outcome === 'open') expect(found.phase).toBe('open');
    else expect(found).toEqual(outcome);
  });
});

test('what follows a document is dropped also where there is no room for it', () => {
  expect(entered('document', pasted(`${PEM}${'x'.repeat(50)}`), PEM.length + 10)).toEqual(is('over', PEM, 50));
  expect(entered('document', pasted(PEM + PEM), PEM.length + 10).result).toMatchObject({ kind: 'refused' });
});

test('a document may have text before its first block, and has no end at Enter', () => {
  expect(entered('document', pasted(`Bag Attributes\n${PEM}`))).toEqual(is('settling', `Bag Attributes\n${PEM}`));
  expect(entered('document', 'sk-abc\rx\r')).toEqual(is('open', 'sk-abc\nx\n'));
});

test('a block that is erased again has not ended', () => {
  expect(entered('document', `${pasted(PEM)}\u007f\u007f`).phase).toBe('open');
  expect(entered('key-or-document', '-----BEGIN X-----\r\u007f\u0015sk-abc\r')).toEqual(is('over', 'sk-abc'));
});

describe('a text', () => {
  test.each([
    ['of one line ends where nothing follows', 'one line\r', is('settling', 'one line')],
    ['of one line with empty lines after it', 'one line\r\r', is('settling', 'one line')],
    ['of several lines goes on', 'one\rtwo\r', is('open', 'one\ntwo\n')],
    ['of several lines ends at Ctrl-D', 'one\r\rtwo\r\u0004', is('over', 'one\n\ntwo\n')],
    ['keeps its empty lines', '\rone\u0004', is('over', '\none')],
    ['is not edited after its line', 'one\r\u007f', is('settling', 'one')],
    ['in braces is no object', '{{name}} and more\r', is('settling', '{{name}} and more')],
    ['in braces of several lines', '{a}\r{b}\r\u0004', is('over', '{a}\n{b}\n')],
    ['ends at Ctrl-D', 'one\u0004', is('over', 'one')],
  ])('%s', (_, typed, outcome) => {
    expect(entered('text', typed)).toEqual(outcome);
  });
});

test('nothing depends on the pieces of 1 to 256 bytes in which a paste comes, nor on whether it is marked', () => {
  const paste = fc.constantFrom(
    ...[PEM, PEM + block('CERTIFICATE', 40), JSON_TEXT, `${JSON_TEXT}\n`, `${'sk-'.padEnd(5_000, 'x')}\n`].flatMap(
      (text) => [pasted(text), pasted(`${text}touch x\n`)],
    ),
  );
  fc.assert(
    fc.property(paste, fc.boolean(), fc.integer({ min: 1, max: 256 }), (text, isMarked, size) => {
      const bytes = Buffer.from(isMarked ? `\u001b[200~${text}\u001b[201~` : text);
      const keys = new TerminalKeys();
      const entry = new SecretEntry('key-or-document', 100_000);
      for (let at = 0; at < bytes.length; at += size) {
        for (const key of keys.decode(bytes.subarray(at, at + size), at)) entry.take(key);
      }
      expect({ phase: entry.phase, result: entry.finish() }).toEqual(entered('key-or-document', text));
    }),
  );
});
