import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { decodeCanonicalBase64 } from '../crypto/canonical-base64';
import { canonicalJson } from '../crypto/canonical-json';
import { keysUnavailable } from '../errors/errors';
import type { Kek, KekKeyset } from '../crypto/kek-keyset';
import { isKeysetRecord, type DEK_VERSION_STATES } from './keyset-shape';
import { deriveMessageKey, SALT_BYTES } from '../crypto/message-key';
import { newId, type Randomness } from '../crypto/randomness';
import { wrapNewDek } from '../crypto/wrapped-dek';

/**
 * States of a DEK version (NIST SP 800-57 part 1, section 7): `pending` is published and not yet used, `primary`
 * seals and opens, `decrypt_only` opens during the grace period, `rewrap_only` opens for a rewrap alone, `destroyed`
 * has no key left. They gate tokens; a stored credential opens under any version that still has its key.
 */
export type DekVersionState = (typeof DEK_VERSION_STATES)[number];

/**
 * One version. All times are set by the writer in the home region. Members that a later release adds are kept, because
 * the MAC covers them.
 */
export interface DekVersionRecord {
  readonly state: DekVersionState;
  readonly created_at: string;
  /** Absent once destroyed. */
  readonly encrypted_dek?: string;
  /** When it became the primary; absent on a first version, which was never anything else. */
  readonly promoted_at?: string;
  /** When another version became the primary in its place. */
  readonly superseded_at?: string;
  /** End of its grace period. Absent until every region has acknowledged that another version is the primary. */
  readonly grace_until?: string;
  readonly retired_at?: string;
  /** When a consistent pass found no stored credential under it; goes when one is found. */
  readonly unreferenced_since?: string;
  /** Asked for, and not before that time. */
  readonly destruction?: Destruction;
  readonly destroyed_at?: string;
  readonly [member: string]: unknown;
}

/** A destruction that somebody asked for. */
export interface Destruction {
  readonly scheduled_at: string;
  /** The end of the window in which it can be cancelled. */
  readonly not_before: string;
}

/** The rotation that is under way: at most one a provider. */
export interface RunningRotation {
  /** 32 hexadecimal characters; sorts by the time of its start. */
  readonly id: string;
  /** `publishing`: the new version is pending; `rekeying`: it is the primary, and stored credentials move to it. */
  readonly phase: 'publishing' | 'rekeying';
  readonly version: number;
  /** The primary when it began. */
  readonly from_version: number;
  readonly emergency: boolean;
  readonly started_at: string;
  /** ARN of the principal, or the part of Keyward that started it. */
  readonly started_by: string;
  /** What whoever started it gave as the reason, if anything. */
  readonly reason?: string;
  readonly idempotency?: IdempotencyMark;
  readonly promoted_at?: string;
  /** Who made it an emergency, where that was not how it began. */
  readonly takeover?: Takeover;
}

/** Recognizes a request that is sent again. Both are SHA-256 in hexadecimal: of caller and key, and of what was asked. */
export interface IdempotencyMark {
  readonly key_sha256: string;
  readonly request_sha256: string;
}

/** A rotation that was running and became an emergency. */
export interface Takeover {
  readonly by: string;
  readonly at: string;
  readonly reason?: string;
  readonly idempotency?: IdempotencyMark;
}

export type RotationOutcome = 'completed' | 'completed_with_failures' | 'aborted' | 'superseded';

/** The rotation that ended last, so that its report can be finished after a crash. */
export interface EndedRotation {
  readonly id: string;
  readonly outcome: RotationOutcome;
  readonly ended_at: string;
}

/** When a provider's DEK rotates. `interval_days` 30, 60 or 90; times are ISO 8601 in UTC, decided in the home region. */
export interface RotationPolicy {
  readonly enabled: boolean;
  readonly interval_days: number;
  readonly grace_period_days: number;
  readonly next_rotation_at: string;
  readonly last_rotation_at: string | null;
}

/** All versions of one provider's DEK, in the one record that changes in one conditional write. */
export interface KeysetRecord {
  readonly provider: string;
  /** Grows by one with every write and is never used twice. */
  readonly revision: number;
  /** New for every write, so that a writer who lost the answer can tell whether it was written. */
  readonly write_id: string;
  /** The one KEK that every version is wrapped under and the MAC is made with. */
  readonly kek_id: string;
  readonly primary_version: number;
  readonly versions: Readonly<Record<string, DekVersionRecord>>;
  readonly dek_created_at: string;
  readonly dek_rotation_count: number;
  readonly rotation_policy: RotationPolicy;
  readonly rotation?: RunningRotation;
  readonly last_rotation?: EndedRotation;
  /** The highest version number that an entry was taken out for; no number is used twice. */
  readonly highest_version?: number;
  /** Canonical base64 of HMAC-SHA-256 over the canonical record without this member. */
  readonly mac: string;
  readonly [member: string]: unknown;
}

export const DAY_MS = 86_400_000;
const MAC_BYTES = 32;
const DEFAULT_INTERVAL_DAYS = 90;
export const DEFAULT_GRACE_PERIOD_DAYS = 7;

/**
 * A provider's first keyset: version 1 as primary, a rotation every 90 days.
 *
 * @param gracePeriodDays of its policy
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
        interval_days: DEFAULT_INTERVAL_DAYS,
        grace_period_days: gracePeriodDays,
        next_rotation_at: new Date(now + DEFAULT_INTERVAL_DAYS * DAY_MS).toISOString(),
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
 * @throws KeywardError `keys_unavailable`: reason `unknown_kek` where the KEK is not in `keks` (ask for newer keys and
 *   try again), `keyset_damaged` for everything else
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

/** A stored record may hold what JSON cannot, because a table can: nothing that Keyward wrote. */
function macOfStored(record: KeysetRecord, kek: Kek): Buffer {
  try {
    return keysetMac(record, kek);
  } catch {
    throw keysUnavailable('keyset_damaged');
  }
}

/**
 * Checks the shape alone, of every member that this release knows, for those who hold no KEK and only show a keyset. An edit of the record goes unnoticed here.
 *
 * @throws KeywardError `keys_unavailable`, reason `keyset_damaged`
 */
export function parseKeyset(value: unknown, provider: string): KeysetRecord {
  if (!isKeysetRecord(value) || value.provider !== provider) throw keysUnavailable('keyset_damaged');
  return value;
}

/** The version's record, or undefined where the keyset has none of that number. */
export const dekVersion = (record: KeysetRecord, version: number): DekVersionRecord | undefined => {
  const key = String(version);
  return Object.hasOwn(record.versions, key) ? record.versions[key] : undefined;
};

/** HMAC-SHA-256 under bytes 0–31 of the KEK's `kw1-mac` derivation with a salt of zeros: one MAC key per KEK. */
function keysetMac(record: object, kek: Kek): Buffer {
  const derived = deriveMessageKey(kek.key, 'kw1-mac', Buffer.alloc(SALT_BYTES));
  const macKey = createSecretKey(derived.subarray(0, MAC_BYTES));
  derived.fill(0);
  return createHmac('sha256', macKey)
    .update(canonicalJson({ ...record, mac: undefined }), 'utf8')
    .digest();
}
