import { createHash, createSecretKey } from 'node:crypto';
import { MAX_PLAINTEXT_BYTES } from '../../lambdas/core/contract/limits';
import { toDek } from '../../lambdas/core/crypto/dek';
import { encodeContext } from '../../lambdas/core/crypto/encryption-context';
import { hedgedSalt } from '../../lambdas/core/crypto/hedged-salt';
import type { Kek } from '../../lambdas/core/crypto/kek-keyset';
import { deriveMessageKey, KEY_LABELS } from '../../lambdas/core/crypto/message-key';
import { proveDek } from '../../lambdas/core/dek-rotation/dek-proof';
import { parseToken, sealToken } from '../../lambdas/core/crypto/token';
import { unwrapDek, wrapNewDek } from '../../lambdas/core/crypto/wrapped-dek';
import { CountingRandomness } from './counting-randomness';
import type { Pairs } from './second-implementation';
import { countingKey } from './token-vectors';
import type { SaltVectors } from './vector-types';

const API_KEY = `sk-example-not-a-real-key-${'x'.repeat(82)}`;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

interface Token {
  readonly comment: string;
  readonly provider?: string;
  readonly version?: number;
  readonly keyFrom?: number;
  readonly context?: Pairs;
  /** The text, or one character that makes it up, so many times. */
  readonly plaintext?: string;
  readonly times?: number;
  readonly randomFrom?: number;
}

function token(wanted: Token): SaltVectors['tokens'][number] {
  const { comment, provider = 'openai', version = 1, keyFrom = 0, context = {}, plaintext = API_KEY } = wanted;
  const { times = 1, randomFrom = 0x80 } = wanted;
  const dek = toDek(provider, version, countingKey(keyFrom));
  const text = sealToken(dek, context, plaintext.repeat(times), new CountingRandomness(randomFrom));
  return {
    comment,
    provider,
    version,
    dek_hex: hex(countingKey(keyFrom)),
    context,
    plaintext,
    plaintext_times: times,
    randomness_hex: hex(countingKey(randomFrom)),
    salt_hex: hex(parseToken(text).message.subarray(0, 32)),
    ...(text.length > 1_000 ? { token_sha256: sha256(text) } : { token: text }),
  };
}

const CONTEXT = { tenant: 'acme', purpose: 'billing' };

const TOKENS: SaltVectors['tokens'] = [
  token({ comment: '108 bytes without a context' }),
  token({ comment: 'the same random bytes, another plaintext: another salt', plaintext: `${API_KEY.slice(0, -1)}y` }),
  token({ comment: 'the same random bytes, a context: another salt', context: CONTEXT }),
  token({ comment: 'the same random bytes, another version: another salt', version: 2 }),
  token({ comment: 'the same random bytes, another DEK: another salt', keyFrom: 1 }),
  token({ comment: 'other random bytes', randomFrom: 0x81 }),
  token({
    comment: 'a context beyond ASCII, sorted by bytes and not by UTF-16',
    context: { '\u{1f600}': 'grinning face', '\uff5e': 'full-width tilde', ünïcödé: '€', a: '' },
    randomFrom: 1,
  }),
  token({ comment: 'one byte', plaintext: 'x', randomFrom: 2 }),
  token({ comment: 'text beyond ASCII, with a byte order mark and a NUL', plaintext: '\ufeffü€😀\0', randomFrom: 3 }),
  token({
    comment: 'the longest header',
    provider: `p-${'9'.repeat(48)}`,
    version: 2_147_483_647,
    keyFrom: 0x20,
    randomFrom: 4,
  }),
  token({ comment: 'the largest plaintext', plaintext: 'x', times: MAX_PLAINTEXT_BYTES, randomFrom: 5 }),
  token({ comment: 'the largest plaintext of four bytes each', plaintext: '😀', times: MAX_PLAINTEXT_BYTES / 4 }),
];

function wrappedDek(comment: string, kek: Kek, provider: string, version: number, dekFrom: number) {
  const encryptedDek = wrapNewDek(kek, provider, version, new CountingRandomness(dekFrom));
  return {
    comment,
    kek_id: kek.id,
    kek_hex: hex(kek.key.export()),
    provider,
    version,
    dek_hex: hex(unwrapDek(kek, provider, version, encryptedDek).key.export()),
    randomness_hex: hex(countingKey(dekFrom + 32)),
    salt_hex: hex(Buffer.from(encryptedDek, 'base64').subarray(0, 32)),
    encrypted_dek: encryptedDek,
  };
}

const kekOf = (id: string, from: number): Kek => ({ id, key: createSecretKey(countingKey(from)) });

const WRAPPED: SaltVectors['wrapped_deks'] = [
  wrappedDek('the first version of openai', kekOf('kek-4041424344454647', 0x50), 'openai', 1, 0),
  wrappedDek('the same, another version: another salt', kekOf('kek-4041424344454647', 0x50), 'openai', 2, 0),
  wrappedDek('the same, another KEK id: another salt', kekOf('kek-1', 0x50), 'openai', 1, 0),
  wrappedDek('another KEK, a high version', kekOf('kek-9', 0x60), 'google', 2_147_483_647, 0x30),
];

const PROOF = { provider: 'openai', version: 2, revision: 7, kek_id: 'kek-1', nonce: hex(countingKey(0xa0)) };

/** Every label, under one key and one salt: whoever mixes up two labels fails at once. */
const DERIVATIONS: SaltVectors['derivations'] = KEY_LABELS.flatMap((label) =>
  [countingKey(0x80), Buffer.alloc(32)].map((salt) => ({
    label,
    key_hex: hex(countingKey(0)),
    salt_hex: hex(salt),
    output_hex: hex(deriveMessageKey(createSecretKey(countingKey(0)), label, salt)),
  })),
);

/** The steps to the salt of a token, as docs/format.md shows them. */
export function saltExample(): Record<string, string> {
  const dek = toDek('openai', 1, countingKey(0));
  const random = countingKey(0xe0);
  const aad = Buffer.concat([dek.tokenHeader, encodeContext(CONTEXT)]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(aad.length);
  const plaintext = 'sk-example';
  const input = Buffer.concat([random, length, aad, Buffer.from(plaintext)]);
  return {
    'hedge.dek': hex(countingKey(0)),
    'hedge.plaintext': plaintext,
    'hedge.random': hex(random),
    'hedge.kdf_input': `00000001${hex(Buffer.from('kw1-salt'))}00${'00'.repeat(32)}00000200`,
    'hedge.key': hex(deriveMessageKey(dek.key, 'kw1-salt', Buffer.alloc(32)).subarray(0, 32)),
    'hedge.input': hex(input),
    'hedge.salt': hex(hedgedSalt(dek.key, random, aad, Buffer.from(plaintext))),
    'hedge.token': sealToken(dek, CONTEXT, plaintext, new CountingRandomness(0xe0)),
  };
}

export const saltVectors = (): SaltVectors => ({
  format: 'kw1',
  example: saltExample(),
  derivations: DERIVATIONS,
  tokens: TOKENS,
  wrapped_deks: WRAPPED,
  proofs: [
    { ...PROOF, region: 'eu-west-1', dek_hex: hex(countingKey(0)), proof: proofOf('eu-west-1') },
    { ...PROOF, region: 'us-east-1', dek_hex: hex(countingKey(0)), proof: proofOf('us-east-1') },
  ],
});

function proofOf(region: string): string {
  return proveDek(toDek(PROOF.provider, PROOF.version, countingKey(0)), PROOF, region);
}
