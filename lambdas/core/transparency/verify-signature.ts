import { verify } from 'node:crypto';
import type { VerifierKey } from './verifier-key';

const SIGNATURE_BYTES = 64;
const TIME_BYTES = 8;

/** What a cosigner signs: a header, the time in seconds since 1970, and the note's text (tlog-cosignature, "Ed25519 signed message"). */
export const cosignedMessage = (text: string, time: number): Buffer =>
  Buffer.from(`cosignature/v1\ntime ${time}\n${text}`, 'utf8');

/** The bytes of a cosignature: the time as a big-endian 64-bit number, then Ed25519's 64 (tlog-cosignature, "Format"). */
export function encodeCosignature(time: number, signature: Buffer): Buffer {
  const bytes = Buffer.alloc(TIME_BYTES);
  bytes.writeBigUInt64BE(BigInt(time));
  return Buffer.concat([bytes, signature]);
}

/**
 * Verifies one signature over a note's text by its key's type, Ed25519 or cosignature.
 *
 * @returns undefined if it does not hold; else the time, if it states one
 */
export function verifySignature(key: VerifierKey, text: string, bytes: Buffer): { readonly time?: number } | undefined {
  if (key.type === 'ed25519') return isValid(key, Buffer.from(text, 'utf8'), bytes) ? {} : undefined;
  if (bytes.length !== TIME_BYTES + SIGNATURE_BYTES) return undefined;
  const time = Number(bytes.readBigUInt64BE());
  if (!Number.isSafeInteger(time)) return undefined;
  return isValid(key, cosignedMessage(text, time), bytes.subarray(TIME_BYTES)) ? { time } : undefined;
}

const isValid = ({ key }: VerifierKey, message: Buffer, signature: Buffer): boolean =>
  signature.length === SIGNATURE_BYTES && verify(null, message, key, signature);
