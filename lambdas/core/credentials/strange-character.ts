/** Kinds of characters that no key has, the most specific first. */
const KINDS: readonly { readonly found: RegExp; readonly fault: string }[] = [
  { found: /^\ufeff/, fault: 'begins with a byte order mark' },
  { found: /^\s*$/, fault: 'has only blanks' },
  { found: /^[\r\n\u0085\u2028\u2029]/, fault: 'begins with a line end' },
  { found: /[\r\n\u0085\u2028\u2029]$/, fault: 'ends with a line end' },
  { found: /[\r\n\u0085\u2028\u2029]/, fault: 'has a line end inside' },
  { found: /^[\t ]/, fault: 'begins with a blank' },
  { found: /[\t ]$/, fault: 'ends with a blank' },
  { found: /\t/, fault: 'has a tab inside' },
  { found: / /, fault: 'has a blank inside' },
  { found: /[\u0000-\u001f\u007f-\u009f]/, fault: 'has a control character' },
  { found: /[\p{Zs}]/u, fault: 'has a blank that is not ASCII, such as a no-break space' },
  {
    found: /[\p{Cf}\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\ufe00-\ufe0f\uffa0]/u,
    fault: 'has a character that cannot be seen',
  },
  { found: /[\p{Pd}\u2212\u00ad]/u, fault: 'has a typographic dash' },
  { found: /[\u2018-\u201f\u2032\u2033\u2039\u203a\u00ab\u00bb\u00b4]/, fault: 'has a typographic quotation mark' },
  { found: /\p{L}/u, fault: 'has a letter that is not ASCII and may only look as if it were' },
];

/**
 * The most specific kind of a character that is not visible ASCII.
 *
 * @returns a predicate about the value; undefined if it has no such character
 */
export function strangeCharacterIn(value: string): string | undefined {
  if (/^[\x21-\x7e]*$/.test(value)) return undefined;
  const strange = value.replaceAll(/[\x21-\x7e]+/g, '!');
  return KINDS.find(({ found }) => found.test(strange))?.fault ?? 'has a character that is not ASCII';
}
