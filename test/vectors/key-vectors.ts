import { credentialContext } from '../../lambdas/core/credentials/credential';
import { canonicalJson } from '../../lambdas/core/crypto/canonical-json';
import { newKeyset, signKeyset } from '../../lambdas/core/keysets/dek-keyset';
import type { KeysetRecord } from '../../lambdas/core/keysets/keyset-record';
import type { FailureReason } from '../../lambdas/core/errors/failure-reason';
import {
  newKekSecretRecord,
  parseKekSecret,
  serializeKekSecret,
  type Kek,
  type KekSecretRecord,
} from '../../lambdas/core/crypto/kek-keyset';
import { unwrapDek } from '../../lambdas/core/crypto/wrapped-dek';
import { CountingRandomness } from './counting-randomness';
import { wrapDekWithSalt } from './seal-with-salt';
import { countingKey } from './token-vectors';
import type { Vectors, WrappedDekVector } from './vector-types';

const CREATED_AT = '2026-11-21T09:00:00.000Z';
const NOW = Date.parse(CREATED_AT);

const SECRET: KekSecretRecord = newKekSecretRecord(new CountingRandomness(0x40), NOW);
const OLD = newKekSecretRecord(new CountingRandomness(0x90), NOW);
const OLD_ENTRY = OLD.keys[OLD.primary] as KekSecretRecord['keys'][string];
const TWO_KEKS: KekSecretRecord = {
  ...SECRET,
  parent_version_id: '00000000-0000-4000-8000-000000000001',
  keys: { ...SECRET.keys, [OLD.primary]: { ...OLD_ENTRY, state: 'unwrap_only', unreferenced_since: CREATED_AT } },
};
const KEK: Kek = parseKekSecret(serializeKekSecret(SECRET)).primary;
const hexOf = (kek: Kek): string => kek.key.export().toString('hex');

/** The DEK counts upwards from `from`, and the salt goes on counting. */
const wrapCounting = (provider: string, version: number, from: number): string =>
  wrapDekWithSalt(KEK, provider, version, countingKey(from), countingKey(from + 32));

function wrapped(comment: string, provider: string, version: number, from: number): WrappedDekVector {
  const encryptedDek = wrapCounting(provider, version, from);
  const dek = unwrapDek(KEK, provider, version, encryptedDek);
  return {
    comment,
    kek_id: KEK.id,
    kek_hex: hexOf(KEK),
    provider,
    version,
    dek_hex: dek.key.export().toString('hex'),
    encrypted_dek: encryptedDek,
  };
}

const WRAPPED = wrapped('the first version of openai', 'openai', 1, 0);

const badWrapped = (comment: string, edit: Partial<WrappedDekVector>): Vectors['wrapped_deks']['invalid'][number] => {
  const { dek_hex: _dek, ...rest } = { ...WRAPPED, ...edit, comment };
  return { ...rest, reason: 'unwrap_failed' };
};

function flippedDek(at: number): string {
  const bytes = Buffer.from(WRAPPED.encrypted_dek, 'base64');
  bytes[at] = (bytes[at] ?? 0) ^ 0x80;
  return bytes.toString('base64');
}

export const wrappedDekVectors: Vectors['wrapped_deks'] = {
  valid: [WRAPPED, wrapped('another provider, a high version', 'google', 2_147_483_647, 0x30)],
  invalid: [
    badWrapped('another provider', { provider: 'google' }),
    badWrapped('another version', { version: 2 }),
    badWrapped('another KEK id', { kek_id: OLD.primary }),
    badWrapped('another KEK', { kek_hex: '00'.repeat(32) }),
    badWrapped('a bit of the salt', { encrypted_dek: flippedDek(0) }),
    badWrapped('a bit of the iv', { encrypted_dek: flippedDek(40) }),
    badWrapped('a bit of the tag', { encrypted_dek: flippedDek(50) }),
    badWrapped('a bit of the key', { encrypted_dek: flippedDek(95) }),
    badWrapped('cut off', { encrypted_dek: WRAPPED.encrypted_dek.slice(0, -4) }),
    badWrapped('a line break', { encrypted_dek: `${WRAPPED.encrypted_dek}\n` }),
  ],
};

/** A new keyset from bytes that count upwards: 16 for the `write_id`, then the DEK and its salt. */
function firstKeyset(provider: string): KeysetRecord {
  const { mac: _mac, ...unsigned } = newKeyset(provider, KEK, NOW, new CountingRandomness(), 7);
  const version = { state: 'primary', created_at: CREATED_AT, encrypted_dek: wrapCounting(provider, 1, 16) } as const;
  return signKeyset({ ...unsigned, versions: { '1': version } }, KEK);
}

const FIRST = firstKeyset('openai');
const { mac: _mac, ...UNSIGNED } = FIRST;
const ROTATED = signKeyset(
  {
    ...UNSIGNED,
    revision: 12,
    primary_version: 3,
    dek_rotation_count: 2,
    versions: {
      1: { state: 'destroyed', created_at: CREATED_AT },
      2: {
        state: 'rewrap_only',
        created_at: CREATED_AT,
        encrypted_dek: wrapCounting('openai', 2, 2),
      },
      3: {
        state: 'primary',
        created_at: CREATED_AT,
        encrypted_dek: wrapCounting('openai', 3, 3),
      },
      10: {
        state: 'pending',
        created_at: CREATED_AT,
        encrypted_dek: wrapCounting('openai', 10, 4),
      },
    },
    later_member: { ünïcödé: ['€', '\u{1f600}', 1e21, 0.1, true, null], '\u{1f600}': 1, '\uff5e': 2 },
  },
  KEK,
);

const keyset = (comment: string, record: KeysetRecord): Vectors['keysets']['valid'][number] => ({
  comment,
  provider: 'openai',
  kek_id: KEK.id,
  kek_hex: hexOf(KEK),
  record,
});

const badKeyset = (
  comment: string,
  record: Readonly<Record<string, unknown>>,
  reason: FailureReason = 'keyset_damaged',
): Vectors['keysets']['invalid'][number] => ({ ...keyset(comment, FIRST), record, reason });

export const keysetVectors: Vectors['keysets'] = {
  valid: [
    keyset('new', FIRST),
    keyset('after rotations, with a member of a later release: names sort by UTF-16 here', ROTATED),
  ],
  invalid: [
    badKeyset('an edited revision', { ...FIRST, revision: 2 }),
    badKeyset('an edited policy', { ...FIRST, rotation_policy: { ...FIRST.rotation_policy, enabled: false } }),
    badKeyset('a member more', { ...FIRST, note: '' }),
    badKeyset('the versions of another revision', { ...FIRST, versions: ROTATED.versions, primary_version: 3 }),
    badKeyset('the MAC of another revision', { ...FIRST, mac: ROTATED.mac }),
    badKeyset('no MAC', UNSIGNED),
    badKeyset('a MAC cut to 16 bytes', {
      ...FIRST,
      mac: Buffer.from(FIRST.mac, 'base64').subarray(0, 16).toString('base64'),
    }),
    badKeyset('another provider’s record', firstKeyset('google')),
    badKeyset('a KEK id that is not in the secret', { ...FIRST, kek_id: 'kek-unknown' }, 'unknown_kek'),
  ],
};

const secretVector = (comment: string, record: KekSecretRecord): Vectors['kek_secrets']['valid'][number] => {
  const text = serializeKekSecret(record);
  const { primary, keks } = parseKekSecret(text);
  return {
    comment,
    text,
    primary: primary.id,
    keks_hex: Object.fromEntries([...keks].map(([id, kek]) => [id, hexOf(kek)])),
  };
};

const badSecret = (comment: string, text: string, reason: FailureReason = 'kek_damaged') => ({ comment, text, reason });
const editedSecret = (edit: object): string => JSON.stringify({ ...TWO_KEKS, ...edit });
const editedKey = (edit: object): string =>
  editedSecret({ keys: { ...TWO_KEKS.keys, [OLD.primary]: { ...OLD_ENTRY, state: 'unwrap_only', ...edit } } });

export const kekSecretVectors: Vectors['kek_secrets'] = {
  valid: [secretVector('the first', SECRET), secretVector('two keys', TWO_KEKS)],
  invalid: [
    badSecret('the placeholder of a new deployment', '{"schema":1}', 'kek_missing'),
    badSecret('nothing', ''),
    badSecret('not JSON', 'not JSON'),
    badSecret('another schema', editedSecret({ schema: 2 })),
    badSecret('a primary that is not there', editedSecret({ primary: 'kek-unknown' })),
    badSecret('two primaries', editedKey({ state: 'primary' })),
    badSecret('one material twice', editedKey({ material: SECRET.keys[SECRET.primary]?.material })),
    badSecret('31 bytes', editedKey({ material: Buffer.alloc(31).toString('base64') })),
    badSecret('trailing bits', editedKey({ material: `${'A'.repeat(42)}B=` })),
    badSecret('the URL alphabet', editedKey({ material: `${'_'.repeat(42)}8=` })),
  ],
};

const credential = (name: string, metadata: Readonly<Record<string, unknown>>): Vectors['credentials'][number] => ({
  provider: 'openai',
  name,
  metadata: metadata as Readonly<Record<string, never>>,
  canonical_metadata: canonicalJson(metadata),
  context: credentialContext('openai', name, metadata as Readonly<Record<string, never>>),
});

export const credentialVectors: Vectors['credentials'] = [
  credential('default', {}),
  credential('billing.eu-1', {
    url: 'https://api.example/v1',
    limits: { rpm: 60, tpm: 1e5 },
    tags: ['ü', '\u{1f600}'],
    active: true,
  }),
];
