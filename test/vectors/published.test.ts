import { createDecipheriv, createHmac, createSecretKey, scryptSync } from 'node:crypto';
import { openGcm } from '../../lambdas/core/crypto/aes-gcm';
import { KeywardError } from '../../lambdas/core/errors/errors';
import { deriveLegacyKey } from '../../lambdas/core/crypto/legacy';
import { describeUnless } from '../skip-without';
import { absent, fromHex, readVectors, readWycheproof, report } from './published-vectors';

/** HMAC as the domain calls it: createHmac over a KeyObject. */
const hmac = (hash: 'sha256' | 'sha512', key: Buffer, data: Buffer): Buffer =>
  createHmac(hash, createSecretKey(key)).update(data).digest();

interface HmacCase {
  readonly key: string;
  readonly msg: string;
  readonly tag: string;
  readonly result: 'valid' | 'invalid';
}

function hmacSha256(): void {
  const counts = { whole: 0, cut: 0, mustFail: 0 };
  for (const { tagSize = 0, tests } of readWycheproof<HmacCase>('hmac_sha256_test.json')) {
    for (const { key, msg, tag, result } of tests) {
      const ours = hmac('sha256', fromHex(key), fromHex(msg));
      expect(ours.subarray(0, tagSize / 8).equals(fromHex(tag))).toBe(result === 'valid');
      // A record's MAC has 256 bits: compared whole, a tag of 128 bits never passes.
      expect(ours.equals(fromHex(tag))).toBe(result === 'valid' && tagSize === 256);
      counts[tagSize === 256 ? 'whole' : 'cut'] += 1;
      if (result === 'invalid') counts.mustFail += 1;
    }
  }
  expect(counts.whole + counts.cut).toBe(174);
  report(`HMAC-SHA-256: ${counts.whole} of 256 bits, ${counts.cut} of 128 bits, ${counts.mustFail} that must fail`);
}

interface HkdfCase {
  readonly ikm: string;
  readonly salt: string;
  readonly info: string;
  readonly size: number;
  readonly okm: string;
  readonly result: 'valid' | 'invalid';
}

/** RFC 5869, on the HMAC call above. Keyward does not use HKDF; its vectors exercise the HMAC that it does use. */
function hkdf(hash: 'sha256' | 'sha512', bytes: number, { ikm, salt, info, size }: HkdfCase): Buffer | undefined {
  if (size > 255 * bytes) return undefined;
  const pseudoRandomKey = hmac(hash, fromHex(salt), fromHex(ikm));
  const blocks: Buffer[] = [];
  let last = Buffer.alloc(0);
  for (let counter = 1; blocks.length * bytes < size; counter += 1) {
    last = Buffer.from(hmac(hash, pseudoRandomKey, Buffer.concat([last, fromHex(info), Buffer.of(counter)])));
    blocks.push(last);
  }
  return Buffer.concat(blocks).subarray(0, size);
}

function hkdfFile(hash: 'sha256' | 'sha512', bytes: number, expected: number): void {
  const cases = readWycheproof<HkdfCase>(`hkdf_${hash}_test.json`).flatMap(({ tests }) => tests);
  for (const each of cases) {
    expect(hkdf(hash, bytes, each)?.toString('hex')).toBe(each.result === 'valid' ? each.okm : undefined);
  }
  expect(cases).toHaveLength(expected);
  report(
    `HMAC by way of HKDF-${hash}: ${cases.length} cases, ${cases.filter((c) => c.result !== 'valid').length} must fail`,
  );
}

function scrypt(): void {
  const blocks = readVectors('rfc7914-scrypt.txt')
    .split(/^COUNT = \d+$/m)
    .slice(1);
  const cases = blocks.map((block): Partial<Record<string, string>> => {
    const members = Array.from(block.matchAll(/^(\w+) = ?(.*)$/gm));
    return Object.fromEntries(members.map(([, name, value]) => [name ?? '', value ?? '']));
  });
  // The last one takes 1 GiB: too much to ask of a machine that runs other things.
  const affordable = cases.filter(({ N }) => Number(N) <= 16_384);
  let ours = 0;
  for (const { PASSWORD = '', SALT = '', N, r, p, LENGTH, DERIVED_KEY = '' } of affordable) {
    const cost = { N: Number(N), r: Number(r), p: Number(p) };
    expect(scryptSync(PASSWORD, SALT, Number(LENGTH), cost).toString('hex')).toBe(DERIVED_KEY);
    if (cost.N !== 16_384 || cost.r !== 8 || cost.p !== 1) continue;
    // The output is PBKDF2’s: its first 32 bytes do not depend on how many follow.
    expect(deriveLegacyKey(PASSWORD, Buffer.from(SALT)).toString('hex')).toBe(DERIVED_KEY.slice(0, 64));
    ours += 1;
  }
  expect([cases.length, affordable.length, ours]).toEqual([4, 3, 1]);
  report(
    `scrypt: ${affordable.length} of ${cases.length} cases (one takes 1 GiB), ${ours} of them with the parameters of the old design`,
  );
}

interface GcmCase {
  readonly tagBits: number;
  readonly key: Buffer;
  readonly iv: Buffer;
  readonly aad: Buffer;
  readonly tag: Buffer;
  readonly ciphertext: Buffer;
  /** undefined: must fail */
  readonly plaintext: string | undefined;
}

function gcmCases(): readonly GcmCase[] {
  return readVectors('nist-gcm-decrypt-256.rsp.gz')
    .split(/^\[Keylen = 256\]\r?$/m)
    .slice(1)
    .flatMap((group) => {
      const tagBits = Number(/^\[Taglen = (\d+)\]/m.exec(group)?.[1]);
      return group
        .split(/^Count = \d+\r?$/m)
        .slice(1)
        .map((text) => {
          const member = (name: string): string | undefined =>
            new RegExp(`^${name} = ?([0-9a-f]*)\\r?$`, 'm').exec(text)?.[1];
          const bytes = (name: string): Buffer => fromHex(member(name) ?? '');
          const plaintext = /^FAIL\r?$/m.test(text) ? undefined : member('PT');
          return {
            tagBits,
            key: bytes('Key'),
            iv: bytes('IV'),
            aad: bytes('AAD'),
            tag: bytes('Tag'),
            ciphertext: bytes('CT'),
            plaintext,
          };
        });
    });
}

/** createDecipheriv with the tag length stated, as openGcm has it, for any length that GCM knows. */
function decryptWithStatedTag({ tagBits, key, iv, aad, tag, ciphertext }: GcmCase): string | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagBits / 8 });
  decipher.setAAD(aad);
  decipher.setAuthTag(tag);
  const plaintext = decipher.update(ciphertext);
  try {
    decipher.final();
    return plaintext.toString('hex');
  } catch {
    return undefined;
  }
}

function decryptWithOurs({ key, iv, aad, tag, ciphertext }: GcmCase): string | undefined {
  try {
    return openGcm(key, iv, aad, tag, ciphertext).toString('hex');
  } catch (thrown) {
    if (thrown instanceof KeywardError) return undefined;
    throw thrown;
  }
}

function gcm(): void {
  const cases = gcmCases();
  const mustFail = cases.filter(({ plaintext }) => plaintext === undefined);
  expect([cases.length, mustFail.length]).toEqual([7875, 3919]);
  expect(cases.filter((each) => decryptWithStatedTag(each) !== each.plaintext)).toEqual([]);

  const ours = cases.filter(({ tagBits }) => tagBits === 128);
  expect(ours).toHaveLength(1125);
  expect(ours.filter((each) => decryptWithOurs(each) !== each.plaintext)).toEqual([]);
  const others = cases.filter(({ tagBits }) => tagBits !== 128);
  for (const each of others) expect(() => decryptWithOurs(each)).toThrow(/Invalid authentication tag length/);
  report(
    `AES-256-GCM: ${cases.length} cases, ${mustFail.length} must fail; through openGcm ${ours.length} with tags of 128 bits, ` +
      `${ours.filter(({ plaintext }) => plaintext === undefined).length} of which must fail, and ${others.length} with shorter tags, all refused`,
  );
}

describeUnless(absent, 'published vectors', () => {
  test('wycheproof HMAC-SHA-256: the HMAC of a keyset record’s MAC', hmacSha256);
  test('wycheproof HKDF-SHA-512, on our HMAC call: the PRF of the key derivation', () => {
    hkdfFile('sha512', 64, 83);
  });
  test('wycheproof HKDF-SHA-256, on our HMAC call', () => {
    hkdfFile('sha256', 32, 86);
  });
  test('RFC 7914: the scrypt call of the old design', scrypt);
  test('NIST CAVP gcmDecrypt256: our AES-256-GCM, and its refusal of short tags', gcm);
});
