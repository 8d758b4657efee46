import {
  MAX_KEK_SECRET_BYTES,
  newKekSecretRecord,
  parseKekSecret,
  serializeKekSecret,
} from '../../../lambdas/core/crypto/kek-keyset';
import { CountingRandomness } from '../../vectors/counting-randomness';
import { isWiped, RecordingRandomness } from './recording-randomness';
import { CREATED_AT, material } from './test-keys';
import { allThatIsSaidBy, thrownBy } from './thrown-by';

const key = (byte: number, state = 'unwrap_only', more: object = {}): object => ({
  material: material(byte).toString('base64'),
  created_at: CREATED_AT,
  state,
  ...more,
});
const secret = (keys: Record<string, unknown>, more: object = {}): string =>
  JSON.stringify({ schema: 1, primary: 'kek-a', parent_version_id: null, keys, ...more });
const reasonOf = (text: string): string | undefined => {
  const error = thrownBy(() => parseKekSecret(text));
  expect(error.code).toBe('keys_unavailable');
  expect(allThatIsSaidBy(error)).not.toContain('canary');
  return error.reason;
};

test('every KEK of the secret is there, and the primary is told', () => {
  const keyset = parseKekSecret(
    secret(
      { 'kek-a': key(1, 'primary'), 'kek-b': key(2), '0': key(3, 'unwrap_only', { unreferenced_since: CREATED_AT }) },
      { parent_version_id: 'version-1' },
    ),
  );
  expect([...keyset.keks.keys()].sort()).toEqual(['0', 'kek-a', 'kek-b']);
  expect(keyset.primary).toBe(keyset.keks.get('kek-a'));
  expect(keyset.primaryCreatedAt).toBe(CREATED_AT);
  expect(keyset.keks.get('kek-b')?.key.export()).toEqual(material(2));
  expect([...keyset.keks].every(([id, kek]) => id === kek.id)).toBe(true);
});

test('ids that objects have by themselves are ids like any other', () => {
  const keyset = parseKekSecret(secret({ constructor: key(1, 'primary') }, { primary: 'constructor' }));
  expect(keyset.primary.id).toBe('constructor');
});

test('members that a later release adds do no harm', () => {
  expect(parseKekSecret(secret({ 'kek-a': key(1, 'primary', { later: [1] }) }, { later: {} })).keks.size).toBe(1);
});

test('the first secret of a deployment: one primary, no parent, written in one spelling', () => {
  const record = newKekSecretRecord(new CountingRandomness(), Date.parse(CREATED_AT));
  const id = 'kek-0001020304050607';
  const bytes = Buffer.from(Array.from({ length: 32 }, (_, index) => 16 + index));
  expect(serializeKekSecret(record)).toBe(
    `{"keys":{"${id}":{"created_at":"${CREATED_AT}","material":"${bytes.toString('base64')}","state":"primary"}},"parent_version_id":null,"primary":"${id}","schema":1}`,
  );
  const keyset = parseKekSecret(serializeKekSecret(record));
  expect(keyset.primary.id).toBe(id);
  expect(keyset.primary.key.export()).toEqual(bytes);
});

test('the raw bytes of a new KEK are wiped', () => {
  const randomness = new RecordingRandomness();
  newKekSecretRecord(randomness, 0);
  expect(randomness.secrets).toHaveLength(1);
  expect(randomness.secrets.every(isWiped)).toBe(true);
});

test.each([
  ['the placeholder of a new deployment', '{"schema":1}'],
  ['a placeholder with something beside', '{"schema":1,"note":"canary"}'],
])('%s has no KEK yet', (_what, text) => {
  expect(reasonOf(text)).toBe('kek_missing');
});

const good = { 'kek-a': key(1, 'primary') };
const filler = (bytes: number): string =>
  secret(good, { filler: 'x'.repeat(bytes - secret(good, { filler: '' }).length) });

test('a secret of 65,536 bytes is read, one of a byte more is not', () => {
  expect(parseKekSecret(filler(MAX_KEK_SECRET_BYTES)).keks.size).toBe(1);
  expect(reasonOf(filler(MAX_KEK_SECRET_BYTES + 1))).toBe('kek_damaged');
  expect(reasonOf(secret(good, { filler: 'é'.repeat(MAX_KEK_SECRET_BYTES / 2) }))).toBe('kek_damaged');
});

test.each([
  ['nothing', ''],
  ['not JSON', 'canary'],
  ['a byte order mark', `\ufeff${secret(good)}`],
  ['cut off', secret(good).slice(0, -1)],
  ['JSON and more', `${secret(good)}canary`],
  ['null', 'null'],
  ['an array', '[{"schema":1}]'],
  ['a text', '"canary"'],
  ['an empty object', '{}'],
  ['another schema', secret(good, { schema: 2 })],
  ['a schema in text', secret(good, { schema: '1' })],
  ['keys that are null', secret(good, { keys: null })],
  ['keys in an array', secret(good, { keys: [key(1, 'primary')] })],
  ['no keys at all', secret({})],
  ['no keys, and a primary that every object has', secret({}, { primary: 'toString' })],
  ['no primary', secret({ 'kek-a': key(1) })],
  ['a primary that is not there', secret({ 'kek-b': key(1, 'primary') })],
  ['a primary that every object has', secret(good, { primary: 'toString' })],
  ['a primary that is no text', secret(good, { primary: 1 })],
  ['a primary left out', secret(good, { primary: undefined })],
  ['two primaries', secret({ 'kek-a': key(1, 'primary'), 'kek-b': key(2, 'primary') })],
  ['another primary than the one named', secret({ 'kek-a': key(1), 'kek-b': key(2, 'primary') })],
  ['no parent', secret(good, { parent_version_id: undefined })],
  ['a parent that is no text', secret(good, { parent_version_id: 1 })],
  ['an id in capitals', secret({ ...good, 'KEK-canary': key(2) })],
  ['an id with a long s', secret({ ...good, ſ: key(2) })],
  ['an empty id', secret({ ...good, '': key(2) })],
  ['an id that is too long', secret({ ...good, ['x'.repeat(65)]: key(2) })],
  ['an id __proto__', secret(good).replace('{"kek-a"', '{"__proto__":{},"kek-a"')],
  ['a key that is null', secret({ ...good, 'kek-b': null })],
  ['a key that is text', secret({ ...good, 'kek-b': material(2).toString('base64') })],
  ['no material', secret({ ...good, 'kek-b': key(2, 'unwrap_only', { material: undefined }) })],
  ['material that is no text', secret({ ...good, 'kek-b': key(2, 'unwrap_only', { material: 1 }) })],
  ['31 bytes', secret({ ...good, 'kek-b': key(2, 'unwrap_only', { material: Buffer.alloc(31).toString('base64') }) })],
  ['33 bytes', secret({ ...good, 'kek-b': key(2, 'unwrap_only', { material: Buffer.alloc(33).toString('base64') }) })],
  ['no bytes', secret({ ...good, 'kek-b': key(2, 'unwrap_only', { material: '' }) })],
  ['material without padding', secret({ ...good, 'kek-b': key(2, 'unwrap_only', { material: 'A'.repeat(43) }) })],
  ['trailing bits', secret({ ...good, 'kek-b': key(2, 'unwrap_only', { material: `${'A'.repeat(42)}B=` }) })],
  ['the URL alphabet', secret({ ...good, 'kek-b': key(2, 'unwrap_only', { material: `${'_'.repeat(42)}8=` }) })],
  [
    'a line break in the material',
    secret({ ...good, 'kek-b': key(2, 'unwrap_only', { material: `${material(2).toString('base64')}\n` }) }),
  ],
  ['hexadecimal', secret({ ...good, 'kek-b': key(2, 'unwrap_only', { material: material(2).toString('hex') }) })],
  ['one material under two ids', secret({ ...good, 'kek-b': key(1) })],
  ['a time of another form', secret({ ...good, 'kek-b': key(2, 'unwrap_only', { created_at: '2026-11-21' }) })],
  ['no time', secret({ ...good, 'kek-b': key(2, 'unwrap_only', { created_at: undefined }) })],
  ['an unknown state', secret({ ...good, 'kek-b': key(2, 'canary') })],
  ['a bad unreferenced_since', secret({ ...good, 'kek-b': key(2, 'unwrap_only', { unreferenced_since: null }) })],
])('a secret with %s is damaged', (_what, text) => {
  expect(reasonOf(text)).toBe('kek_damaged');
});

test('every truncation of a secret is refused', () => {
  const text = secret(good);
  for (let length = 0; length < text.length; length += 1) {
    expect(thrownBy(() => parseKekSecret(text.slice(0, length))).reason).toBe('kek_damaged');
  }
});
