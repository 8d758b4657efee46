import { decodeUtf8 } from '../crypto/utf8';
import type { Checked } from './log-fault';
import { formatVerifierKey, parseVerifierKey, type VerifierKey } from './verifier-key';

/** That a key signs for another from here on: of the log, or of its cosigner. */
export interface KeyHandOver {
  readonly from: VerifierKey;
  readonly to: VerifierKey;
}

const HEADER = 'keyward/key-hand-over/v1';

/**
 * The entry of a hand-over, `keyward/key-hand-over/v1 <vkey> <vkey>`, the old key first. It needs no signature of its own: the
 * checkpoint that the old key signs covers it.
 */
export const formatKeyHandOver = ({ from, to }: KeyHandOver): Buffer =>
  Buffer.from(`${HEADER} ${formatVerifierKey(from)} ${formatVerifierKey(to)}`, 'utf8');

/** Reads the entry of a hand-over between two different keys of one name and one type. */
export function parseKeyHandOver(entry: Buffer): Checked<KeyHandOver> {
  const [header, ...keys] = (decodeUtf8(entry) ?? '').split(' ');
  const [from, to, ...rest] = keys.map((text) => parseVerifierKey(text).value);
  if (header !== HEADER || from === undefined || to === undefined || rest.length > 0) return { fault: 'entry_form' };
  const isOne = from.name === to.name && from.type === to.type && !from.publicKey.equals(to.publicKey);
  return isOne ? { value: { from, to } } : { fault: 'hand_over_keys' };
}
