import { lastLines } from '../../tiers/last-lines';

const outcome = { name: 'a', passed: 1, failed: 0, skipped: 0, reasons: [], seconds: 1, cpuSeconds: 2 };

test('what was skipped is said once, after the times, and does not count as passed', () => {
  const reasons = ['SKIPPED: 1 test of a: no curl'];
  const text = lastLines([
    { ...outcome, skipped: 1, reasons },
    { ...outcome, name: 'b', passed: 0, skipped: 1, reasons },
    { ...outcome, name: 'c', failed: 2 },
  ]);
  expect(text.trimEnd().split('\n').slice(-5)).toEqual([
    '     1.0      2.0  in part  a',
    '     1.0      2.0  SKIPPED  b',
    '     1.0      2.0  FAILED   c',
    'SKIPPED: 1 test of a: no curl',
    '2 passed, 2 failed, 2 skipped',
  ]);
});
