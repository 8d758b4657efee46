import { runHistory } from './history';
import { printLine } from './print-line';
import { shownFindings } from './shown-findings';

const HISTORIES = 200;
const FIRST_SEED = 1;

describe('seeded histories', () => {
  it('keep every promise while users, rotations, sweeps, faults, partitions and clock jumps meet', async () => {
    let steps = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + HISTORIES; seed += 1) {
      const history = await runHistory(seed);
      steps += history.steps;
      if (history.findings.length > 0) {
        throw new Error(
          `npm run simulate -- --histories 1 --seed ${seed}\n${shownFindings(history.findings, history.trace())}`,
        );
      }
    }
    printLine(`simulation: ${HISTORIES} of ${HISTORIES} histories, ${steps} steps`);
  }, 600_000);

  it('replay exactly from their seed', async () => {
    const [first, again, other] = [await runHistory(11), await runHistory(11), await runHistory(12)];
    expect(again.digest()).toBe(first.digest());
    expect(again.steps).toBe(first.steps);
    expect(other.digest()).not.toBe(first.digest());
  }, 120_000);
});
