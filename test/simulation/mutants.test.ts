import { runs } from '../effort';
import { byTurns, TURN } from '../turn';
import { killMutant } from './kill-mutant';
import { MUTANTS } from './mutants';
import { printLine } from './print-line';

/** Run at effort 1. */
const AT_FULL = 5;

describe('the state checkers', () => {
  it('finds nothing where nothing is planted', async () => {
    expect(await killMutant(undefined, runs(60))).toBeUndefined();
  });

  // `npm run simulate -- --mutants`, a part of `npm run test:long`, looks for all of them.
  it('finds mutants within the same budget, others at each turn', async () => {
    const planted = byTurns(MUTANTS, AT_FULL);
    printLine(`simulation: looks for ${planted.map(({ name }) => name).join(', ')} (KEYWARD_TEST_TURN=${TURN})`);
    const missed: string[] = [];
    for (const mutant of planted) {
      const found = await killMutant(mutant);
      if (found === undefined) missed.push(`${mutant.name}: ${mutant.what}`);
    }
    expect(missed).toEqual([]);
    printLine(`simulation: ${planted.length} of ${planted.length} mutants found`);
  });

  it('has mutants enough, each under a name of its own', () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(20);
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  });
});
