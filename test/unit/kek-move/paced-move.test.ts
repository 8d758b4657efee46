import { createPacedMove } from '../../../lambdas/core/kek-move/paced-move';
import { TestClock } from '../../doubles/memory-ports';

function open(step: () => Promise<unknown> = () => Promise.resolve()) {
  const clock = new TestClock();
  const steps = { count: 0 };
  const move = createPacedMove(() => {
    steps.count += 1;
    return step();
  }, clock);
  return { clock, steps, move };
}

test('makes the next step 20 seconds after the end of the last one, also of one that failed', async () => {
  for (const failure of [undefined, new Error('the step')]) {
    const { clock, steps, move } = open(async () => {
      clock.time += 5_000;
      if (failure !== undefined) throw failure;
    });
    const first = move();
    await (failure === undefined ? expect(first).resolves.toBeUndefined() : expect(first).rejects.toBe(failure));
    clock.time += 19_999;
    await expect(move()).resolves.toBeUndefined();
    expect(steps.count).toBe(1);
    clock.time += 1;
    await move().catch(() => undefined);
    expect(steps.count).toBe(2);
  }
});

test('of several at once one makes a step', async () => {
  const { steps, move } = open();
  await Promise.all([move(), move(), move()]);
  expect(steps.count).toBe(1);
});

test('a clock that was set back holds nothing', async () => {
  const { clock, steps, move } = open();
  await move();
  clock.time -= 3_600_000;
  await move();
  expect(steps.count).toBe(2);
});
