/**
 * Reads a decimal number, as JSON and DynamoDB write them, as a double.
 *
 * A double cannot hold every decimal number: reading and writing could change it, and two readers could read two values. RFC 8785
 * section 3.2.2.3 writes a double in the shortest digits that identify it; only a text with the value of those digits is
 * accepted: `0.1`, `1.50` and `1e21`, but not `12345678901234567890`, `1e400` or `1e-400`. Minus zero is zero. Linear in the
 * text's length, whatever the exponent.
 *
 * @param text a number of RFC 8259 section 6, which may also have leading zeros or a plus sign
 * @returns undefined if no double has that value in its shortest digits
 */
export function exactNumber(text: string): number | undefined {
  const value = Number(text);
  // Up to 15 digits survive the way to a double and back (IEEE 754, DBL_DIG).
  if (text.length <= 15 && /^-?[0-9]+(\.[0-9]+)?$/.test(text)) return value;
  const wanted = decimalOf(text);
  const shortest = decimalOf(String(value));
  const isSame =
    wanted !== undefined &&
    shortest !== undefined &&
    wanted.digits === shortest.digits &&
    (wanted.digits === '' || (wanted.exponent === shortest.exponent && wanted.isNegative === shortest.isNegative));
  return isSame ? value : undefined;
}

/** ±`digits` × 10^`exponent`. The digits neither begin nor end with a zero; none are zero. */
interface Decimal {
  readonly isNegative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

const DECIMAL = /^([-+]?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([-+]?[0-9]+))?$/;

/** Undefined if the text is not a decimal number. */
function decimalOf(text: string): Decimal | undefined {
  const parts = DECIMAL.exec(text);
  if (parts === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = parts;
  const digits = whole + fraction;
  let first = 0;
  while (digits.charAt(first) === '0') first += 1;
  let end = digits.length;
  while (end > first && digits.charAt(end - 1) === '0') end -= 1;
  return {
    isNegative: sign === '-',
    digits: digits.slice(first, end),
    // An exponent that is too large to be exact is out of every double's range anyway.
    exponent: Number(exponent) - fraction.length + (digits.length - end),
  };
}
