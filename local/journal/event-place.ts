import { isTimestamp } from '../../lambdas/core/crypto/record-checks';

/** Where an event is in the log, newest first: by time, then id. Both have one length, so that keys compare as text. */
export interface EventPlace {
  readonly timestamp: string;
  readonly id: string;
}

const LENGTH = '{"id":"","timestamp":"'.length + 32 + 24 + '"'.length;
const BEGINNING =
  /^\{"id":"([0-9a-f]{32})","timestamp":"(\d{4}-\d\d-\d\d)T((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z)"$/;

/** Days that are known to be one. */
let knownDay = '';

/** The place of an event by the first bytes of its line; undefined where they are not as the journal writes them. */
export function placeOfLine(block: Buffer, at: number): EventPlace | undefined {
  const [, id, day, time] = BEGINNING.exec(block.toString('latin1', at, at + LENGTH)) ?? [];
  if (id === undefined || day === undefined || time === undefined) return undefined;
  const timestamp = `${day}T${time}`;
  if (day !== knownDay) {
    if (!isTimestamp(timestamp)) return undefined;
    knownDay = day;
  }
  return { timestamp, id };
}

/** Sorts as the places do, the oldest first. */
export const placeKey = ({ timestamp, id }: EventPlace): string => `${timestamp}#${id}`;
