import { DAY_MS } from '../contract/time-units';
import { RECONCILED_AFTER_DAYS } from '../contract/limits';

/** A day to be read, `2026-11-27`, and the age from which on this reading of it is one: the greatest that it has reached. */
export interface DueDay {
  readonly day: string;
  readonly age: number;
  /** Whether it is read only because no reading of that age is recorded. */
  readonly owed: boolean;
}

const DAY_LENGTH = '2026-11-27'.length;
const ROOT = 'reconciled/days/';
const RECORD = /^reconciled\/days\/([0-9]{4}-[0-9]{2}-[0-9]{2})\/([0-9]{2})$/;

/** Where it stands that a day was read to its end at an age. */
export const dayRecord = ({ day, age }: Pick<DueDay, 'day' | 'age'>): string =>
  `${ROOT}${day}/${String(age).padStart(2, '0')}`;

/** Below which all such records are, and those of one day. */
export const DAY_RECORDS = ROOT;
export const recordsOf = (day: string): string => `${ROOT}${day}/`;

/**
 * The days that are due, the newest first: those of the ages of {@link RECONCILED_AFTER_DAYS} on every call, and each other one that no
 * reading is recorded of at the greatest of these ages that it has reached: after a pause those of the pause, at first all.
 *
 * A record can only keep a day from being read once more after its days; it leaves out none of these.
 *
 * @param now in milliseconds since 1970
 * @param records paths as {@link dayRecord} makes them; others are ignored
 */
export function dueDays(now: number, retentionDays: number, records: readonly string[]): readonly DueDay[] {
  const read = new Map<string, number>();
  for (const path of records) {
    const [, day = '', age] = RECORD.exec(path) ?? [];
    read.set(day, Math.max(read.get(day) ?? 0, Number(age ?? 0)));
  }
  const due: DueDay[] = [];
  for (let days = RECONCILED_AFTER_DAYS[0]; days <= retentionDays; days += 1) {
    const day = new Date(now - days * DAY_MS).toISOString().slice(0, DAY_LENGTH);
    const age = RECONCILED_AFTER_DAYS.findLast((each) => each <= days) as number;
    if (age === days) due.push({ day, age, owed: false });
    else if ((read.get(day) ?? 0) < age) due.push({ day, age, owed: true });
  }
  return due;
}
