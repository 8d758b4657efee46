import { PlantedCopy } from '../long/planted-copy';
import { HOWTOS } from './all-howtos';
import { lineOf, tryHowto } from './try-howto';

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/**
 * Makes the changes that people make, one after the other, in a copy of the tree: `npx tsx test/howto/main.ts [part of a name]`.
 * Ends with 1 where one does not do, or touches more files than it may.
 */
async function main(part = ''): Promise<void> {
  const copy = PlantedCopy.make();
  try {
    let done = 0;
    const chosen = HOWTOS.filter(({ name }) => name.includes(part));
    for (const howto of chosen) {
      const tried = await tryHowto(copy, howto, { isShownToFail: true });
      if (tried.failure === undefined) done += 1;
      print(lineOf(tried));
    }
    print(`${done} passed, ${chosen.length - done} failed, 0 skipped`);
    if (done < chosen.length || done === 0) process.exitCode = 1;
  } finally {
    copy.remove();
  }
}

main(...process.argv.slice(2)).catch((thrown: unknown) => {
  print(String(thrown instanceof Error ? thrown.message : thrown));
  process.exitCode = 1;
});
