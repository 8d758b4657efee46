import { createHash } from 'node:crypto';
import { isKeyShaped } from '../../../lambdas/core/contract/key-shaped';

/** Pseudorandom characters, always the same; made here, so that no key is in this file. */
const random = (seed: string, encoding: 'hex' | 'base64url'): string =>
  createHash('sha256').update(seed).digest(encoding).replace(/^[-_]/, 'a');
const letters = random('letters', 'base64url').replaceAll(/[-_]/g, 'x');
const hex = random('hex', 'hex');
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const ulid = `0${Array.from(createHash('sha256').update('ulid').digest().subarray(0, 25), (byte) => CROCKFORD[byte % 32]).join('')}`;
const uuid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;

describe('names', () => {
  it.each([
    'default',
    'sk',
    'sklearn',
    'task-runner-1',
    'my-sk-key',
    'hf_prod',
    'xai-default',
    'gsk_search-team',
    'pa-production-search-team-in-europe',
    'fc-production-search-team-in-europe',
    'ASIA-production',
    'AKIA',
    'eyJ',
    'production-openai-key-for-the-search-team-in-europe',
    'Prod-OpenAI-Key1-Search-Team-Europe-West-2026-Q4',
    'team1-Key2-prod3-EU4-west5-Search6-Backend7',
    '2026-11-27T04.05.06-export-of-openai-keys-for-eu-west-1',
    'a'.repeat(128),
    'abcdefgh'.repeat(16),
    '0123456789'.repeat(4),
    letters.slice(0, 31),
    uuid,
    uuid.toUpperCase(),
    `Prod-${uuid}-B2`,
    `${uuid}.${uuid}`,
    ulid,
    ulid.toLowerCase(),
    `Key1-${ulid}`,
  ])('%s', (name) => {
    expect(isKeyShaped(name)).toBe(false);
  });
});

describe('keys', () => {
  it.each([
    'sk-1',
    'sk-example-not-a-real-key',
    'sk_live_example',
    `sk-ant-api03-${letters}-AA`,
    `AIzaSy${letters.slice(0, 33)}`,
    'kw1.openai.1.AAAA',
    `gsk_${'a1B2'.repeat(13)}`,
    'gsk_example-not-a-real-key',
    `hf_${'x'.repeat(34)}`,
    `xai-${'x'.repeat(80)}`,
    `pplx-${'x'.repeat(48)}`,
    `nvapi-${random('nvidia', 'base64url')}`,
    `r8_${'x'.repeat(37)}`,
    `pa-${'x'.repeat(43)}`,
    `dapi${hex.slice(0, 32)}`,
    `ghp_${'x'.repeat(36)}`,
    `github_pat_${'x'.repeat(82)}`,
    `SG.${'x'.repeat(22)}.${'y'.repeat(43)}`,
    `AKIA${'ABCD2345'.repeat(2)}`,
    `eyJ${'x'.repeat(20)}.${'y'.repeat(20)}.z`,
    // Inside of a name.
    'openai-sk-proj-example-not-a-real-key',
    `prod.hf_${'x'.repeat(34)}`,
    `openai_${hex.slice(0, 32)}`,
    // Without a prefix.
    hex.slice(0, 32),
    hex.slice(0, 40).toUpperCase(),
    letters.slice(0, 32),
    `${'AbC1'.repeat(7)}-xyZ9_${'dEf2'.repeat(2)}gHi34jKlM`,
    random('voyage', 'base64url'),
    // An identifier of another form.
    uuid.replaceAll('-', ''),
  ])('%s', (name) => {
    expect(isKeyShaped(name)).toBe(true);
  });
});

it('finds nearly all random keys of 32 hexadecimal digits and of 43 characters of base64, and no UUID', () => {
  const shares = ['hex', 'base64url'].map((encoding) => {
    const keys = Array.from({ length: 1000 }, (_, index) => random(`${index}`, encoding as 'hex'));
    return keys.filter((key) => isKeyShaped(encoding === 'hex' ? key.slice(0, 32) : key)).length;
  });
  expect(Math.min(...shares)).toBeGreaterThan(950);
});

// A name in a path or a reason is checked before any message about its length.
it.each([
  ['separators', '.'],
  ['parts', 'a.'],
  ['parts of all kinds of characters', 'Ab1-'],
])(
  'takes a time that grows with the length alone: %s, as many as a body has',
  (_, part) => {
    expect(isKeyShaped(part.repeat(300_000 / part.length))).toBe(false);
  },
  60_000,
);
