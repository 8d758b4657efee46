import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../lambdas/core/contract/time-units';
import { readInstant, type Finer } from '../../lambdas/core/crypto/instant';
import { usageError } from '../io/cli-error';
import type { ValuesOf } from '../options';

/** Options about a period in the past. */
export const FROM = {
  from: {
    type: 'string',
    shown: '--from TIME',
    help: 'start of the period: RFC 3339 with Z or an offset, such as 2026-11-21T09:30:00Z, or a date, which means its first instant in UTC',
    otherwise: '7 days before the end',
  },
  since: {
    type: 'string',
    shown: '--since DURATION',
    help: 'in place of --from: back from now, such as 30m, 12h, 7d, 2w, or 1d12h',
    otherwise: '--from',
  },
} as const;

const UNITS: readonly (readonly [unit: string, ms: number])[] = [
  ['w', 7 * DAY_MS],
  ['d', DAY_MS],
  ['h', HOUR_MS],
  ['m', MINUTE_MS],
  ['s', SECOND_MS],
];
const DURATION = new RegExp(`^(?=.)${UNITS.map(([unit]) => `(?:([0-9]{1,9})${unit})?`).join('')}$`);

/**
 * The first time that is asked for, in the API's form; undefined if neither option is given.
 *
 * @param now by the wall clock, in milliseconds since 1970
 * @throws CliError which names the option
 */
export function firstTime({ from, since }: ValuesOf<typeof FROM>, now: number): string | undefined {
  if (from !== undefined && since !== undefined) throw usageError('only one of --from and --since may be given');
  return since === undefined ? timeOf('--from', from, 'cut') : new Date(beginningOf(since, now)).toISOString();
}

/** @throws CliError which names the option */
export function timeOf(option: string, text: string | undefined, finer: Finer): string | undefined {
  if (text === undefined) return undefined;
  const read = readInstant(text, finer);
  if ('fault' in read) throw usageError(`${option}: ${read.fault}`);
  return read.time;
}

function beginningOf(since: string, now: number): number {
  const counts = DURATION.exec(since);
  if (counts === null) {
    const isTime = 'time' in readInstant(since, 'cut');
    throw usageError(
      isTime
        ? '--since: takes a duration such as 7d; a time is given by --from'
        : '--since: must be a duration such as 30m, 12h, 7d, 2w or 1d12h: whole numbers of w, d, h, m and s, the longest unit first',
    );
  }
  const ms = UNITS.reduce((sum, [, each], index) => sum + Number(counts[index + 1] ?? 0) * each, 0);
  if (ms === 0) throw usageError('--since: must be more than 0');
  if (ms > now) throw usageError('--since: must not go back to before 1970');
  return now - ms;
}
