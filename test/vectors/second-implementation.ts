import { webcrypto } from 'node:crypto';

/**
 * Formats kw1 once more, written from docs/format.md alone: WebCrypto in place of node:crypto, and nothing of Keyward's own
 * code, so that a mistake would have to be made twice to go unnoticed. Every refusal is undefined.
 */

const { subtle } = webcrypto;
type Bytes = Uint8Array<ArrayBuffer>;
export type Pairs = Readonly<Record<string, string>>;

const utf8 = (text: string): Bytes => new TextEncoder().encode(text);

function join(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

const uint32 = (value: number): Bytes => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);

// Base64, RFC 4648 section 4, by its alphabet; the last group must have zero bits where no byte is left.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3);
    const group = (a << 16) | (b << 8) | c;
    const characters = [18, 12, 6, 0].map((shift) => ALPHABET.charAt((group >> shift) & 63)).join('');
    const left = bytes.length - at;
    text += left === 1 ? `${characters.slice(0, 2)}==` : left === 2 ? `${characters.slice(0, 3)}=` : characters;
  }
  return text;
}

export function unbase64(text: string): Bytes | undefined {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/.test(text))
    return undefined;
  const digits = text.replace(/=+$/, '');
  const bytes = new Uint8Array(Math.floor((digits.length * 6) / 8));
  let [bits, held, at] = [0, 0, 0];
  for (const digit of digits) {
    bits = ((bits << 6) | ALPHABET.indexOf(digit)) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes[at++] = bits >> held;
  }
  return bytes;
}

// Strings and contexts as additional authenticated data.

const prefixed = (text: string): Bytes => join(uint32(utf8(text).length), utf8(text));

function byBytes(a: Uint8Array, b: Uint8Array): number {
  const differs = a.findIndex((byte, index) => byte !== b[index]);
  return differs < 0 ? a.length - b.length : (a[differs] ?? 0) - (b[differs] ?? -1);
}

export function contextBytes(context: Pairs): Bytes | undefined {
  const pairs = Object.entries(context);
  if (pairs.flat().some((text) => /[\ud800-\udfff]/u.test(text))) return undefined;
  pairs.sort(([a], [b]) => byBytes(utf8(a), utf8(b)));
  return join(uint32(pairs.length), ...pairs.flat().map(prefixed));
}

/** Whether a caller may name it: up to 16 pairs, names of 1 to 128 bytes, values of up to 1,024, none of Keyward's own names. */
export const isCallerContext = (context: Pairs): boolean =>
  contextBytes(context) !== undefined &&
  Object.keys(context).length <= 16 &&
  Object.entries(context).every(
    ([name, value]) =>
      name !== '' && utf8(name).length <= 128 && utf8(value).length <= 1024 && name.slice(0, 8) !== 'keyward:',
  );

// Key derivation, SP 800-108r1 section 4.1, and messages.

type Label = 'kw1' | 'kw1-wrap' | 'kw1-mac' | 'kw1-proof' | 'kw1-salt';

async function hmac(hash: 'SHA-256' | 'SHA-512', key: Uint8Array, data: Uint8Array): Promise<Bytes> {
  const handle = await subtle.importKey('raw', key, { name: 'HMAC', hash }, false, ['sign']);
  return new Uint8Array(await subtle.sign('HMAC', handle, data));
}

export const hmacSha256 = (key: Uint8Array, data: Uint8Array): Promise<Bytes> => hmac('SHA-256', key, data);

export const derive = (key: Uint8Array, label: Label, salt: Uint8Array): Promise<Bytes> =>
  hmac('SHA-512', key, join(uint32(1), utf8(label), Uint8Array.of(0), salt, uint32(512)));

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, at) => byte === b[at]);

const gcm = (iv: Uint8Array, additionalData: Uint8Array): webcrypto.AesGcmParams => ({
  name: 'AES-GCM',
  iv,
  additionalData,
  tagLength: 128,
});

async function seal(
  key: Uint8Array,
  label: Label,
  aad: Uint8Array,
  salt: Uint8Array,
  plaintext: Uint8Array,
): Promise<Bytes> {
  const derived = await derive(key, label, salt);
  const iv = derived.subarray(32, 48);
  const handle = await subtle.importKey('raw', derived.subarray(0, 32), 'AES-GCM', false, ['encrypt']);
  const sealed = new Uint8Array(await subtle.encrypt(gcm(iv, aad), handle, plaintext));
  return join(salt, iv, sealed.subarray(-16), sealed.subarray(0, -16));
}

async function open(key: Uint8Array, label: Label, aad: Uint8Array, message: Uint8Array): Promise<Bytes | undefined> {
  if (message.length < 65) return undefined;
  const derived = await derive(key, label, message.subarray(0, 32));
  const iv = message.subarray(32, 48);
  if (!same(iv, derived.subarray(32, 48))) return undefined;
  const handle = await subtle.importKey('raw', derived.subarray(0, 32), 'AES-GCM', false, ['decrypt']);
  try {
    const sealed = join(message.subarray(64), message.subarray(48, 64));
    return new Uint8Array(await subtle.decrypt(gcm(iv, aad), handle, sealed));
  } catch {
    return undefined;
  }
}

/** What a writer makes of 32 random bytes. */
async function saltOf(key: Uint8Array, random: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Promise<Bytes> {
  const saltKey = (await derive(key, 'kw1-salt', new Uint8Array(32))).subarray(0, 32);
  return (await hmac('SHA-512', saltKey, join(random, uint32(aad.length), aad, plaintext))).subarray(0, 32);
}

// Tokens and wrapped DEKs.

export interface NamedKey {
  readonly provider: string;
  readonly version: number;
  readonly key: Uint8Array;
}

const tokenAad = (provider: string, version: number, context: Uint8Array): Bytes =>
  join(prefixed('kw1'), prefixed(provider), prefixed(String(version)), context);

const wrapAad = (provider: string, version: number, kekId: string): Bytes =>
  join(...['kw1-wrap', provider, String(version), kekId].map(prefixed));

export async function sealToken(dek: NamedKey, context: Pairs, salt: Uint8Array, plaintext: string): Promise<string> {
  const aad = tokenAad(dek.provider, dek.version, contextBytes(context) ?? new Uint8Array());
  const message = await seal(dek.key, 'kw1', aad, salt, utf8(plaintext));
  return `kw1.${dek.provider}.${dek.version}.${base64(message)}`;
}

export function saltOfToken(dek: NamedKey, context: Pairs, random: Uint8Array, plaintext: string): Promise<Bytes> {
  const aad = tokenAad(dek.provider, dek.version, contextBytes(context) ?? new Uint8Array());
  return saltOf(dek.key, random, aad, utf8(plaintext));
}

export async function openToken(dek: NamedKey, context: Pairs, token: string): Promise<string | undefined> {
  const parts = /^kw1\.([a-z0-9][a-z0-9-]{0,49})\.([1-9][0-9]{0,9})\.([A-Za-z0-9+/=]+)$/.exec(token);
  const message = unbase64(parts?.[3] ?? '');
  const pairs = contextBytes(context);
  if (!parts || message === undefined || pairs === undefined || message.length > 64 + 32_768) return undefined;
  if (parts[1] !== dek.provider || Number(parts[2]) !== dek.version || dek.version > 2_147_483_647) return undefined;
  const plaintext = await open(dek.key, 'kw1', tokenAad(dek.provider, dek.version, pairs), message);
  try {
    return plaintext && new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plaintext);
  } catch {
    return undefined;
  }
}

export const wrapDek = async (kekId: string, kek: Uint8Array, dek: NamedKey, salt: Uint8Array): Promise<string> =>
  base64(await seal(kek, 'kw1-wrap', wrapAad(dek.provider, dek.version, kekId), salt, dek.key));

export const saltOfWrapped = (kekId: string, kek: Uint8Array, dek: NamedKey, random: Uint8Array): Promise<Bytes> =>
  saltOf(kek, random, wrapAad(dek.provider, dek.version, kekId), dek.key);

export async function unwrapDek(
  kekId: string,
  kek: Uint8Array,
  provider: string,
  version: number,
  encryptedDek: string,
): Promise<Bytes | undefined> {
  const message = unbase64(encryptedDek);
  if (message?.length !== 96) return undefined;
  return open(kek, 'kw1-wrap', wrapAad(provider, version, kekId), message);
}

// Proofs of regions.

export interface Challenge {
  readonly provider: string;
  readonly version: number;
  readonly revision: number;
  readonly kek_id: string;
  readonly nonce: string;
}

export async function proof(dek: Uint8Array, challenge: Challenge, region: string): Promise<string> {
  const { provider, version, revision, kek_id: kekId, nonce } = challenge;
  const salt = Uint8Array.from(nonce.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const key = (await derive(dek, 'kw1-proof', salt)).subarray(0, 32);
  return base64(
    await hmac('SHA-256', key, join(...[region, provider, `${version}`, `${revision}`, kekId].map(prefixed))),
  );
}

// Keyset records and stored credentials.

/** RFC 8785 for the values that JSON.parse gives. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const record = value as Record<string, unknown>;
  const names = Object.keys(record).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(record[name])}`).join(',')}}`;
}

export async function keysetMac(kek: Uint8Array, record: Readonly<Record<string, unknown>>): Promise<string> {
  const { mac: _mac, ...covered } = record;
  const derived = await derive(kek, 'kw1-mac', new Uint8Array(32));
  return base64(await hmac('SHA-256', derived.subarray(0, 32), utf8(canonical(covered))));
}

export const credentialPairs = async (
  provider: string,
  name: string,
  metadata: unknown,
  previous?: { readonly revision: number; readonly replacedAt: string },
): Promise<Pairs> => ({
  'keyward:provider': provider,
  'keyward:credential': name,
  'keyward:metadata': base64(new Uint8Array(await subtle.digest('SHA-256', utf8(canonical(metadata))))),
  ...(previous !== undefined && { 'keyward:previous': `${String(previous.revision)} ${previous.replacedAt}` }),
});
