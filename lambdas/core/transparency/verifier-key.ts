import { createPublicKey, hash, type KeyObject } from 'node:crypto';
import { decodeCanonicalBase64 } from '../crypto/canonical-base64';
import type { Checked } from './log-fault';

/**
 * Type bytes of signatures (signed-note, "Signature types"): Ed25519 over the note's text, and the timestamped cosignature of
 * tlog-cosignature.
 */
export const SIGNATURE_TYPES = { ed25519: 0x01, cosignature: 0x04 } as const;

export type SignatureType = keyof typeof SIGNATURE_TYPES;

/** A public key that signs notes, with the name that its signatures carry. */
export interface VerifierKey {
  readonly name: string;
  /** 8 hexadecimal digits, lower case. Short: it finds a key and proves nothing. */
  readonly id: string;
  readonly type: SignatureType;
  /** 32 bytes of Ed25519 (RFC 8032 section 5.1.5). */
  readonly publicKey: Buffer;
  readonly key: KeyObject;
}

const PUBLIC_KEY_BYTES = 32;
const MAX_NAME_BYTES = 255;

/** Not empty, without Unicode spaces, plus signs and control characters (signed-note, "Format"). */
const NAME = /^[^\p{White_Space}\u0000-\u001f+]+$/u;

export const isKeyName = (name: string): boolean =>
  NAME.test(name) && name.isWellFormed() && Buffer.byteLength(name, 'utf8') <= MAX_NAME_BYTES;

const typedKey = (type: SignatureType, publicKey: Buffer): Buffer =>
  Buffer.concat([Buffer.of(SIGNATURE_TYPES[type]), publicKey]);

/** The first four bytes of SHA-256(name ‖ 0x0A ‖ type ‖ public key) (signed-note, "Signatures"). */
const keyId = (name: string, type: SignatureType, publicKey: Buffer): string =>
  hash('sha256', Buffer.concat([Buffer.from(`${name}\n`, 'utf8'), typedKey(type, publicKey)]), 'hex').slice(0, 8);

/** Makes the key with its id from 32 bytes of a public key. */
export function verifierKey(name: string, type: SignatureType, publicKey: Buffer): Checked<VerifierKey> {
  if (!isKeyName(name)) return { fault: 'key_name' };
  if (publicKey.length !== PUBLIC_KEY_BYTES) return { fault: 'vkey_form' };
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: publicKey.toString('base64url') };
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  return { value: { name, id: keyId(name, type, publicKey), type, publicKey, key } };
}

/** Writes a key as `<name>+<id>+<base64 of type and public key>` (signed-note, "Verifier keys"). */
export const formatVerifierKey = ({ name, id, type, publicKey }: VerifierKey): string =>
  `${name}+${id}+${typedKey(type, publicKey).toString('base64')}`;

const VKEY = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/s;

/** Reads what {@link formatVerifierKey} writes, and nothing else; the id must be that of the key. */
export function parseVerifierKey(text: string): Checked<VerifierKey> {
  const [, name = '', id = '', encoded = ''] = VKEY.exec(text) ?? [];
  const bytes = decodeCanonicalBase64(encoded);
  if (bytes?.length !== 1 + PUBLIC_KEY_BYTES) return { fault: 'vkey_form' };
  const type = (Object.keys(SIGNATURE_TYPES) as SignatureType[]).find((each) => SIGNATURE_TYPES[each] === bytes[0]);
  if (type === undefined) return { fault: 'vkey_type' };
  const made = verifierKey(name, type, bytes.subarray(1));
  return made.fault === undefined && made.value.id !== id ? { fault: 'vkey_id' } : made;
}

/** Whether two keys are one: name, type and public key. */
export const isSameKey = (a: VerifierKey, b: VerifierKey): boolean =>
  a.name === b.name && a.type === b.type && a.publicKey.equals(b.publicKey);
