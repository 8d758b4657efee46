import { hasWord, isWorded, terms } from './banned-words';
import { textOf, trackedFiles } from './documents';

const all = terms();

test('each term is there once, and means something', () => {
  const names = all.flatMap(({ term }) => term.split(', '));
  expect(names.length).toBeGreaterThan(50);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  for (const { meaning } of all) expect(meaning.length).toBeGreaterThan(10);
  expect(names).toEqual(
    expect.arrayContaining(['KEK', 'DEK', 'keyset', 'token', 'encryption context', 'rotate', 'rekey', 'rewrap']),
  );
});

test('no word is banned for one term and is another one', () => {
  const names = new Set(all.flatMap(({ term }) => term.split(', ')));
  expect(all.flatMap(({ not }) => not).filter((word) => names.has(word))).toEqual([]);
});

test('no banned word is in what runs or in what people read', () => {
  const files = trackedFiles().filter(isWorded);
  expect(files.length).toBeGreaterThan(400);
  const banned = all.flatMap(({ not }) => not);
  expect(banned.length).toBeGreaterThan(30);
  const found = files.flatMap((path) => {
    const text = textOf(path);
    return banned.filter((word) => hasWord(text, word)).map((word) => `${path}: ${word}`);
  });
  expect(found).toEqual([]);
});

test('a word is found in any case, in the plural, over a line end and in names, and no other word that has it in it', () => {
  const found = ['Master keys', 'a MASTER_KEY', 'the master\n * key', 'master-key.'];
  for (const text of found) expect([text, hasWord(text, 'master key')]).toEqual([text, true]);
  for (const text of ['webmaster key', 'master keyed', 'master of the key'])
    expect([text, hasWord(text, 'master key')]).toEqual([text, false]);
});

test('the name of an alarm before is not found in the one after', () => {
  expect(hasWord('| `rotation-errors` |', 'rotation-errors')).toBe(true);
  expect(hasWord('| `kek-rotation-errors` |', 'rotation-errors')).toBe(false);
});
