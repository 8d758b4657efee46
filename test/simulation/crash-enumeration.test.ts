import { runScenario, singles, STOPS } from './crash-enumeration';
import type { PlannedFate } from './planned-fates';
import { printLine } from './print-line';
import { SCENARIOS } from './scenarios';
import { shownFindings } from './shown-findings';

const describePlan = (plan: readonly PlannedFate[]): string =>
  plan.map(({ at, fate }) => `${fate} at ${at}`).join(', ');

describe('a process that stops before, after or with any single outside call', () => {
  it.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
    '%s',
    async (name, scenario) => {
      const { calls, findings, trace } = await runScenario(scenario, []);
      expect(shownFindings(findings, findings.length === 0 ? [] : trace())).toBe('');
      expect(calls).toBeGreaterThan(0);
      const plans = singles(calls, STOPS);
      let held = 0;
      for (const plan of plans) {
        const run = await runScenario(scenario, plan);
        expect(run.isMet).toBe(true);
        if (run.findings.length > 0) {
          throw new Error(`${name}, ${describePlan(plan)}:\n${shownFindings(run.findings, run.trace())}`);
        }
        held += 1;
      }
      printLine(`simulation: ${name}: ${held} of ${plans.length} single interruptions`);
    },
    600_000,
  );
});
