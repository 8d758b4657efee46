import { decodeCanonicalBase64 } from '../crypto/canonical-base64';
import { readDecimal } from './decimal';
import type { Checked } from './log-fault';
import { EMPTY_ROOT, HASH_BYTES } from './merkle-hash';
import type { Tree } from './merkle-proof';

/** What a checkpoint says: the tree that a log had (tlog-checkpoint, "Note text"). */
export interface Checkpoint extends Tree {
  /** Identity of the log. */
  readonly origin: string;
  /** Opaque lines of other logs. Ours writes none: nobody could check them. */
  readonly extensions: readonly string[];
}

/** The text of a checkpoint's note. */
export const formatCheckpoint = ({ origin, size, root, extensions }: Checkpoint): string =>
  [origin, size, root.toString('base64'), ...extensions].map((line) => `${line}\n`).join('');

/** Reads the text of a note as a checkpoint. Only the text that {@link formatCheckpoint} writes is accepted. */
export function parseCheckpoint(text: string): Checked<Checkpoint> {
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.length < 3) return { fault: 'checkpoint_form' };
  const [origin = '', decimal = '', encoded = '', ...extensions] = lines;
  if (origin === '') return { fault: 'checkpoint_origin' };
  const size = readDecimal(decimal);
  if (size === undefined) return { fault: 'checkpoint_size' };
  const root = decodeCanonicalBase64(encoded);
  if (root?.length !== HASH_BYTES || (size === 0 && !root.equals(EMPTY_ROOT))) return { fault: 'checkpoint_root' };
  if (extensions.includes('')) return { fault: 'checkpoint_extension' };
  return { value: { origin, size, root, extensions } };
}
