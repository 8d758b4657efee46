import { runs } from './effort';

const DAY_MS = 86_400_000;
const GOLDEN = 0.618;

/** Another number each day, so that what is tried by turns is all tried within some days; `KEYWARD_TEST_TURN` brings one back. */
export const TURN = readTurn(process.env['KEYWARD_TEST_TURN'] ?? String(Math.floor(Date.now() / DAY_MS)));

function readTurn(text: string): number {
  const turn = Number(text);
  if (!Number.isSafeInteger(turn) || turn < 0) throw new Error('KEYWARD_TEST_TURN must be a whole number from 0 on');
  return turn;
}

/**
 * As many of a list as the effort allows: others at each turn, all of them after as many turns as it takes. They are taken from all
 * over the list, so that each turn has something of every part of it.
 *
 * @param atFull how many at effort 1
 */
export function byTurns<T>(all: readonly T[], atFull: number, turn = TURN): readonly T[] {
  const count = Math.min(all.length, runs(atFull, 1));
  const stride = strideThrough(all.length);
  return Array.from({ length: count }, (_, index) => all[((turn * count + index) * stride) % all.length] as T);
}

/** Steps that come to each of so many before they come to one again, and spread wherever they end. */
function strideThrough(length: number): number {
  let stride = Math.max(1, Math.round(length * GOLDEN));
  while (commonDivisor(stride, length) > 1) stride += 1;
  return stride;
}

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b));
