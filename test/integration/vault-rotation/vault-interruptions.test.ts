import { byTurns } from '../../turn';
import { INTERRUPTIONS, surviveHours } from './interrupted-hours';

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

let total: number;
beforeAll(async () => {
  total = await surviveHours([]);
});

test.each(INTERRUPTIONS)('interrupted at every single outside call, %s', async (how) => {
  expect(total).toBeGreaterThan(70);
  const tried = byTurns([...Array(total).keys()], total);
  for (const at of tried) await surviveHours([{ at, how }]);
  print(`KEK rotation on Vault, interrupted "${how}": at ${tried.length} of ${total} outside calls, all recovered`);
});

test('interrupted at two outside calls', async () => {
  // Whoever recovers makes as many calls again.
  const pairs = [...Array(total * 2).keys()].flatMap((second) =>
    [...Array(Math.min(second, total)).keys()].map((first) => [first, second] as const),
  );
  const plans = pairs.flatMap(([first, second]) =>
    INTERRUPTIONS.flatMap((one) =>
      INTERRUPTIONS.map((other) => [
        { at: first, how: one },
        { at: second, how: other },
      ]),
    ),
  );
  const tried = byTurns(plans, 300);
  for (const plan of tried) await surviveHours(plan);
  print(`KEK rotation on Vault, interrupted twice: ${tried.length} of ${plans.length} pairs tried, all recovered`);
});
