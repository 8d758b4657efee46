import {
  formatVerifierKey,
  isKeyName,
  parseVerifierKey,
  verifierKey,
} from '../../../lambdas/core/transparency/verifier-key';
import { flipped } from './flipped';
import { testSigner } from '../../doubles/transparency/test-signer';

/** The key of Go's checksum database, as its client has it (cmd/go, modfetch/key.go). */
const SUM_GOLANG_ORG = 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8';

const own = formatVerifierKey(testSigner('example.org/keyward/prod/us-east-1').key);

test.each([SUM_GOLANG_ORG, own, formatVerifierKey(testSigner('example.org/w', 'cosignature').key)])(
  'reads %s and writes it again',
  (text) => {
    const { value } = parseVerifierKey(text);
    expect(value && formatVerifierKey(value)).toBe(text);
  },
);

test('the type decides the id, so that one public key can have both', () => {
  const { publicKey } = testSigner('example.org/w').key;
  const ids = (['ed25519', 'cosignature'] as const).map((type) => verifierKey('w', type, publicKey).value?.id);
  expect(new Set(ids).size).toBe(2);
});

test('no changed bit is accepted', () => {
  for (const bytes of flipped(Buffer.from(own, 'utf8'))) {
    expect(parseVerifierKey(bytes.toString('utf8')).fault).toBeDefined();
  }
});

test.each([
  ['nothing', '', 'vkey_form'],
  ['no name', own.slice(own.indexOf('+')), 'key_name'],
  ['a blank before it', ` ${own}`, 'key_name'],
  ['a newline after it', `${own}\n`, 'vkey_form'],
  ['an id in capitals', own.replace(/\+[0-9a-f]{8}\+/, (id) => id.toUpperCase().replace(/\+0/, '+A')), 'vkey_form'],
  ['a key that is too short', 'a+00000000+AQ==', 'vkey_form'],
  ['an unknown type', `a+00000000+${Buffer.alloc(33, 2).toString('base64')}`, 'vkey_type'],
  ['another name', own.replace('example', 'exampel'), 'vkey_id'],
  ['the URL alphabet', SUM_GOLANG_ORG.slice(0, 24) + SUM_GOLANG_ORG.slice(24).replaceAll('+', '-'), 'vkey_form'],
  ['no padding', 'a+00000000+AQ', 'vkey_form'],
])('refuses %s', (_, text, fault) => {
  expect(parseVerifierKey(text)).toEqual({ fault });
});

const SPACES = '\t\n \u0085\u00a0\u1680\u2003\u2028\u202f\u205f\u3000';

test.each<[string, boolean]>([
  ['a', true],
  ['example.org/ŵ/日本', true],
  ['x'.repeat(255), true],
  ['x'.repeat(256), false],
  ['', false],
  ['a+b', false],
  ['a\u0000b', false],
  ['a\u001fb', false],
  ['\ud800', false],
  // No White_Space in Unicode, though JavaScript's \s has it; signed-note allows it.
  ['a\ufeffb', true],
  ...Array.from(SPACES, (space): [string, boolean] => [`a${space}b`, false]),
])('%j is the name of a key: %s', (name, isOne) => {
  expect(isKeyName(name)).toBe(isOne);
});

test('a public key has 32 bytes', () => {
  expect(verifierKey('a', 'ed25519', Buffer.alloc(31))).toEqual({ fault: 'vkey_form' });
});
