import { decodeUtf8 } from '../crypto/utf8';
import type { Checked } from './log-fault';
import { cosignerOf } from './log-origin';
import type { TileSource } from './ports/tile-source';
import { formatVerifierKey, parseVerifierKey, type VerifierKey } from './verifier-key';

/** The public keys of a log: the one that signs its checkpoints, whose name is the log's origin, and the log's own cosigner. */
export interface LogKeys {
  readonly log: VerifierKey;
  readonly cosigner: VerifierKey;
}

/** Where a log has its public keys. */
export const KEYS_PATH = 'keys';

/** Writes the public keys of a log: two verifier keys, one a line (signed-note, "Verifier keys"). */
export const formatLogKeys = ({ log, cosigner }: LogKeys): Buffer =>
  Buffer.from(`${formatVerifierKey(log)}\n${formatVerifierKey(cosigner)}\n`, 'utf8');

/**
 * Reads what {@link formatLogKeys} writes. Who can write the log can write this file: it tells which keys to look at, and whoever
 * verifies compares them with a trust policy.
 */
export function parseLogKeys(bytes: Buffer): Checked<LogKeys> {
  const [first = '', second = '', end, ...rest] = (decodeUtf8(bytes) ?? '').split('\n');
  const log = parseVerifierKey(first);
  if (log.fault !== undefined) return log;
  const cosigner = parseVerifierKey(second);
  if (cosigner.fault !== undefined) return cosigner;
  if (end !== '' || rest.length > 0) return { fault: 'vkey_form' };
  if (log.value.type !== 'ed25519' || cosigner.value.type !== 'cosignature') return { fault: 'vkey_type' };
  if (cosigner.value.name !== cosignerOf(log.value.name)) return { fault: 'key_name' };
  return { value: { log: log.value, cosigner: cosigner.value } };
}

/** @returns undefined if the log has no keys yet: nothing was published */
export async function readLogKeys(files: TileSource): Promise<Checked<LogKeys> | undefined> {
  const bytes = await files.read(KEYS_PATH);
  return bytes && parseLogKeys(bytes);
}
