import { byTurns, TURN } from '../../turn';
import { startDeployment } from './rotate-kek-deployment';
import { survive } from './rotate-kek-interrupted';
import { OutsideCalls, type PlannedInterruption } from '../../doubles/stop-the-world';

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
