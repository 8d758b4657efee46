import { runs } from '../effort';
import { byTurns, TURN } from '../turn';
import { findDefect } from './find-defect';
import { PLANTED_DEFECTS } from './planted-defects';
import { printLine } from './print-line';

/** Planted at effort 1. */
const AT_FULL = 5;

describe('the checker is checked', () => {
  it('finds nothing where nothing is planted', async () => {
    expect(await findDefect(undefined, runs(60))).toBeUndefined();
  });

  // All of them are looked for by `npm run simulate -- --defects`, a part of `npm run test:long`.
  it('finds planted defects within the same budget, others at each turn', async () => {
    const planted = byTurns(PLANTED_DEFECTS, AT_FULL);
    printLine(`simulation: looks for ${planted.map(({ name }) => name).join(', ')} (KEYWARD_TEST_TURN=${TURN})`);
    const missed: string[] = [];
    for (const defect of planted) {
      const found = await findDefect(defect);
      if (found === undefined) missed.push(`${defect.name}: ${defect.what}`);
    }
    expect(missed).toEqual([]);
    printLine(`simulation: ${planted.length} of ${planted.length} planted defects found`);
  });

  it('has defects enough, each under a name of its own', () => {
    expect(PLANTED_DEFECTS.length).toBeGreaterThanOrEqual(20);
    expect(new Set(PLANTED_DEFECTS.map(({ name }) => name)).size).toBe(PLANTED_DEFECTS.length);
  });
});
