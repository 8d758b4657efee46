import fc from 'fast-check';
import { cutToWidth, displayWidth, padEnd } from '../../../cli/io/display-width';
import { runs } from '../../effort';

test.each([
  ['', 0],
  ['plain ASCII', 11],
  ['Grüße', 5],
  ['e\u0301', 1],
  ['日本語', 6],
  ['한국어', 6],
  ['ｗｉｄｅ', 8],
  ['。', 2],
  ['🔑', 2],
  ['👍🏽', 4],
  ['𠀋', 2],
  ['Привет', 6],
  ['שלום', 4],
  ['❤\ufe0f', 2],
  ['\ud800', 1],
])('%j takes %i columns', (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

test.each([
  ['fits', 4, 'start', 'fits'],
  ['does not', 5, 'start', 'does…'],
  ['does not', 5, 'end', '… not'],
  ['日本語', 5, 'start', '日本…'],
  ['日本語', 4, 'start', '日…'],
  ['日本語', 4, 'end', '…語'],
  ['ae\u0301i', 2, 'start', 'a…'],
  ['ae\u0301ii', 3, 'start', 'ae\u0301…'],
  ['iiae\u0301', 2, 'end', '…e\u0301'],
  ['ab', 1, 'start', '…'],
  ['ab', 0, 'start', ''],
] as const)('%j in %i columns, its %s kept, is %j', (text, columns, keeps, shown) => {
  expect(cutToWidth(text, columns, keeps)).toBe(shown);
});

test('whatever the text, a cut one is as wide as allowed or one column less, and a padded one as wide as asked for', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.integer({ min: 1, max: 30 }),
      fc.constantFrom('start' as const, 'end' as const),
      (text, columns, keeps) => {
        const cut = cutToWidth(text, columns, keeps);
        expect(displayWidth(cut)).toBeLessThanOrEqual(columns);
        expect(displayWidth(padEnd(cut, columns))).toBe(columns);
      },
    ),
    { numRuns: runs(300) },
  );
});
