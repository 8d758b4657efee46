import { intrusionsOf, runScenario } from './crash-enumeration';
import type { Finding } from './findings';
import { runHistory } from './history';
import type { PlantedDefect } from './planted-defect';
import { SCENARIOS } from './scenarios';

/** How many histories are run for one defect, from the first seed. */
const HISTORIES = 60;

/**
 * Looks for one planted defect: every scenario, undisturbed and with whatever may come before its writes of credentials, then
 * seeded histories.
 *
 * @returns where it was found, and as what
 */
export async function findDefect(
  defect: PlantedDefect | undefined,
  histories = HISTORIES,
): Promise<{ readonly where: string; readonly finding: Finding } | undefined> {
  for (const scenario of SCENARIOS) {
    const undisturbed = await runScenario(scenario, [], defect);
    // Without a defect that is what test/simulation/crash-enumeration.test.ts tries.
    const puts = defect === undefined ? [] : undisturbed.puts;
    const plans = puts.flatMap((at) => intrusionsOf(scenario).map((fault) => [{ at, fault }]));
    for (const plan of [[], ...plans]) {
      const { findings } = plan.length === 0 ? undisturbed : await runScenario(scenario, plan, defect);
      if (findings[0] === undefined) continue;
      return { where: [scenario.name, ...plan.map(({ fault }) => fault)].join(' before '), finding: findings[0] };
    }
  }
  for (let seed = 1; seed <= histories; seed += 1) {
    const { findings } = await runHistory(seed, defect);
    if (findings[0] !== undefined) return { where: `history ${seed}`, finding: findings[0] };
  }
  return undefined;
}
