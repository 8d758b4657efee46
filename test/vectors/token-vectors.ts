import { toDek } from '../../lambdas/core/crypto/dek';
import { encodeContext } from '../../lambdas/core/crypto/encryption-context';
import type { FailureReason } from '../../lambdas/core/errors/failure-reason';
import { CountingRandomness } from './counting-randomness';
import { sealTokenWithSalt } from './seal-with-salt';
import type { InvalidTokenVector, TokenVector, Vectors } from './vector-types';
import type { Pairs } from './second-implementation';

/** 32 bytes that count upwards from `start`, for a key or a salt. */
export const countingKey = (start: number): Buffer => new CountingRandomness(start).secretBytes(32);

interface Token {
  readonly comment: string;
  readonly plaintext?: string;
  readonly provider?: string;
  readonly version?: number;
  readonly keyFrom?: number;
  readonly context?: Pairs;
  readonly saltFrom?: number;
}

const API_KEY = `sk-example-not-a-real-key-${'x'.repeat(82)}`;

function valid({
  comment,
  plaintext = API_KEY,
  provider = 'openai',
  version = 1,
  keyFrom = 0,
  context = {},
  saltFrom = 0x80,
}: Token): TokenVector {
  const dek = toDek(provider, version, countingKey(keyFrom));
  const token = sealTokenWithSalt(dek, context, Buffer.from(plaintext, 'utf8'), countingKey(saltFrom));
  return { comment, provider, version, dek_hex: countingKey(keyFrom).toString('hex'), context, plaintext, token };
}

const CONTEXT = { tenant: 'acme', purpose: 'billing' };
const BEYOND_BMP = { '\u{1f600}': 'grinning face', '\uff5e': 'full-width tilde', a: '', '': 'empty name' };

const VALID: readonly TokenVector[] = [
  valid({ comment: '108 bytes without a context' }),
  valid({ comment: 'two pairs', context: CONTEXT }),
  valid({ comment: 'names in the order of their bytes, not of UTF-16', context: BEYOND_BMP }),
  valid({ comment: 'one byte', plaintext: 'x', saltFrom: 1 }),
  valid({ comment: '65 bytes: no padding', plaintext: 'x'.repeat(65), saltFrom: 2 }),
  valid({ comment: '109 bytes: one pad', plaintext: `${API_KEY}y`, saltFrom: 3 }),
  valid({
    comment: 'text beyond ASCII, with U+FFFD, a NUL and a byte order mark',
    plaintext: '\ufeffü€😀\ufffd\0',
    saltFrom: 4,
  }),
  valid({
    comment: 'the longest header',
    provider: `p-${'9'.repeat(48)}`,
    version: 2_147_483_647,
    keyFrom: 0x20,
    saltFrom: 5,
  }),
  valid({ comment: 'version 11', version: 11, keyFrom: 0x40, saltFrom: 6 }),
];

const [PLAIN, WITH_CONTEXT] = VALID as [TokenVector, TokenVector];
const SECOND = valid({ comment: '', plaintext: 'y'.repeat(108), saltFrom: 0x10 });
const ONE_PAD = VALID.find(({ comment }) => comment.includes('one pad')) as TokenVector;
const bodyOf = (token: string): string => token.slice(token.lastIndexOf('.') + 1);
const bytesOf = (token: string): Buffer => Buffer.from(bodyOf(token), 'base64');
const withBytes = (bytes: Buffer): string => `kw1.openai.1.${bytes.toString('base64')}`;

function invalid(
  comment: string,
  reason: FailureReason,
  token: string,
  edit: Partial<TokenVector> = {},
): InvalidTokenVector {
  const { provider, version, dek_hex, context } = { ...PLAIN, ...edit };
  return { comment, provider, version, dek_hex, context, token, reason };
}

function flipped(at: number): string {
  const bytes = bytesOf(PLAIN.token);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return withBytes(bytes);
}

const spliced = (from: number, to: number): string => {
  const bytes = bytesOf(PLAIN.token);
  bytesOf(SECOND.token).copy(bytes, from, from, to);
  return withBytes(bytes);
};

const sealedBytes = (plaintext: Buffer): string =>
  sealTokenWithSalt(toDek('openai', 1, countingKey(0)), {}, plaintext, countingKey(7));

const BODY = bodyOf(PLAIN.token);

const INVALID: readonly InvalidTokenVector[] = [
  invalid('a bit of the salt', 'commitment_mismatch', flipped(0)),
  invalid('a bit of the iv', 'commitment_mismatch', flipped(32)),
  invalid('a bit of the tag', 'authentication_failed', flipped(63)),
  invalid('a bit of the ciphertext', 'authentication_failed', flipped(64)),
  invalid('the last bit', 'authentication_failed', flipped(171)),
  invalid('a byte less', 'authentication_failed', withBytes(bytesOf(PLAIN.token).subarray(0, -1))),
  invalid('a byte more', 'authentication_failed', withBytes(Buffer.concat([bytesOf(PLAIN.token), Buffer.of(0)]))),
  invalid('the salt of another token', 'commitment_mismatch', spliced(0, 32)),
  invalid('the salt and iv of another token', 'authentication_failed', spliced(0, 48)),
  invalid('the tag of another token', 'authentication_failed', spliced(48, 64)),
  invalid('the ciphertext of another token', 'authentication_failed', spliced(64, 172)),
  invalid('another DEK', 'commitment_mismatch', PLAIN.token, { dek_hex: countingKey(1).toString('hex') }),
  invalid('another provider in the header', 'provider_mismatch', `kw1.google.1.${BODY}`),
  invalid('another provider, by a reader who has it', 'authentication_failed', `kw1.google.1.${BODY}`, {
    provider: 'google',
  }),
  invalid('another version in the header', 'unknown_version', `kw1.openai.2.${BODY}`),
  invalid('another version, by a reader who has it', 'authentication_failed', `kw1.openai.2.${BODY}`, { version: 2 }),
  invalid('a context too many', 'authentication_failed', PLAIN.token, { context: CONTEXT }),
  invalid('no context', 'authentication_failed', WITH_CONTEXT.token),
  invalid('half of the context', 'authentication_failed', WITH_CONTEXT.token, { context: { tenant: 'acme' } }),
  invalid('a boundary moved in the context', 'authentication_failed', WITH_CONTEXT.token, {
    context: { tenantacme: '', purpose: 'billing' },
  }),
  invalid('64 bytes: no ciphertext', 'malformed_token', sealedBytes(Buffer.alloc(0))),
  invalid('a plaintext that is not UTF-8', 'malformed_token', sealedBytes(Buffer.of(0x61, 0xff))),
  invalid('no text', 'malformed_token', ''),
  invalid('an empty body', 'malformed_token', 'kw1.openai.1.'),
  invalid('no body', 'malformed_token', 'kw1.openai.1'),
  invalid('another format', 'malformed_token', `kw2.openai.1.${BODY}`),
  invalid('a format in capitals', 'malformed_token', `KW1.openai.1.${BODY}`),
  invalid('a provider in capitals', 'malformed_token', `kw1.OpenAI.1.${BODY}`),
  invalid('a leading zero', 'malformed_token', `kw1.openai.01.${BODY}`),
  invalid('version 0', 'malformed_token', `kw1.openai.0.${BODY}`),
  invalid('a version above 2147483647', 'malformed_token', `kw1.openai.2147483648.${BODY}`),
  invalid('a fifth part', 'non_canonical_base64', `${PLAIN.token}.x`),
  invalid('padding left out', 'non_canonical_base64', PLAIN.token.replace(/=+$/, '')),
  invalid('trailing bits', 'non_canonical_base64', withTrailingBit(ONE_PAD.token)),
  invalid('the URL alphabet', 'non_canonical_base64', PLAIN.token.replaceAll('+', '-').replaceAll('/', '_')),
  invalid('a line break', 'non_canonical_base64', `${PLAIN.token}\n`),
  invalid('a legacy value', 'legacy_format', BODY),
];

/** The last character before the padding with its lowest bit set, which decodes to the same bytes. */
function withTrailingBit(token: string): string {
  const at = token.indexOf('=') - 1;
  return token.slice(0, at) + String.fromCharCode(token.charCodeAt(at) + 1) + token.slice(at + 1);
}

export const tokenVectors: Vectors['tokens'] = { valid: VALID, invalid: INVALID };

const context = (comment: string, pairs: Pairs): Vectors['contexts'][number] => ({
  comment,
  context: pairs,
  encoding_hex: encodeContext(pairs).toString('hex'),
});

export const contextVectors: Vectors['contexts'] = [
  context('empty', {}),
  context('two pairs', CONTEXT),
  context('names in the order of their bytes', BEYOND_BMP),
  context('a separator in the name', { 'a=b|c': 'd' }),
  context('a separator in the value', { 'a=b': 'c|d' }),
  context('names of digits', { '10': 'ten', '9': 'nine' }),
];
