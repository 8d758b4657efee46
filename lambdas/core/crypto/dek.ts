import { createSecretKey, type KeyObject } from 'node:crypto';
import { NO_PAIRS } from './encryption-context';
import { encodeStrings } from './length-prefixed';

/** One unwrapped DEK version. Only the KeyObject holds its bytes. */
export interface Dek {
  readonly provider: string;
  readonly version: number;
  readonly key: KeyObject;
  /** The header's part of every token's additional authenticated data under this key. */
  readonly tokenHeader: Buffer;
  /** The whole additional authenticated data of a token without an encryption context, the common case. */
  readonly tokenAadWithoutContext: Buffer;
}

export const DEK_BYTES = 32;

/** Takes ownership of `material` (32 bytes) and wipes it. */
export function toDek(provider: string, version: number, material: Buffer): Dek {
  const key = createSecretKey(material);
  material.fill(0);
  const tokenHeader = encodeStrings(['kw1', provider, String(version)]);
  return { provider, version, key, tokenHeader, tokenAadWithoutContext: Buffer.concat([tokenHeader, NO_PAIRS]) };
}
