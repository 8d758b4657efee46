import { isTimestamp } from '../../lambdas/core/crypto/record-checks';

/** Place of an event in the log: time, then id. Both have a fixed length, so that keys compare as text. */
export interface EventPlace {
  readonly timestamp: string;
  readonly id: string;
}

const LENGTH = '{"id":"","timestamp":"'.length + 32 + 24 + '"'.length;
const BEGINNING =
  /^\{"id":"([0-9a-f]{32})","timestamp":"(\d{4}-\d\d-\d\d)T((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z)"$/;

/** Days that are known to be valid. */
let knownDay = '';

/** Reads an event's place from the first bytes of its line; undefined if they are not as the journal writes them. */
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

/** Returns a key that sorts as the places do, oldest first. */
export const placeKey = ({ timestamp, id }: EventPlace): string => `${timestamp}#${id}`;
