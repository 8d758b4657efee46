import type { KekMoveState } from '../../../lambdas/core/contract/kek-homes';
import type { KekMoveProgress } from '../../../lambdas/core/kek-move/advance-kek-move';
import type { KekMoveRecord } from '../../../lambdas/core/kek-move/kek-move-record';
import { byTurns } from '../../turn';
import { KekMoveWorld, SETTLE_MS } from '../../doubles/kek-move-world';
import { OutsideCalls, type PlannedInterruption } from '../../doubles/stop-the-world';

type Ending = 'finish' | 'abort';

/**
 * One move from begin to end with interruptions, where the old home has a pending rotation. Whoever was interrupted begins anew.
 * After every failure and at the end every DEK opens in every region.
 *
 * @returns the number of outside calls that were made
 */
async function survive(plan: readonly PlannedInterruption[], ending: Ending): Promise<number> {
  const world = await new KekMoveWorld().start();
  const deks = await world.openAll();
  await world.home('aws').begin('0'.repeat(32));
  const calls = new OutsideCalls(plan);
  world.calls = calls;
  let triesLeft = plan.filter(({ how }) => how !== 'twice').length;
  /** A region that was not reached is no failure: the move waits, and is asked again. */
  const until = async (state: KekMoveState, run: () => Promise<KekMoveProgress | KekMoveRecord>): Promise<void> => {
    for (;;) {
      try {
        const result = await run();
        const move = 'waitingFor' in result ? result.move : result;
        if (move?.state === state) return;
        if (triesLeft === 0) expect(result).toMatchObject({ move: { state } });
      } catch (thrown) {
        if (triesLeft === 0) throw thrown;
      }
      triesLeft -= 1;
      calls.restart();
      expect(await world.openAll()).toEqual(deks);
      await world.expectEqualWhileSwitched();
    }
  };
  await until('copying', () => world.operator().begin());
  await until('copying', () => world.mover()());
  world.clock.time += SETTLE_MS;
  await until('switched', () => world.mover()());
  expect(await world.openAll()).toEqual(deks);
  await world.expectEqualWhileSwitched();
  await until(ending === 'finish' ? 'finished' : 'aborted', () => world.operator()[ending]());

  world.calls = { through: (port) => port };
  expect(world.inForce).toBe(ending === 'finish' ? 'vault' : 'aws');
  expect(await world.openAll()).toEqual(deks);
  // The home in force rotates as before, and the other one refuses.
  const left = ending === 'finish' ? 'aws' : 'vault';
  await expect(world.rotator(left).driver.start()).rejects.toMatchObject({ code: 'conflict' });
  await world.rotator().driver.start();
  world.replicate();
  expect(await world.openAll()).toEqual(deks);
  expect(await world.kekIds(world.inForce)).toHaveLength(2);
  expect(await world.kekIds(left)).toHaveLength(1);
  return calls.count;
}

describe.each<Ending>(['finish', 'abort'])(
  'a move up to its %s, interrupted at every single outside call',
  (ending) => {
    test.each(['before', 'after', 'twice'] as const)('%s: all of this turn recover', async (how) => {
      const total = await survive([], ending);
      expect(total).toBeGreaterThan(40);
      for (const at of byTurns([...Array(total).keys()], total)) await survive([{ at, how }], ending);
    });

    test('twice, the second time in the recovery from the first: pairs by turns', async () => {
      const total = await survive([], ending);
      const ways = ['before', 'after', 'twice'] as const;
      const pairs: PlannedInterruption[][] = [];
      for (let first = 0; first < total; first += 1) {
        for (let second = first + 1; second < total + 20; second += 1) {
          for (const how of ways)
            for (const then of ways)
              pairs.push([
                { at: first, how },
                { at: second, how: then },
              ]);
        }
      }
      for (const plan of byTurns(pairs, 150)) await survive(plan, ending);
    });
  },
);
