import { byTurns, TURN } from '../turn';
import { replayOf, runScenario, stopsAfter } from './crash-enumeration';
import { printLine } from './print-line';
import { SCENARIOS } from './scenarios';
import { shownViolations } from './shown-violations';

/** The days within which the effort of 1 runs every plan; `npm run simulate -- --singles`, in `npm run test:long`, runs all at once. */
const TURNS = 4;

describe('a process that stops before, after or with any single outside call', () => {
  it.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))('%s', async (name, scenario) => {
    const undisturbed = await runScenario(scenario, []);
    const { violations } = undisturbed;
    expect(shownViolations(violations, violations.length === 0 ? [] : undisturbed.trace())).toBe('');
    const { plans, ways } = stopsAfter(scenario, [], undisturbed);
    expect(plans.length).toBeGreaterThan(0);
    const tried = byTurns(plans, Math.ceil(plans.length / TURNS));
    for (const plan of tried) {
      const run = await runScenario(scenario, plan);
      expect(run.isMet).toBe(true);
      if (run.violations.length > 0) {
        throw new Error(`npm run simulate -- ${replayOf(name, plan)}\n${shownViolations(run.violations, run.trace())}`);
      }
    }
    const share = tried.length === plans.length ? '' : ` of ${plans.length}, KEYWARD_TEST_TURN=${TURN}`;
    printLine(`simulation: ${name}: ${ways} single interruptions (${tried.length}${share} run)`);
  });
});
