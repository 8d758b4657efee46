import { KEY_BYTES, sealGcm } from '../../lambdas/core/crypto/aes-gcm';
import type { Dek } from '../../lambdas/core/crypto/dek';
import { encodeContext, type EncryptionContext } from '../../lambdas/core/crypto/encryption-context';
import type { Kek } from '../../lambdas/core/crypto/kek-keyset';
import { encodeStrings } from '../../lambdas/core/crypto/length-prefixed';
import { deriveMessageKey, IV_BYTES, type MessageLabel } from '../../lambdas/core/crypto/message-key';
import type { KeyObject } from 'node:crypto';

/**
 * Sealing under a salt that is given, as kw1.json has it and as nobody may seal: the vectors are for readers, who take
 * every salt, and the bench compares with it. What a writer does is in kw1-salt.json.
 */
function sealMessageWithSalt(
  key: KeyObject,
  label: MessageLabel,
  aad: Buffer,
  plaintext: Buffer,
  salt: Buffer,
): Buffer {
  const derived = deriveMessageKey(key, label, salt);
  const iv = derived.subarray(KEY_BYTES, KEY_BYTES + IV_BYTES);
  const { ciphertext, tag } = sealGcm(derived.subarray(0, KEY_BYTES), iv, aad, plaintext);
  return Buffer.concat([salt, iv, tag, ciphertext]);
}

export function sealTokenWithSalt(dek: Dek, context: EncryptionContext, plaintext: Buffer, salt: Buffer): string {
  const aad = Buffer.concat([dek.tokenHeader, encodeContext(context)]);
  const message = sealMessageWithSalt(dek.key, 'kw1', aad, plaintext, salt);
  return `kw1.${dek.provider}.${dek.version}.${message.toString('base64')}`;
}

export function wrapDekWithSalt(kek: Kek, provider: string, version: number, material: Buffer, salt: Buffer): string {
  const aad = encodeStrings(['kw1-wrap', provider, String(version), kek.id]);
  return sealMessageWithSalt(kek.key, 'kw1-wrap', aad, material, salt).toString('base64');
}
