import { runs } from '../effort';
import { intrusionsOf, replayOf, runScenario, STOPS } from './crash-enumeration';
import { printLine } from './print-line';
import { SCENARIOS } from './scenarios';
import { SeededRandom } from './seeded-random';
import { shownViolations } from './shown-violations';

/** `npm run simulate -- --pairs` runs all of them. */
const SAMPLE = runs(30);
const SEED = 20_260_105;

describe('two interruptions in a row, a sample of all pairs', () => {
  const paired = SCENARIOS.filter(({ isPaired }) => isPaired === true);

  it.each(paired.map((scenario) => [scenario.name, scenario] as const))('%s', async (name, scenario) => {
    const random = new SeededRandom(SEED);
    const { calls } = await runScenario(scenario, []);
    const faultInjector = [...STOPS, ...intrusionsOf(scenario)];
    let met = 0;
    for (let index = 0; index < SAMPLE; index += 1) {
      const at = random.between(0, calls - 1);
      const first = { at, fault: random.pick(faultInjector) };
      const second = { at: at + random.between(1, Math.max(1, calls - at - 1)), fault: random.pick(faultInjector) };
      const { violations, isMet, trace } = await runScenario(scenario, [first, second]);
      const shown =
        violations.length === 0
          ? ''
          : shownViolations(violations, [`npm run simulate -- ${replayOf(name, [first, second])}`, ...trace()]);
      expect(shown).toBe('');
      if (isMet) met += 1;
    }
    expect(met).toBeGreaterThan(SAMPLE / 2);
    printLine(`simulation: ${name}: ${met} of ${met} pairs of interruptions (a sample)`);
  });
});
