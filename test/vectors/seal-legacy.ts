import { createCipheriv, scryptSync } from 'node:crypto';

/** What the old design wrote. Keyward itself only reads it, so this is the one place that makes such values. */
export function sealLegacy(secret: string, salt: Buffer, iv: Buffer, data: Buffer): string {
  const key = scryptSync(secret, salt, 32, { N: 16_384, r: 8, p: 1 });
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const ciphertext = Buffer.concat([cipher.update(data), cipher.final()]);
  return Buffer.concat([salt, iv, cipher.getAuthTag(), ciphertext]).toString('base64');
}
