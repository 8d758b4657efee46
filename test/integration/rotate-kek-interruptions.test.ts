import { byTurns, TURN } from '../turn';
import { startDeployment } from './rotate-kek-deployment';
import { RECOVERIES, survive, type Recovery } from './rotate-kek-interrupted';
import { surviveAll } from './rotate-kek-states';
import { OutsideCalls, type PlannedInterruption } from '../doubles/stop-the-world';

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Here the real SDK reaches Secrets Manager's double over HTTP; keysets, audit log and queue are in memory. */
describe('interrupted at every single outside call, over HTTP', () => {
  const survived = async (plan: readonly PlannedInterruption[]): Promise<number> => {
    const { running, deployment } = await startDeployment();
    try {
      await deployment.startWithKek();
      return await survive(deployment, { calls: new OutsideCalls(plan) }, plan, 'rotation');
    } finally {
      await running.close();
    }
  };

  test.each(['before', 'after', 'twice'] as const)('%s: N of N recover', async (how) => {
    const total = await survived([]);
    expect(total).toBeGreaterThan(40);
    const calls = byTurns([...Array(total).keys()], total);
    let recovered = 0;
    for (const at of calls) {
      await survived([{ at, how }]);
      recovered += 1;
    }
    const share = calls.length === total ? '' : ` of ${total}, KEYWARD_TEST_TURN=${TURN}`;
    print(`KEK rotation stopped "${how}" outside calls: ${recovered} of ${calls.length}${share} recovered`);
    expect(recovered).toBe(calls.length);
  });
});

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

  test.each(RECOVERIES)(
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
