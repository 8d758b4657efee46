import { SECOND_MS } from '../contract/time-units';
import { cosignerOf } from './log-origin';
import { parseNote } from './signed-note';

const COSIGNATURE_BYTES = 72;

/**
 * When a checkpoint says that it was its log's newest, by the cosignature of the log's own: in milliseconds since 1970, 0 without one.
 * Nothing is verified: for whoever would only wait or ask for help where it is long ago.
 */
export function statedTime(bytes: Buffer): number {
  const note = parseNote(bytes).value;
  if (note === undefined) return 0;
  const cosigner = cosignerOf(note.text.slice(0, note.text.indexOf('\n')));
  const times = note.signatures
    .filter(({ name, signature }) => name === cosigner && signature.length === COSIGNATURE_BYTES)
    .map(({ signature }) => Number(signature.readBigUInt64BE()) * SECOND_MS);
  return Math.max(0, ...times);
}
