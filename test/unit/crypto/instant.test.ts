import fc from 'fast-check';
import { readInstant, type Finer } from '../../../lambdas/core/crypto/instant';
import { runs } from '../../effort';

const timeOf = (text: string, finer: Finer = 'cut'): string | undefined => {
  const read = readInstant(text, finer);
  return 'time' in read ? read.time : undefined;
};
const faultOf = (text: string): string | undefined => {
  const read = readInstant(text, 'cut');
  return 'fault' in read ? read.fault : undefined;
};

test.each([
  ['seconds', '2026-11-21T09:30:00Z', '2026-11-21T09:30:00.000Z'],
  ['what JavaScript writes', '2026-11-21T09:30:00.120Z', '2026-11-21T09:30:00.120Z'],
  ['letters in lower case (RFC 3339 section 5.6)', '2026-11-21t09:30:00z', '2026-11-21T09:30:00.000Z'],
  ['what Python writes of a time in UTC', '2026-11-21T09:30:00.123456+00:00', '2026-11-21T09:30:00.123Z'],
  ['what Python prints', '2026-11-21 09:30:00+00:00', '2026-11-21T09:30:00.000Z'],
  ['what Go writes, zeros at the end left out', '2026-11-21T09:30:00.1+05:30', '2026-11-21T04:00:00.100Z'],
  ['what Java writes of a whole minute', '2026-11-21T09:30+01:00', '2026-11-21T08:30:00.000Z'],
  ['the same in UTC', '2026-11-21T09:30Z', '2026-11-21T09:30:00.000Z'],
  ['nanoseconds', '2026-11-21T09:30:00.999999999-08:00', '2026-11-21T17:30:00.999Z'],
  ['more digits than anybody needs', `2026-11-21T09:30:00.${'0'.repeat(500)}1Z`, '2026-11-21T09:30:00.000Z'],
  ['an unknown offset', '2026-11-21T09:30:00-00:00', '2026-11-21T09:30:00.000Z'],
  ['the largest offsets', '2026-11-21T09:30:00+23:59', '2026-11-20T09:31:00.000Z'],
  ['a plus that was not percent-encoded', '2026-11-21T09:30:00 02:00', '2026-11-21T07:30:00.000Z'],
  ['a date', '2026-11-21', '2026-11-21T00:00:00.000Z'],
  ['a leap day', '2028-02-29', '2028-02-29T00:00:00.000Z'],
  ['the leap day of a century', '2000-02-29T23:59:59Z', '2000-02-29T23:59:59.000Z'],
  ['a leap second', '2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
  ['a leap second elsewhere', '2017-01-01T05:29:60.5+05:30', '2017-01-01T00:00:00.500Z'],
  ['the first time', '1970-01-01', '1970-01-01T00:00:00.000Z'],
  ['the first time where it is still the year before', '1969-12-31T19:00:00-05:00', '1970-01-01T00:00:00.000Z'],
  ['the last time', '9999-12-31T23:59:59.999999Z', '9999-12-31T23:59:59.999Z'],
])('%s: %s', (_, text, time) => {
  expect(timeOf(text)).toBe(time);
});

test.each([
  ['2026-11-21T09:30:00.1230001Z', '2026-11-21T09:30:00.124Z'],
  ['2026-11-21T09:30:00.1230000Z', '2026-11-21T09:30:00.123Z'],
  ['2026-12-31T23:59:59.9999+00:00', '2027-01-01T00:00:00.000Z'],
  ['2016-12-31T23:59:60.9995Z', '2017-01-01T00:00:01.000Z'],
  ['2026-11-21', '2026-11-21T00:00:00.000Z'],
  ['9999-12-31T23:59:59.999999+00:00', '9999-12-31T23:59:59.999Z'],
])('rounded up, %s is %s', (text, time) => {
  expect(timeOf(text, 'rounded up')).toBe(time);
});

test.each([
  ['2026-11-21T09:30:00', 'must end with Z or an offset'],
  ['2026-11-21 09:30:00.123456', 'must end with Z or an offset'],
  ['2026-11-21T09:30', 'must end with Z or an offset'],
  ...['2026-02-30', '2027-02-29', '1900-02-29', '2026-04-31T00:00:00Z', '2026-00-10', '2026-13-01', '2026-01-00'].map(
    (text) => [text, 'is not a valid time'],
  ),
  ...['24:00:00Z', '12:60:00Z', '12:00:61Z', '12:00:60Z', '23:59:60Z', '12:00:00+24:00', '12:00:00+01:60'].map(
    (time) => [`2026-11-21T${time}`, 'is not a valid time'],
  ),
  ['2016-12-31T23:59:60+01:00', 'is not a valid time'],
  ...['0001-01-01T00:00:00Z', '0070-01-01', '1969-12-31T23:59:59.999Z', '1970-01-01T00:00:00+00:01'].map((text) => [
    text,
    'must be in the years 1970 to 9999',
  ]),
  ...['9999-12-31T23:59:59-00:01', '9999-12-31T23:59:60Z'].map((text) => [text, 'must be in the years 1970 to 9999']),
  ...[
    '',
    'yesterday',
    '1764583200',
    '2026-11',
    '2026-325',
    '2026-W47-6',
    '20261121T093000Z',
    '2026-11-21T09Z',
    '2026-11-21T09:30.5Z',
    '2026-11-21T09:30:00,5Z',
    '2026-11-21T09:30:00.Z',
    '2026-11-21T09:30:00+0200',
    '2026-11-21T09:30:00+02',
    '2026-11-21T09:30:00−02:00',
    '2026-11-21T09:30:00+02:00:30',
    '2026-11-21T09:30:00+01:00[Europe/Berlin]',
    '2026-11-21Z',
    '2026-11-21+01:00',
    '2026-11-21  09:30:00Z',
    ' 2026-11-21',
    '2026-11-21\n',
    '+02026-11-21T00:00:00Z',
    '-2026-11-21',
    '10000-01-01',
    '２０２６-11-21',
  ].map((text) => [text, 'must be a time such as']),
])('%j is refused, because it %s', (text, why) => {
  expect(faultOf(text)).toContain(why);
});

const instant = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) });
const offset = fc.integer({ min: -1439, max: 1439 });
const twoDigits = (number: number): string => String(number).padStart(2, '0');

/** The same instant as somebody at that offset would write it. */
function writtenAt(time: number, minutes: number): string {
  const local = new Date(time + minutes * 60_000).toISOString().slice(0, -1);
  const distance = Math.abs(minutes);
  return `${local}${minutes < 0 ? '-' : '+'}${twoDigits(Math.floor(distance / 60))}:${twoDigits(distance % 60)}`;
}

test('an instant is the same at every offset, and cut and rounded up are a millisecond apart where there is more', () => {
  fc.assert(
    fc.property(instant, offset, fc.stringMatching(/^[0-9]{0,9}$/), (time, minutes, more) => {
      const text = writtenAt(time, minutes).replace(/(\.[0-9]{3})/, `$1${more}`);
      fc.pre(/^(19[7-9]|[2-9])[0-9]+-/.test(text));
      const expected = new Date(time).toISOString();
      expect(timeOf(text)).toBe(expected);
      const next = new Date(time + (/[1-9]/.test(more) ? 1 : 0)).toISOString();
      expect(timeOf(text, 'rounded up')).toBe(next);
    }),
    { numRuns: runs(500) },
  );
});
