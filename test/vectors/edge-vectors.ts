import { createHmac, createSecretKey } from 'node:crypto';
import { MAX_PLAINTEXT_BYTES } from '../../lambdas/core/contract/limits';
import { credentialContext } from '../../lambdas/core/credentials/credential';
import { canonicalJson } from '../../lambdas/core/crypto/canonical-json';
import { toDek } from '../../lambdas/core/crypto/dek';
import { deriveMessageKey } from '../../lambdas/core/crypto/message-key';
import { parseStrictJson } from '../../lambdas/core/crypto/strict-json';
import { proveDek, type ProofChallenge } from '../../lambdas/core/dek-rotation/dek-proof';
import { jsonVectors } from './json-vectors';
import { keysetVectors } from './key-vectors';
import { sealTokenWithSalt } from './seal-with-salt';
import { canonical } from './second-implementation';
import { countingKey } from './token-vectors';
import type { EdgeVectors, InvalidTokenVector } from './vector-types';

/** What docs/vectors/kw1-edges.json has: the limits of each format, and what two readers could take in two ways. */

const DEK = { provider: 'openai', version: 1, dek_hex: countingKey(0).toString('hex'), context: {} };
const sealed = (plaintext: Buffer, saltFrom: number): string =>
  sealTokenWithSalt(toDek('openai', 1, countingKey(0)), {}, plaintext, countingKey(saltFrom));

const longest = (comment: string, plaintext: string, saltFrom: number): EdgeVectors['tokens']['valid'][number] => {
  const times = MAX_PLAINTEXT_BYTES / Buffer.byteLength(plaintext);
  const token = sealed(Buffer.from(plaintext.repeat(times)), saltFrom);
  return { comment, ...DEK, plaintext, plaintext_times: times, token };
};

const refused = (comment: string, plaintext: Buffer): InvalidTokenVector => ({
  comment,
  ...DEK,
  token: sealed(plaintext, 3),
  reason: 'malformed_token',
});

const TOKENS: EdgeVectors['tokens'] = {
  valid: [
    longest('the largest plaintext', 'x', 1),
    longest('the largest plaintext, of four bytes each', '\u{1f600}', 2),
  ],
  invalid: [
    refused('a message that is one byte too long, and authentic', Buffer.alloc(MAX_PLAINTEXT_BYTES + 1, 'x')),
    refused('a lone surrogate as three bytes', Buffer.from('61eda080', 'hex')),
    refused('two surrogates as six bytes, in place of four', Buffer.from('eda0bdedb880', 'hex')),
    refused('a character that is cut off', Buffer.from('61e282', 'hex')),
    refused('a NUL as two bytes', Buffer.from('c080', 'hex')),
    refused('a character beyond U+10FFFF', Buffer.from('f4908080', 'hex')),
  ],
};

const numbered = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`name-${index}`, '']));

const CONTEXTS: EdgeVectors['caller_contexts'] = {
  valid: [
    { comment: '16 pairs with empty values', context: numbered(16) },
    { comment: 'a name of 128 bytes', context: { ['ü'.repeat(64)]: 'x' } },
    { comment: 'a value of 1,024 bytes', context: { x: '€'.repeat(341) + 'x' } },
    { comment: 'a name that Keyward’s begin with', context: { keyward: 'x', Keyward: 'x', 'KEYWARD:x': 'x' } },
  ],
  invalid: [
    { comment: '17 pairs', context: numbered(17) },
    { comment: 'an empty name', context: { '': 'x' } },
    { comment: 'a name of 129 bytes', context: { [`${'ü'.repeat(64)}x`]: 'x' } },
    { comment: 'a value of 1,025 bytes', context: { x: '€'.repeat(341) + 'xx' } },
    { comment: 'a name of Keyward’s own', context: { 'keyward:provider': 'openai' } },
  ],
};

const [{ record: FIRST, kek_id: KEK_ID, kek_hex: KEK_HEX }] = keysetVectors.valid as [
  (typeof keysetVectors.valid)[number],
];
const { mac: _mac, ...UNSIGNED } = FIRST as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
const MAC_KEY = deriveMessageKey(createSecretKey(Buffer.from(KEK_HEX, 'hex')), 'kw1-mac', Buffer.alloc(32)).subarray(
  0,
  32,
);

/** The MAC holds for what `JSON.parse` makes of the text: whoever refuses it does so for what is in it. */
function signed(record: object, last = ''): string {
  const open = JSON.stringify(record).slice(0, -1) + last;
  const mac = createHmac('sha256', MAC_KEY)
    .update(canonical(JSON.parse(`${open}}`)))
    .digest('base64');
  return `${open},"mac":${JSON.stringify(mac)}}`;
}

const keyset = (comment: string, edit: object, last?: string): EdgeVectors['keysets']['valid'][number] => ({
  comment,
  provider: 'openai',
  kek_id: KEK_ID,
  kek_hex: KEK_HEX,
  record_text: signed({ ...UNSIGNED, ...edit }, last),
});
const badKeyset = (comment: string, edit: object, last?: string) => ({
  ...keyset(comment, edit, last),
  reason: 'keyset_damaged' as const,
});
const policy = (edit: object): object => ({ rotation_policy: { ...UNSIGNED['rotation_policy'], ...edit } });

const KEYSETS: EdgeVectors['keysets'] = {
  valid: [
    keyset('the highest revision', { revision: Number.MAX_SAFE_INTEGER }),
    keyset('non-integers in members of a later release', {
      later: [0.1, -1.5, 1e21, 5e-324, { deep: 1.7976931348623157e308 }],
    }),
    keyset('a whole number in another spelling', {}, ',"later":1.50,"other":1E2'),
    keyset('days that are none', policy({ grace_period_days: 0 })),
  ],
  invalid: [
    badKeyset('a revision that is no whole number', { revision: 1.5 }),
    badKeyset('revision 0', { revision: 0 }),
    badKeyset('a revision that is not exact', { revision: 2 ** 53 }),
    badKeyset('a revision that is text', { revision: '1' }),
    badKeyset('a primary that is no whole number', { primary_version: 1.5 }),
    badKeyset('a count that is no whole number', { dek_rotation_count: 0.5 }),
    badKeyset('a count below 0', { dek_rotation_count: -1 }),
    badKeyset('an interval that is no whole number', policy({ interval_days: 30.5 })),
    badKeyset('no interval', policy({ interval_days: 0 })),
    badKeyset('a grace period below 0', policy({ grace_period_days: -1 })),
    badKeyset('a highest version that is no whole number', { highest_version: 1.5 }),
    badKeyset(
      'a version with a leading zero',
      {},
      `,"versions":${JSON.stringify({ ...UNSIGNED['versions'], '02': UNSIGNED['versions']?.['1'] })}`,
    ),
    badKeyset('a member twice', {}, ',"revision":2'),
    badKeyset('a member twice, spelled in two ways', {}, ',"revis\\u0069on":2'),
    badKeyset('__proto__', {}, ',"__proto__":{"later":1}'),
    badKeyset('__proto__, deeper and escaped', {}, ',"later":[{"\\u005f_proto__":1}]'),
    badKeyset(
      'a number that no double has in its shortest digits',
      {},
      ',"later":0.1000000000000000055511151231257827',
    ),
    badKeyset('a lone surrogate', {}, ',"later":"\\udc00"'),
  ],
};

const CHALLENGE: ProofChallenge = {
  provider: 'openai',
  version: 1,
  revision: 7,
  kek_id: 'kek-1',
  nonce: countingKey(0xa0).toString('hex'),
};
const REGION = 'eu-west-1';
const PROOF = proveDek(toDek('openai', 1, countingKey(0)), CHALLENGE, REGION);
const proof = (comment: string, edit: object = {}) => ({
  comment,
  ...CHALLENGE,
  region: REGION,
  dek_hex: DEK.dek_hex,
  proof: PROOF,
  ...edit,
});
const HIGHEST = {
  ...CHALLENGE,
  provider: `p-${'9'.repeat(48)}`,
  version: 2_147_483_647,
  revision: Number.MAX_SAFE_INTEGER,
};

const PROOFS: EdgeVectors['proofs'] = {
  valid: [
    proof('one'),
    proof('the highest numbers', {
      ...HIGHEST,
      proof: proveDek(toDek(HIGHEST.provider, HIGHEST.version, countingKey(0)), HIGHEST, REGION),
    }),
  ],
  invalid: [
    proof('of another region', { region: 'eu-west-2' }),
    proof('of another provider', { provider: 'google' }),
    proof('of another version', { version: 2 }),
    proof('of another revision', { revision: 8 }),
    proof('of another KEK', { kek_id: 'kek-2' }),
    proof('for another nonce', { nonce: countingKey(0xa1).toString('hex') }),
    proof('under another DEK', { dek_hex: countingKey(1).toString('hex') }),
    proof('a boundary moved', { region: 'eu-west-1o', provider: 'penai' }),
    proof('padding left out', { proof: PROOF.slice(0, -1) }),
    proof('trailing bits', { proof: `${PROOF.slice(0, -2)}${String.fromCharCode(PROOF.charCodeAt(42) + 1)}=` }),
    proof('cut to 16 bytes', { proof: Buffer.from(PROOF, 'base64').subarray(0, 16).toString('base64') }),
    proof('none', { proof: '' }),
  ],
};

const credential = (metadataText: string): EdgeVectors['credentials'][number] => {
  const metadata = parseStrictJson(metadataText) as Readonly<Record<string, never>>;
  return {
    provider: 'openai',
    name: 'default',
    metadata_text: metadataText,
    canonical_metadata: canonicalJson(metadata),
    context: credentialContext('openai', 'default', metadata),
  };
};

export const edgeVectors = (): EdgeVectors => ({
  format: 'kw1',
  json: jsonVectors,
  caller_contexts: CONTEXTS,
  tokens: TOKENS,
  keysets: KEYSETS,
  proofs: PROOFS,
  credentials: [
    credential('{"ratio":0.10,"share":-1.5e-7,"large":1e21,"small":1E-7,"whole":100.0,"zero":-0}'),
    credential('{ "\\u0062" : [ 1.50 , null ] , "a" : { "\\ud83d\\ude00" : "\\/" } }'),
  ],
});
