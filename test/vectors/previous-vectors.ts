import { toCredentialItem } from '../../lambdas/adapters/aws/dynamodb/credential-item';
import {
  credentialContext,
  type CredentialMetadata,
  type CredentialRecord,
  type CredentialTombstone,
  type PreviousPlace,
  type PreviousValue,
} from '../../lambdas/core/credentials/credential';
import { toDek } from '../../lambdas/core/crypto/dek';
import { sealTokenWithSalt } from './seal-with-salt';
import { countingKey } from './token-vectors';
import type { PreviousVectors } from './vector-types';

/** What docs/vectors/kw1-previous.json has: rows that hold a previous value, and rows in which one or both do not open. */

const PROVIDER = 'openai';
const NAME = 'default';
/** Where the bytes of a version's key begin to count. */
const DEKS = { 1: 0, 2: 0x20 } as const;
type Version = keyof typeof DEKS;

const CURRENT = 'sk-example-not-a-real-key-after';
const BEFORE = 'sk-example-not-a-real-key-before';
const PLACE: PreviousPlace = { revision: 7, replaced_at: '2026-11-22T10:30:00.250Z' };

function sealed(
  apiKey: string,
  version: Version,
  metadata: CredentialMetadata,
  place?: PreviousPlace,
  name = NAME,
): string {
  const dek = toDek(PROVIDER, version, countingKey(DEKS[version]));
  // Another one for each value and version.
  const salt = countingKey(apiKey.length + version + (place?.revision ?? 0x60));
  return sealTokenWithSalt(dek, credentialContext(PROVIDER, name, metadata, place), Buffer.from(apiKey, 'utf8'), salt);
}

const METADATA = { base_url: 'https://api.example.com/v2', team: 'search' };
const METADATA_BEFORE = { base_url: 'https://api.example.com/v1' };

const current = (version: Version): CredentialRecord => ({
  provider: PROVIDER,
  name: NAME,
  revision: 8,
  write_id: '00000000000000000000000000000008',
  ciphertext: sealed(CURRENT, version, METADATA),
  key_version: version,
  hint: 'fter',
  metadata: METADATA,
  created_at: '2026-11-20T08:00:00.000Z',
  updated_at: PLACE.replaced_at,
});

const previous = (version: Version, place = PLACE): PreviousValue => ({
  ...place,
  ciphertext: sealed(BEFORE, version, METADATA_BEFORE, place),
  key_version: version,
  hint: 'fore',
  metadata: METADATA_BEFORE,
  created_at: '2026-11-20T08:00:00.000Z',
  updated_at: '2026-11-21T09:00:00.000Z',
});

const TOMBSTONE: CredentialTombstone = {
  provider: PROVIDER,
  name: NAME,
  revision: 8,
  write_id: '00000000000000000000000000000008',
  deleted_at: PLACE.replaced_at,
};

type Row = PreviousVectors['rows'][number];

const row = (
  comment: string,
  stored: CredentialRecord | CredentialTombstone,
  opens: Partial<Pick<Row, 'current' | 'previous'>>,
  edit: (item: Record<string, unknown>) => Record<string, unknown> = (item) => item,
): Row => ({ comment, row: edit(toCredentialItem(stored)), current: null, previous: null, ...opens });

const BOTH = { current: CURRENT, previous: BEFORE };
const replaced = { ...current(1), previous: previous(1) };

/** The row with other members in its previous value. */
const edited =
  (edit: (before: Record<string, unknown>, item: Record<string, unknown>) => Record<string, unknown>) =>
  (item: Record<string, unknown>): Record<string, unknown> => ({
    ...item,
    previous: edit(item['previous'] as Record<string, unknown>, item),
  });
const members =
  (other: Readonly<Record<string, unknown>>) =>
  (before: Record<string, unknown>): Record<string, unknown> => ({ ...before, ...other });

const ciphertextOf = (item: Record<string, unknown>): unknown => item['ciphertext'];
const ofPrevious = (item: Record<string, unknown>): unknown =>
  ciphertextOf(item['previous'] as Record<string, unknown>);

const ROWS: PreviousVectors['rows'] = [
  row('replaced', replaced, BOTH),
  row('deleted', { ...TOMBSTONE, previous: previous(1) }, { previous: BEFORE }),
  row('deleted, and nothing is kept', TOMBSTONE, {}),
  row('never replaced', current(1), { current: CURRENT }),
  row('the current value has moved, the previous one has not', { ...current(2), previous: previous(1) }, BOTH),
  row('the previous value has moved, the current one has not', { ...current(1), previous: previous(2) }, BOTH),
  row('deleted, and the previous value has moved', { ...TOMBSTONE, previous: previous(2) }, { previous: BEFORE }),
  row('further members of a later release', replaced, BOTH, (item) =>
    edited(members({ later: 1 }))({ ...item, later: { also: 'here' } }),
  ),
  row('the two ciphertexts exchanged', replaced, {}, (item) => ({
    ...edited((before) => ({ ...before, ciphertext: ciphertextOf(item) }))(item),
    ciphertext: ofPrevious(item),
  })),
  row('the previous ciphertext in the place of the current one', replaced, { previous: BEFORE }, (item) => ({
    ...item,
    ciphertext: ofPrevious(item),
  })),
  row(
    'the previous ciphertext in the place of the current one, with its metadata',
    replaced,
    { previous: BEFORE },
    (item) => ({
      ...item,
      ciphertext: ofPrevious(item),
      metadata: (item['previous'] as Record<string, unknown>)['metadata'],
    }),
  ),
  row(
    'the current ciphertext in the place of the previous one, with its metadata',
    replaced,
    { current: CURRENT },
    edited((before, item) => ({ ...before, ciphertext: ciphertextOf(item), metadata: item['metadata'] })),
  ),
  row(
    'a previous value that somebody has made a day younger',
    replaced,
    { current: CURRENT },
    edited(members({ replaced_at: '2026-11-23T10:30:00.250Z' })),
  ),
  row(
    'its time spelled otherwise',
    replaced,
    { current: CURRENT },
    edited(members({ replaced_at: '2026-11-22T10:30:00.25Z' })),
  ),
  row('of another revision', replaced, { current: CURRENT }, edited(members({ revision: 6 }))),
  row('a revision that is text', replaced, { current: CURRENT }, edited(members({ revision: '7' }))),
  row(
    'the previous value with the metadata of the current one',
    replaced,
    { current: CURRENT },
    edited((before, item) => ({ ...before, metadata: item['metadata'] })),
  ),
  row(
    'the previous value of another name',
    replaced,
    { current: CURRENT },
    edited(members({ ciphertext: sealed(BEFORE, 1, METADATA_BEFORE, PLACE, 'other') })),
  ),
  row(
    'the previous value under the context of a current one',
    replaced,
    { current: CURRENT },
    edited(members({ ciphertext: sealed(BEFORE, 1, METADATA_BEFORE) })),
  ),
  row(
    'a previous value that is no object',
    replaced,
    { current: CURRENT },
    edited(() => ['previous'] as unknown as Record<string, unknown>),
  ),
  row(
    'a version of the key that is not that of the token, and is there',
    replaced,
    BOTH,
    edited(members({ key_version: 2 })),
  ),
];

export const previousVectors = (): PreviousVectors => ({
  format: 'kw1',
  provider: PROVIDER,
  name: NAME,
  deks_hex: Object.fromEntries(
    Object.entries(DEKS).map(([version, start]) => [version, countingKey(start).toString('hex')]),
  ),
  contexts: [
    { comment: 'current', context: credentialContext(PROVIDER, NAME, METADATA) },
    { comment: 'previous', context: credentialContext(PROVIDER, NAME, METADATA_BEFORE, PLACE) },
  ],
  rows: ROWS,
});
