import { byTurns } from '../../turn';
import { RECOVERIES, type Recovery } from './rotate-kek-interrupted';
import { surviveAll } from './rotate-kek-states';

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/**
 * All in memory, Secrets Manager's double included: the use cases and the adapter of Secrets Manager are the real ones, the SDK's
 * client and HTTP are left out.
 */
describe('interrupted twice, the second time in the recovery from the first, in memory', () => {
  test('what is not run again is counted all the same', async () => {
    const merged = await surviveAll(1, 'rotation');
    const each = await surviveAll(1, 'rotation', true);
    expect(merged.ways).toBe(each.ways);
    expect(each.run).toBe(each.ways + 1);
    expect(merged.run).toBeLessThan(each.run / 2);
  });

  // The other one at the next turn; both in `npm run test:long -- key-rotations`.
  test.each(byTurns(RECOVERIES, 1))(
    'every pair of calls, each stopped before, stopped after, or made twice, where the %s is called again',
    async (recovery: Recovery) => {
      const { ways, run } = await surviveAll(2, recovery);
      print(
        `KEK rotation interrupted twice, the ${recovery} called again: ${ways} of ${ways} pairs recovered (${run} were run, the others leave on record what one of them has left)`,
      );
      // 44 calls, nine kinds of pairs.
      expect(ways).toBeGreaterThan((9 * 44 * 43) / 2);
      expect(run).toBeGreaterThan(200);
    },
  );
});
