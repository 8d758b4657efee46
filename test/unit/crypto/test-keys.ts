import { toDek, type Dek } from '../../../lambdas/core/crypto/dek';
import { parseKekSecret, type KekKeyset } from '../../../lambdas/core/crypto/kek-keyset';

export const CREATED_AT = '2026-11-21T09:00:00.000Z';

/** 32 bytes, all the same. */
export const material = (byte: number): Buffer => Buffer.alloc(32, byte);

export const dekOf = (provider: string, version: number, byte = 1): Dek => toDek(provider, version, material(byte));

/** KEKs named `kek-<byte>` of `material(byte)`; the first is the primary. */
export const keksOf = (...bytes: readonly number[]): KekKeyset =>
  parseKekSecret(
    JSON.stringify({
      schema: 1,
      primary: `kek-${String(bytes[0])}`,
      parent_version_id: null,
      keys: Object.fromEntries(
        bytes.map((byte, index) => [
          `kek-${byte}`,
          {
            material: material(byte).toString('base64'),
            created_at: CREATED_AT,
            state: index === 0 ? 'primary' : 'unwrap_only',
          },
        ]),
      ),
    }),
  );
