import { intrusionsOf, runScenario } from './crash-enumeration';
import type { Violation } from './violations';
import { runHistory } from './history';
import type { Mutant } from './mutant';
import { SCENARIOS } from './scenarios';

/** The number of histories for one mutant, from the first seed. */
const HISTORIES = 60;

/**
 * Looks for one mutant: in every scenario, undisturbed and with each intrusion before its writes of credentials, then in seeded
 * histories.
 *
 * @returns where it was found, and by which violation
 */
export async function killMutant(
  mutant: Mutant | undefined,
  histories = HISTORIES,
): Promise<{ readonly where: string; readonly violation: Violation } | undefined> {
  for (const scenario of SCENARIOS) {
    const undisturbed = await runScenario(scenario, [], mutant);
    // Without a mutant test/simulation/crash-enumeration.test.ts runs this.
    const puts = mutant === undefined ? [] : undisturbed.puts;
    const plans = puts.flatMap((at) => intrusionsOf(scenario).map((fault) => [{ at, fault }]));
    for (const plan of [[], ...plans]) {
      const { violations } = plan.length === 0 ? undisturbed : await runScenario(scenario, plan, mutant);
      if (violations[0] === undefined) continue;
      return { where: [scenario.name, ...plan.map(({ fault }) => fault)].join(' before '), violation: violations[0] };
    }
  }
  for (let seed = 1; seed <= histories; seed += 1) {
    const { violations } = await runHistory(seed, mutant);
    if (violations[0] !== undefined) return { where: `history ${seed}`, violation: violations[0] };
  }
  return undefined;
}
