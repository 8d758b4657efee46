import { findDefect } from './find-defect';
import { PLANTED_DEFECTS } from './planted-defects';
import { printLine } from './print-line';

describe('the checker is checked', () => {
  it('finds nothing where nothing is planted', async () => {
    expect(await findDefect(undefined)).toBeUndefined();
  }, 600_000);

  it('finds every planted defect within the same budget', async () => {
    const missed: string[] = [];
    for (const defect of PLANTED_DEFECTS) {
      const found = await findDefect(defect);
      if (found === undefined) missed.push(`${defect.name}: ${defect.what}`);
    }
    expect(missed).toEqual([]);
    expect(PLANTED_DEFECTS.length).toBeGreaterThanOrEqual(20);
    expect(new Set(PLANTED_DEFECTS.map(({ name }) => name)).size).toBe(PLANTED_DEFECTS.length);
    printLine(`simulation: ${PLANTED_DEFECTS.length} of ${PLANTED_DEFECTS.length} planted defects found`);
  }, 600_000);
});
