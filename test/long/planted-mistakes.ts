import { MISTAKES } from './mistakes';
import { PlantedCopy } from './planted-copy';
import type { PlantedMistake } from './planted-mistake';

const USAGE = `Plants mistakes in a copy of the product, one at a time, and runs the tests that are there to notice each.

npx tsx test/long/planted-mistakes.ts [KIND [PART]]
  KIND    ${Object.keys(MISTAKES).join(', ')}; left out: all of them
  PART    those alone whose name has this in it
  --list  what would be planted, and where

Ends with 1 where one is not noticed.`;

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** What came of one mistake. */
interface Noticed {
  readonly isNoticed: boolean;
  readonly lines: string;
}

/** A text that is not there any more is as bad as a mistake that nobody notices: the list has to follow the product. */
async function plant(copy: PlantedCopy, mistake: PlantedMistake): Promise<Noticed> {
  const { name } = mistake;
  try {
    const { failed } = await copy.with(mistake, () => copy.test(mistake.tests));
    const [first] = failed;
    return first === undefined
      ? { isNoticed: false, lines: `NOT NOTICED  ${name}` }
      : { isNoticed: true, lines: `noticed      ${name}\n             ${first}` };
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : '';
    return { isNoticed: false, lines: `NOT PLANTED  ${name}\n             ${why}` };
  }
}

async function plantAll(wanted: Readonly<Record<string, readonly PlantedMistake[]>>): Promise<boolean> {
  const mistakes = Object.values(wanted).flat();
  const copy = PlantedCopy.make();
  try {
    const files = [...new Set(mistakes.flatMap(({ tests }) => tests))];
    const green = await copy.test(files);
    if (green.failed.length > 0) throw new Error(`not green without a mistake: ${green.failed.join('; ')}`);
    print(`Without a mistake ${green.passed} tests of ${files.length} files pass.`);
    const sums: string[] = [];
    let unnoticed = 0;
    for (const [kind, each] of Object.entries(wanted)) {
      print(`\n${kind}`);
      let noticed = 0;
      for (const mistake of each) {
        const { isNoticed, lines } = await plant(copy, mistake);
        if (isNoticed) noticed += 1;
        print(lines);
      }
      unnoticed += each.length - noticed;
      sums.push(`${kind}: ${noticed} of ${each.length} mistakes were noticed`);
    }
    print(`\n${sums.join('\n')}`);
    print(`${mistakes.length - unnoticed} passed, ${unnoticed} failed, 0 skipped`);
    return unnoticed === 0 && mistakes.length > 0;
  } finally {
    copy.remove();
  }
}

/** @returns the code to end with */
async function main(parameters: readonly string[]): Promise<number> {
  const [kind, part = ''] = parameters.filter((each) => !each.startsWith('-'));
  if (parameters.includes('--help')) {
    print(USAGE);
    return 0;
  }
  if ((kind !== undefined && !Object.hasOwn(MISTAKES, kind)) || parameters.some((each) => /^-(?!-list$)/.test(each))) {
    print(USAGE);
    return 2;
  }
  const wanted = Object.fromEntries(
    Object.entries(MISTAKES)
      .filter(([name]) => kind === undefined || name === kind)
      .map(([name, each]) => [name, each.filter((mistake) => mistake.name.includes(part))]),
  );
  if (!parameters.includes('--list')) return (await plantAll(wanted)) ? 0 : 1;
  for (const [name, each] of Object.entries(wanted)) {
    print(`${name}\n${each.map((mistake) => `  ${mistake.name} (${mistake.file})`).join('\n')}`);
  }
  return 0;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (thrown: unknown) => {
    print(String(thrown instanceof Error ? thrown.message : thrown));
    process.exitCode = 1;
  },
);
