import { runs } from './effort';

const DAY_MS = 86_400_000;

/** Another number each day, so that what is tried by turns is all tried within some days; `KEYWARD_TEST_TURN` brings one back. */
export const TURN = readTurn(process.env['KEYWARD_TEST_TURN'] ?? String(Math.floor(Date.now() / DAY_MS)));

function readTurn(text: string): number {
  const turn = Number(text);
  if (!Number.isSafeInteger(turn) || turn < 0) throw new Error('KEYWARD_TEST_TURN must be a whole number from 0 on');
  return turn;
}

/**
 * As many of a list as the effort allows: others at each turn, all of them after as many turns as it takes.
 *
 * @param atFull how many at effort 1
 */
export function byTurns<T>(all: readonly T[], atFull: number, turn = TURN): readonly T[] {
  const count = Math.min(all.length, runs(atFull, 1));
  return Array.from({ length: count }, (_, index) => all[(turn * count + index) % all.length] as T);
}
