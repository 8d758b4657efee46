import type { PlantedCopy } from '../long/planted-copy';
import { applyEdits } from './apply-edits';
import type { Edit } from './edit';
import type { Howto } from './howto';
import { isProduct } from './is-product';

const TYPESCRIPT = 'node_modules/typescript/bin/tsc';
const TSX = 'node_modules/tsx/dist/cli.mjs';
/** Beside the copy's own files: the check of the second change uses the results of the first. */
const KNOWN_TYPES = '.howto.tsbuildinfo';

/** The result of one change. */
export interface Tried {
  readonly name: string;
  readonly atMost: number;
  /** The touched files of the product, then the documents and tests. */
  readonly product: readonly string[];
  readonly followers: readonly string[];
  readonly testsPassed: number;
  /** The reason of a failure, or undefined. */
  readonly failure?: string;
}

/**
 * Makes one change in the copy, checks its types, runs the nearest tests and the one that shows it, and takes the change out again.
 *
 * @param isShownToFail whether the test that shows it is first run without the change
 */
export async function tryHowto(
  copy: PlantedCopy,
  howto: Howto,
  { isShownToFail = false }: { isShownToFail?: boolean } = {},
): Promise<Tried> {
  const { name, atMost, edits, shows, written = [], tests } = howto;
  const shown: Edit = shows;
  try {
    const changed = applyEdits(copy, [...edits, shown]);
    const product = [...changed.keys()].filter(isProduct);
    const followers = [...changed.keys()].filter((file) => !isProduct(file) && file !== shows.file);
    const tried = { name, atMost, product, followers };
    if (product.length > atMost) {
      return { ...tried, testsPassed: 0, failure: `touches ${product.length} files: ${product.join(', ')}` };
    }
    if (isShownToFail) {
      const without = new Map([...changed].filter(([file]) => !isProduct(file)));
      const { failed } = await copy.withFiles(without, () => copy.test([shows.file]));
      if (failed.length === 0) return { ...tried, testsPassed: 0, failure: `${shows.file} passes without the change` };
    }
    const touched = new Map(changed);
    for (const { file } of written) touched.set(file, touched.get(file) ?? copy.read(file) ?? '');
    return await copy.withFiles(touched, async () => {
      for (const { by } of written) await must(copy, `${by} fails`, TSX, by);
      await must(
        copy,
        'its types are wrong',
        TYPESCRIPT,
        '--noEmit',
        '--incremental',
        '--tsBuildInfoFile',
        KNOWN_TYPES,
      );
      const { failed, passed } = await copy.test([...new Set([shows.file, ...tests])]);
      return { ...tried, testsPassed: passed, ...(failed.length > 0 && { failure: failed.join('; ') }) };
    });
  } catch (thrown) {
    const failure = thrown instanceof Error ? thrown.message : String(thrown);
    return { name, atMost, product: [], followers: [], testsPassed: 0, failure };
  }
}

async function must(copy: PlantedCopy, what: string, ...program: readonly string[]): Promise<void> {
  const [code, output] = await copy.node(...program);
  if (code !== 0) throw new Error(`${what}: ${output.slice(0, 4000)}`);
}

/** A line for a user. */
export const lineOf = ({ name, atMost, product, followers, testsPassed, failure }: Tried): string =>
  [
    `${failure === undefined ? 'done  ' : 'FAILED'} ${name}: ${product.length} of at most ${atMost} files (${product.join(', ')})`,
    `       followed by ${followers.join(', ') || 'nothing'}; ${testsPassed} tests pass`,
    ...(failure === undefined ? [] : [`       ${failure}`]),
  ].join('\n');
