/**
 * Blocks of which a terminal shows each character two columns wide: those that are all or mostly Wide or Fullwidth in Unicode's
 * EastAsianWidth.txt (Unicode Standard Annex #11). Where a block has both, the wider: a line may end early, and must not wrap.
 */
const WIDE: readonly (readonly [first: number, last: number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18dff],
  [0x1aff0, 0x1b2ff],
  [0x1f000, 0x1faff],
  [0x20000, 0x3fffd],
];
const ASCII = /^[\x20-\x7e]*$/;
const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const SHOWN_AS_PICTURE = /^\p{Emoji_Presentation}$/u;
/** Selects the emoji form of the character before it, which many terminals show wider. */
const PICTURE_SELECTOR = '\ufe0f';

/** The number of terminal columns of a text without control characters. */
export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += widthOf(character);
  return width;
}

function widthOf(character: string): number {
  if (character === PICTURE_SELECTOR) return 1;
  if (ZERO_WIDTH.test(character)) return 0;
  const code = character.codePointAt(0) ?? 0;
  return SHOWN_AS_PICTURE.test(character) || WIDE.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}

/** Pads a text to a number of columns. */
export const padEnd = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - displayWidth(text)));

/** Replaces the part of a text that does not fit. */
const ELLIPSIS = '…';

/**
 * The part of a text that fits into a number of columns, with an ellipsis if it is cut. Never cuts a character.
 *
 * @param keeps the end that says more
 */
export function cutToWidth(text: string, columns: number, keeps: 'start' | 'end' = 'start'): string {
  if (displayWidth(text) <= columns) return text;
  // Combining characters stay with their base character.
  const pieces = Array.from(text.matchAll(/\P{M}\p{M}*|\p{M}+/gu), ([piece]) => piece);
  if (keeps === 'end') pieces.reverse();
  let room = columns - 1;
  const kept: string[] = [];
  for (const piece of pieces) {
    room -= displayWidth(piece);
    if (room < 0) break;
    kept.push(piece);
  }
  if (columns < 1) return '';
  return keeps === 'end' ? ELLIPSIS + kept.reverse().join('') : kept.join('') + ELLIPSIS;
}
