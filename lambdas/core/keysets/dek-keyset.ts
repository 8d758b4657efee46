import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { DEFAULT_DEK_INTERVAL_DAYS, DEFAULT_GRACE_PERIOD_DAYS } from '../contract/defaults';
import { DAY_MS } from '../contract/time-units';
import { decodeCanonicalBase64 } from '../crypto/canonical-base64';
import { canonicalJson } from '../crypto/canonical-json';
import { keysUnavailable } from '../errors/errors';
import type { Kek, KekKeyset } from '../crypto/kek-keyset';
import { isKeysetRecord } from './keyset-shape';
import type { DekVersionRecord, KeysetRecord } from './keyset-record';
import { deriveMessageKey, SALT_BYTES } from '../crypto/message-key';
import { newId, type Randomness } from '../crypto/randomness';
import { wrapNewDek } from '../crypto/wrapped-dek';

const MAC_BYTES = 32;

/**
 * A provider's first keyset: version 1 as primary, and a policy of defaults.
 *
 * @param gracePeriodDays grace period of its policy
 */
export function newKeyset(
  provider: string,
  kek: Kek,
  now: number,
  randomness: Randomness,
  gracePeriodDays = DEFAULT_GRACE_PERIOD_DAYS,
): KeysetRecord {
  const createdAt = new Date(now).toISOString();
  return signKeyset(
    {
      provider,
      revision: 1,
      write_id: newId(randomness),
      kek_id: kek.id,
      primary_version: 1,
      versions: {
        '1': { state: 'primary', created_at: createdAt, encrypted_dek: wrapNewDek(kek, provider, 1, randomness) },
      },
      dek_created_at: createdAt,
      dek_rotation_count: 0,
      rotation_policy: {
        enabled: true,
        interval_days: DEFAULT_DEK_INTERVAL_DAYS,
        grace_period_days: gracePeriodDays,
        next_rotation_at: new Date(now + DEFAULT_DEK_INTERVAL_DAYS * DAY_MS).toISOString(),
        last_rotation_at: null,
      },
    },
    kek,
  );
}

/** Puts the MAC on a record. `kek` must be the one that `kek_id` names. */
export const signKeyset = (unsigned: Omit<KeysetRecord, 'mac'>, kek: Kek): KeysetRecord =>
  ({ ...unsigned, mac: keysetMac(unsigned, kek).toString('base64') }) as KeysetRecord;

/**
 * Checks that a record is a keyset of `provider` that Keyward wrote: shape, provider, MAC.
 *
 * @throws KeywardError `keys_unavailable`: reason `unknown_kek` if the KEK is not in `keks` (refresh them and try again),
 *   `keyset_damaged` for everything else
 */
export function verifyKeyset(value: unknown, provider: string, keks: KekKeyset): KeysetRecord {
  const record = parseKeyset(value, provider);
  const kek = keks.keks.get(record.kek_id);
  if (kek === undefined) throw keysUnavailable('unknown_kek');
  const mac = decodeCanonicalBase64(record.mac);
  if (mac?.length !== MAC_BYTES || !timingSafeEqual(mac, macOfStored(record, kek))) {
    throw keysUnavailable('keyset_damaged');
  }
  return record;
}

/** A table can hold values that JSON cannot; Keyward writes none of them. */
function macOfStored(record: KeysetRecord, kek: Kek): Buffer {
  try {
    return keysetMac(record, kek);
  } catch {
    throw keysUnavailable('keyset_damaged');
  }
}

/**
 * Checks only the shape of the members that this release knows, for callers without a KEK that only show a keyset. Does not
 * detect an edited record.
 *
 * @throws KeywardError `keys_unavailable`, reason `keyset_damaged`
 */
export function parseKeyset(value: unknown, provider: string): KeysetRecord {
  if (!isKeysetRecord(value) || value.provider !== provider) throw keysUnavailable('keyset_damaged');
  return value;
}

/** The record of a version, or undefined if the keyset has none of that number. */
export const dekVersion = (record: KeysetRecord, version: number): DekVersionRecord | undefined => {
  const key = String(version);
  return Object.hasOwn(record.versions, key) ? record.versions[key] : undefined;
};

/** The number of the next version: no number is used twice. */
export const nextVersion = (record: KeysetRecord): number =>
  Math.max(record.highest_version ?? 0, ...Object.keys(record.versions).map(Number)) + 1;

/** HMAC-SHA-256 under bytes 0–31 of the KEK's `kw1-mac` derivation with a salt of zeros: one MAC key per KEK. */
function keysetMac(record: object, kek: Kek): Buffer {
  const derived = deriveMessageKey(kek.key, 'kw1-mac', Buffer.alloc(SALT_BYTES));
  const macKey = createSecretKey(derived.subarray(0, MAC_BYTES));
  derived.fill(0);
  return createHmac('sha256', macKey)
    .update(canonicalJson({ ...record, mac: undefined }), 'utf8')
    .digest();
}
