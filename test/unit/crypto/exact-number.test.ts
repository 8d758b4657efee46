import fc from 'fast-check';
import { exactNumber } from '../../../lambdas/core/crypto/exact-number';
import { runs } from '../../effort';

/** Numerator and denominator of a decimal text, computed with whole numbers only. */
function rational(text: string): readonly [bigint, bigint] {
  const [, sign, whole = '', fraction = '', exponent = '0'] = /^([-+]?)([0-9]+)\.?([0-9]*)(?:[eE](.+))?$/.exec(text)!;
  const digits = BigInt(whole + fraction) * (sign === '-' ? -1n : 1n);
  const power = Number(exponent) - fraction.length;
  return power >= 0 ? [digits * 10n ** BigInt(power), 1n] : [digits, 10n ** BigInt(-power)];
}

/** Whether both texts mean the same number: what exactNumber claims, computed another way. */
function isSameNumber(a: string, b: string): boolean {
  const [[p, q], [r, s]] = [rational(a), rational(b)];
  return p * s === r * q;
}

const digits = fc.string({
  unit: fc.constantFrom('0', '1', '2', '3', '4', '5', '6', '7', '8', '9'),
  minLength: 1,
  maxLength: 25,
});
const decimal = fc
  .record({
    sign: fc.constantFrom('', '-'),
    whole: digits,
    fraction: fc.oneof(
      fc.constant(''),
      digits.map((text) => `.${text}`),
    ),
    exponent: fc.oneof(
      fc.constant(''),
      fc
        .tuple(fc.constantFrom('e', 'E', 'e+', 'e-'), fc.integer({ min: 0, max: 400 }))
        .map(([e, power]) => `${e}${power}`),
    ),
  })
  .map(({ sign, whole, fraction, exponent }) => sign + whole + fraction + exponent);

test('takes a text exactly where its value is that of the shortest text of its double', () => {
  const seen = { taken: 0, refused: 0 };
  fc.assert(
    fc.property(decimal, (text) => {
      const value = Number(text);
      const holds = Number.isFinite(value) && isSameNumber(text, String(value));
      seen[holds ? 'taken' : 'refused'] += 1;
      expect(exactNumber(text)).toBe(holds ? value : undefined);
    }),
    { numRuns: runs(5_000) },
  );
  expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(runs(5_000) / 17);
});

test('takes every double as JavaScript writes it, and with zeros around it', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.nat(30), (value, zeros) => {
      const text = String(value);
      const padded = text.includes('e')
        ? text.replace('e', `${text.includes('.') ? '' : '.'}${'0'.repeat(zeros + 1)}e`)
        : `${text}${text.includes('.') ? '' : '.'}${'0'.repeat(zeros + 1)}`;
      expect(exactNumber(text)).toBe(Number(text));
      expect(exactNumber(padded)).toBe(Number(text));
    }),
    { numRuns: runs(3_000) },
  );
});

test.each([
  ['0', 0],
  ['-0', -0],
  ['0e999999999999', 0],
  ['0.000e-999999999999', 0],
  ['1.50', 1.5],
  ['1e21', 1e21],
  ['1000000000000000000000', 1e21],
  ['0.1', 0.1],
  ['5e-324', 5e-324],
  ['1.7976931348623157e308', Number.MAX_VALUE],
  ['00100', 100],
  ['+1', 1],
  [`1${'0'.repeat(300)}`, 1e300],
  [`0.${'0'.repeat(299)}1`, 1e-300],
  [`${'0'.repeat(50_000)}1`, 1],
  [`0.${'0'.repeat(50_000)}1e50001`, 1],
])('takes %s', (text, value) => {
  expect(exactNumber(text)).toBe(value);
});

test.each([
  '12345678901234567890',
  '9007199254740993',
  '1e400',
  '-1e309',
  '1e-400',
  '2e-324',
  '1.7976931348623158e308',
  '4.9406564584124654e-324',
  '0.1000000000000000055511151231257827',
  '1e999999999',
  '1e-999999999',
  `1e${'9'.repeat(400)}`,
  `1e-${'9'.repeat(400)}`,
  '9'.repeat(60_000),
  'NaN',
  'Infinity',
  '0x10',
  '1_0',
  '',
  ' 1',
  '1.',
  '.5',
  'e5',
])('refuses %s', (text) => {
  expect(exactNumber(text)).toBeUndefined();
});

test('a number as long as a body and one with a huge exponent take no longer than their length', () => {
  const texts = [
    `1${'0'.repeat(65_000)}`,
    `0.${'0'.repeat(65_000)}1`,
    '1'.repeat(65_000),
    `1e-${'1'.repeat(65_000)}`,
    `${'0'.repeat(65_000)}e5`,
  ];
  const start = process.cpuUsage();
  for (const text of texts) for (let time = 0; time < 20; time += 1) exactNumber(text);
  const { user, system } = process.cpuUsage(start);
  // 6.5 million characters: tens of milliseconds in linear time, minutes in quadratic time.
  expect((user + system) / 1_000).toBeLessThan(10_000);
});
