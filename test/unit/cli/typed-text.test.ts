import { TypedText, type Edit } from '../../../cli/io/typed-text';

/** `|` is the cursor. */
const textOf = (marked: string): TypedText => {
  const typed = new TypedText();
  const [before = '', after = ''] = marked.split('|');
  for (const character of before + after) typed.insert(character);
  for (const _ of after) typed.edit('left');
  return typed;
};
const marked = (typed: TypedText): string => {
  const { text } = typed;
  typed.insert('|');
  const shown = typed.text;
  expect(shown.replace('|', '')).toBe(text);
  return shown;
};

test.each<[Edit, string, string]>([
  ['erase', 'ab|c', 'a|c'],
  ['erase', '|c', '|c'],
  ['delete', 'a|bc', 'a|c'],
  ['delete', 'ab|', 'ab|'],
  ['left', 'ab|', 'a|b'],
  ['left', '|ab', '|ab'],
  ['right', 'a|b', 'ab|'],
  ['right', 'ab|', 'ab|'],
  ['start', 'ab|c', '|abc'],
  ['start', 'one\ntw|o', 'one\n|two'],
  ['end', 'a|bc', 'abc|'],
  ['end', 'o|ne\ntwo', 'one|\ntwo'],
  ['erase-line', 'ab|c', '|c'],
  ['erase-line', 'one\ntw|o', 'one\n|o'],
  ['erase-rest', 'a|bc', 'a|'],
  ['erase-rest', 'o|ne\ntwo', 'o|\ntwo'],
  ['erase-word', 'sk-one sk-two  |x', 'sk-one |x'],
  ['erase-part', 'sk-one sk-two|', 'sk-one sk-|'],
  ['erase-word', '|x', '|x'],
  ['word-left', 'sk-one sk-two|', 'sk-one sk-|two'],
  ['word-right', '|sk-one', 'sk|-one'],
  ['delete-word', 'sk|-one-two', 'sk|-two'],
])('%s: %j becomes %j', (edit, before, after) => {
  const typed = textOf(before);
  typed.edit(edit);
  expect(marked(typed)).toBe(after);
});

test('characters of two UTF-16 units are one', () => {
  const typed = textOf('a😀|');
  expect(typed.length).toBe(2);
  typed.edit('erase');
  expect(typed.text).toBe('a');
});

test('the line before the cursor, where it is not too long', () => {
  expect(textOf('one\ntwo|x').lineBefore(3)).toBe('two');
  expect(textOf('one\ntwo|x').lineBefore(2)).toBeUndefined();
  expect(textOf('abc|').lineBefore(3)).toBe('abc');
  expect(textOf('|').lineBefore(3)).toBe('');
});
