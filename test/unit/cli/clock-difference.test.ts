import { clockDifference, clockFault, clockText } from '../../../cli/client/clock-difference';

const NOW = Date.UTC(2026, 10, 27, 4, 0, 0);
const at = { sentAt: NOW, receivedAt: NOW + 1000 };

test("from the reply's Date, else from what AWS says", () => {
  expect(clockDifference('Fri, 27 Nov 2026 04:10:00 GMT', '', at)).toBe(600_000);
  expect(clockDifference('Fri, 27 Nov 2026 03:50:00 GMT', '', at)).toBe(-600_000);
  const tooOld = 'Signature expired: 20261127T040000Z is now earlier than 20261127T040500Z (20261127T041000Z - 5 min.)';
  const tooNew =
    'Signature not yet current: 20261127T040000Z is still later than 20261127T035500Z (20261127T035000Z + 5 min.)';
  expect(clockDifference(undefined, JSON.stringify({ message: tooOld }), at)).toBe(600_000);
  expect(clockDifference('nonsense', tooNew, at)).toBe(-600_000);
  expect(clockDifference('Fri, 27 Nov 2026 04:00:00 GMT', tooOld, at)).toBe(0);
});

test.each([undefined, '', '0', '2026-11-27T04:10:00Z', 'Fri, 99 Nov 2026 04:10:00 GMT'])('no time: %s', (date) => {
  expect(clockDifference(date, 'Signature expired', at)).toBeUndefined();
});

test.each([
  [undefined, undefined],
  [0, undefined],
  [240_000, undefined],
  [-240_000, undefined],
  [301_000, "this machine's clock is 5 min 1 s behind the endpoint's"],
  [-301_000, "this machine's clock is 5 min 1 s ahead of the endpoint's"],
  [3_600_000, "this machine's clock is 1 h 0 min behind the endpoint's"],
  [-366 * 86_400_000, "this machine's clock is 366 d 0 h ahead of the endpoint's"],
])('a difference of %s ms', (difference, fault) => {
  expect(clockFault(difference)).toEqual(
    fault === undefined ? undefined : expect.stringContaining(`${fault}: set it, because`),
  );
});

test('a difference of seconds, and of none', () => {
  expect([clockText(2_400), clockText(-59_600), clockText(300)]).toEqual([
    '2 s behind',
    '1 min 0 s ahead of',
    '0 s behind',
  ]);
});
