import { ALARM_MISTAKES } from './alarm-mistakes';
import { ALL_MISTAKES } from './all-mistakes';
import { PlantedCopy } from './planted-copy';
import type { PlantedMistake } from './planted-mistake';
import { TIME_MISTAKES } from './time-mistakes';
import { WIRING_MISTAKES } from './wiring-mistakes';

/**
 * Plants mistakes in a copy of the product, one at a time, and runs the tests that are there to notice each.
 * `npx tsx test/long/planted-mistakes.ts [wiring|alarms|all|times] [part of a name]`. Ends with 1 where one is not noticed.
 */
const KINDS: Readonly<Record<string, readonly PlantedMistake[]>> = {
  wiring: WIRING_MISTAKES,
  alarms: ALARM_MISTAKES,
  all: ALL_MISTAKES,
  times: TIME_MISTAKES,
};

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function main(wanted = '', part = ''): Promise<void> {
  const kinds = Object.entries(KINDS).filter(([kind]) => wanted === '' || kind === wanted);
  const mistakes = kinds.flatMap(([, each]) => each).filter(({ name }) => name.includes(part));
  const copy = PlantedCopy.make();
  try {
    const files = [...new Set(mistakes.flatMap(({ tests }) => tests))];
    const green = await copy.test(files);
    if (green.failed.length > 0) throw new Error(`not green without a mistake: ${green.failed.join('; ')}`);
    print(`Without a mistake ${green.passed} tests of ${files.length} files pass.`);
    let unnoticed = 0;
    for (const mistake of mistakes) {
      // A text that is not there any more is as bad as a mistake that nobody notices: the list has to follow the product.
      const { failed, why } = await copy
        .with(mistake, () => copy.test(mistake.tests))
        .then(
          (run) => ({ failed: run.failed, why: 'NOT NOTICED ' }),
          (thrown: unknown) => ({
            failed: [],
            why: `NOT PLANTED ${thrown instanceof Error ? thrown.message : ''}\n            `,
          }),
        );
      if (failed.length === 0) unnoticed += 1;
      print(failed.length === 0 ? `${why} ${mistake.name}` : `noticed      ${mistake.name}\n             ${failed[0]}`);
    }
    print(`${mistakes.length - unnoticed} of ${mistakes.length} mistakes were noticed.`);
    print(`${mistakes.length - unnoticed} passed, ${unnoticed} failed, 0 skipped`);
    if (unnoticed > 0 || mistakes.length === 0) process.exitCode = 1;
  } finally {
    copy.remove();
  }
}

main(...process.argv.slice(2)).catch((thrown: unknown) => {
  print(String(thrown instanceof Error ? thrown.message : thrown));
  process.exitCode = 1;
});
