import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import {
  AlgorithmSuiteIdentifier,
  buildClient,
  CommitmentPolicy,
  getLocalCryptographicMaterialsCache,
  NodeCachingMaterialsManager,
  RawAesKeyringNode,
  RawAesWrappingSuiteIdentifier,
} from '@aws-crypto/client-node';
import { MAX_PLAINTEXT_BYTES } from '../lambdas/core/contract/limits';
import { createSystemRandomness } from '../lambdas/adapters/system/system-randomness';
import { KEY_BYTES, sealGcm } from '../lambdas/core/crypto/aes-gcm';
import { toDek, type Dek } from '../lambdas/core/crypto/dek';
import { openLegacy } from '../lambdas/core/crypto/legacy';
import { deriveMessageKey, IV_BYTES, SALT_BYTES } from '../lambdas/core/crypto/message-key';
import type { Randomness } from '../lambdas/core/crypto/randomness';
import { openToken, parseToken, sealToken } from '../lambdas/core/crypto/token';
import type { Row } from './row';
import { median, percentile } from './statistics';

/** Has the length of the longest API keys of providers. */
const PLAINTEXT = 'sk-example-not-a-real-key-'.padEnd(108, 'x');
const ROUNDS = 15;

/** Runs the operation `times` times; the cost of one is measured. */
type Operation = (times: number) => void | Promise<void>;

interface Contender {
  readonly run: Operation;
  /** Operations in a round: enough to measure, few enough that rounds of all contenders are close together. */
  readonly times: number;
}

/**
 * Measures seal and open of a 108-byte API key as a token, text to text, against other libraries. All contenders run in turns, a
 * round each, so that a slow moment of the machine affects all; ratios are within a round.
 */
export async function benchCrypto(): Promise<Row[]> {
  const contenders = { ...ours(), ...bare(), ...(await clientNode()), ...scryptDesign() };
  const costs = await measure(contenders);
  const cost = (name: keyof typeof contenders, what: string): Row => ({ what, ...spread(costs[name], ' µs') });
  const ratio = (
    what: string,
    over: keyof typeof contenders,
    under: keyof typeof contenders,
    target?: { readonly text: string; readonly holds: (ratio: number) => boolean },
  ): Row => {
    const ratios = costs[over].map((value, round) => value / (costs[under][round] ?? NaN));
    const reached = target === undefined ? {} : { target: target.text, reached: target.holds(median(ratios)) };
    return { what, ...spread(ratios, ' ×'), ...reached };
  };
  return [
    cost('open', 'open a token: text to text'),
    cost('bareOpen', 'bare AES-256-GCM decrypt: bytes to bytes, one key, 12-byte iv, update + final joined'),
    cost('bareOpenText', 'bare decrypt of the same text to text: base64, AAD, 16-byte iv, one key'),
    cost('clientOpen', '@aws-crypto/client-node decrypt, caching CMM'),
    cost('scryptOpen', 'scrypt design decrypt'),
    ratio('open / bare decrypt, bytes to bytes', 'open', 'bareOpen'),
    ratio('open / bare decrypt of the same text to text', 'open', 'bareOpenText', atMost(2.2)),
    ratio('client-node decrypt / open', 'clientOpen', 'open', atLeast(30)),
    ratio('scrypt design decrypt / open', 'scryptOpen', 'open', atLeast(3000)),
    cost('seal', 'seal a token: text to text'),
    cost('bareSeal', 'bare AES-256-GCM encrypt: bytes to bytes, one key, 12-byte iv, update + final joined'),
    cost('bareSealText', 'bare encrypt of the same text to text: random 16-byte iv, AAD, base64, one key'),
    cost('clientSeal', '@aws-crypto/client-node encrypt, caching CMM'),
    cost('unhedgedSeal', 'seal a token with a salt that is drawn at random: the same without the hedge'),
    ratio('seal / seal without the hedge', 'seal', 'unhedgedSeal', atMost(1.35)),
    ratio('seal / bare encrypt, bytes to bytes', 'seal', 'bareSeal'),
    ratio('seal / bare encrypt of the same text to text', 'seal', 'bareSealText'),
    ratio('client-node encrypt / seal', 'clientSeal', 'seal', atLeast(18)),
  ];
}

const atMost = (limit: number): { text: string; holds: (ratio: number) => boolean } => ({
  text: `≤ ${limit}`,
  holds: (ratio) => ratio <= limit,
});

const atLeast = (limit: number): { text: string; holds: (ratio: number) => boolean } => ({
  text: `≥ ${limit}`,
  holds: (ratio) => ratio >= limit,
});

/** Returns the cost of one operation in microseconds, by contender and round. The first round warms up and does not count. */
async function measure<K extends string>(contenders: Record<K, Contender>): Promise<Record<K, number[]>> {
  const names = Object.keys(contenders) as K[];
  const costs = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<K, number[]>;
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const name of names) {
      const { run, times } = contenders[name];
      const start = process.hrtime.bigint();
      await run(times);
      const micros = Number(process.hrtime.bigint() - start) / 1000 / times;
      if (round > 0) costs[name].push(micros);
    }
  }
  return costs;
}

function spread(values: readonly number[], unit: string): Pick<Row, 'measured' | 'spread'> {
  const format = (value: number): string => value.toFixed(value < 100 ? 2 : 0);
  return {
    measured: format(median(values)) + unit,
    spread: `${format(percentile(values, 0.1))}–${format(percentile(values, 0.9))}`,
  };
}

const repeat =
  (one: () => unknown): Operation =>
  (times) => {
    for (let i = 0; i < times; i += 1) one();
  };

const repeatAsync =
  (one: () => Promise<unknown>): Operation =>
  async (times) => {
    for (let i = 0; i < times; i += 1) await one();
  };

function expect(holds: boolean): void {
  if (!holds) throw new Error('a contender does not do what it is measured for');
}

function ours(): Record<'open' | 'seal' | 'unhedgedSeal', Contender> {
  const randomness = createSystemRandomness();
  const dek = toDek('openai', 1, randomBytes(32));
  const token = sealToken(dek, {}, PLAINTEXT, randomness);
  const open = (): string => openToken(dek, {}, parseToken(token));
  expect(open() === PLAINTEXT);
  const unhedged = (): string => sealUnhedged(dek, PLAINTEXT, randomness);
  expect(openToken(dek, {}, parseToken(unhedged())) === PLAINTEXT);
  return {
    open: { run: repeat(open), times: 20_000 },
    seal: { run: repeat(() => sealToken(dek, {}, PLAINTEXT, randomness)), times: 20_000 },
    unhedgedSeal: { run: repeat(unhedged), times: 20_000 },
  };
}

/** Seals as Keyward did when salts were random and not hedged, step for step: the baseline for the hedge's cost. */
function sealUnhedged(dek: Dek, plaintext: string, randomness: Randomness): string {
  if (!plaintext.isWellFormed() || Buffer.byteLength(plaintext, 'utf8') > MAX_PLAINTEXT_BYTES) throw new RangeError();
  const bytes = Buffer.from(plaintext, 'utf8');
  const salt = randomness.publicBytes(SALT_BYTES);
  const derived = deriveMessageKey(dek.key, 'kw1', salt);
  const key = new Uint8Array(derived.buffer, derived.byteOffset, KEY_BYTES);
  const iv = new Uint8Array(derived.buffer, derived.byteOffset + KEY_BYTES, IV_BYTES);
  const { ciphertext, tag } = sealGcm(key, iv, dek.tokenAadWithoutContext, bytes);
  const message = Buffer.concat([salt, iv, tag, ciphertext]);
  derived.fill(0);
  bytes.fill(0);
  return `kw1.${dek.provider}.${dek.version}.${message.toString('base64')}`;
}

/** Uses only node:crypto, as in its documentation. No derivation, no commitment, no header. */
function bare(): Record<'bareOpen' | 'bareOpenText' | 'bareSeal' | 'bareSealText', Contender> {
  const key = randomBytes(32);
  const iv12 = randomBytes(12);
  const plain = Buffer.from(PLAINTEXT);
  const sealBytes = (): { ciphertext: Buffer; tag: Buffer } => {
    const cipher = createCipheriv('aes-256-gcm', key, iv12);
    return { ciphertext: Buffer.concat([cipher.update(plain), cipher.final()]), tag: cipher.getAuthTag() };
  };
  const { ciphertext, tag } = sealBytes();
  const openBytes = (): Buffer => {
    const decipher = createDecipheriv('aes-256-gcm', key, iv12);
    decipher.setAuthTag(tag);
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  };
  expect(openBytes().equals(plain));

  const aad = Buffer.from('openai/1');
  const sealText = (): string => {
    const iv = randomBytes(16);
    const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: 16 });
    cipher.setAAD(aad);
    const sealed = Buffer.concat([cipher.update(PLAINTEXT, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
  };
  const text = sealText();
  const openText = (): string => {
    const message = Buffer.from(text, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', key, message.subarray(0, 16), { authTagLength: 16 });
    decipher.setAAD(aad);
    decipher.setAuthTag(message.subarray(16, 32));
    return Buffer.concat([decipher.update(message.subarray(32)), decipher.final()]).toString('utf8');
  };
  expect(openText() === PLAINTEXT);
  return {
    bareOpen: { run: repeat(openBytes), times: 20_000 },
    bareOpenText: { run: repeat(openText), times: 20_000 },
    bareSeal: { run: repeat(sealBytes), times: 20_000 },
    bareSealText: { run: repeat(sealText), times: 20_000 },
  };
}

/** The AWS Encryption SDK with cached data keys and its committing suite without signature: bytes to bytes. */
async function clientNode(): Promise<Record<'clientOpen' | 'clientSeal', Contender>> {
  const { encrypt, decrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
  const unencryptedMasterKey = new Uint8Array(randomBytes(32));
  const keyring = new RawAesKeyringNode({
    keyName: 'bench',
    keyNamespace: 'bench',
    unencryptedMasterKey,
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
  });
  const materials = new NodeCachingMaterialsManager({
    backingMaterials: keyring,
    cache: getLocalCryptographicMaterialsCache(100),
    maxAge: 3_600_000,
  });
  const plain = Buffer.from(PLAINTEXT);
  const seal = (): ReturnType<typeof encrypt> =>
    encrypt(materials, plain, { suiteId: AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY });
  const { result } = await seal();
  expect((await decrypt(materials, result)).plaintext.equals(plain));
  return {
    clientOpen: { run: repeatAsync(() => decrypt(materials, result)), times: 400 },
    clientSeal: { run: repeatAsync(seal), times: 400 },
  };
}

/** The design that Keyward replaces: one scrypt per message. */
function scryptDesign(): Record<'scryptOpen', Contender> {
  const secret = 'not-a-real-encryption-key';
  const salt = randomBytes(32);
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-gcm', scryptSync(secret, salt, 32), iv);
  const sealed = Buffer.concat([cipher.update(PLAINTEXT, 'utf8'), cipher.final()]);
  const text = Buffer.concat([salt, iv, cipher.getAuthTag(), sealed]).toString('base64');
  const open = (): string => openLegacy(secret, text);
  expect(open() === PLAINTEXT);
  return { scryptOpen: { run: repeat(open), times: 2 } };
}
