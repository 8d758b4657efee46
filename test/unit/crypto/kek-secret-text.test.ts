import fc from 'fast-check';
import { canonicalJson } from '../../../lambdas/core/crypto/canonical-json';
import {
  MAX_KEK_SECRET_BYTES,
  newKekSecretRecord,
  parseKekSecret,
  parseKekSecretRecord,
  serializeKekSecret,
  type KekSecretRecord,
} from '../../../lambdas/core/crypto/kek-keyset';
import { nextKekSecret } from '../../../lambdas/core/kek-rotation/next-kek-secret';
import { runs } from '../../effort';
import { CountingRandomness } from '../../vectors/counting-randomness';
import { thrownBy } from './thrown-by';

const NOW = Date.parse('2026-11-21T09:00:00.000Z');
const SECRET = newKekSecretRecord(new CountingRandomness(0x40), NOW);

/** The secret with members that a later release, or somebody's editor, put into the whole, into `keys`' entry, or both. */
function withMembers(ofWhole: string, ofEntry: string): string {
  const [[id, entry]] = Object.entries(SECRET.keys) as [[string, object]];
  const members = (value: object): string => JSON.stringify(value).slice(1, -1);
  const { keys: _, ...whole } = SECRET;
  return `{${members(whole)}${ofWhole},"keys":{${JSON.stringify(id)}:{${members(entry)}${ofEntry}}}}`;
}

const reading = (text: string): KekSecretRecord | undefined => {
  try {
    return parseKekSecretRecord(text);
  } catch {
    return undefined;
  }
};

test.each([
  ['a member twice', ',"x":1,"x":1'],
  ['a member twice, spelled another way', ',"x":1,"\\u0078":1'],
  ['the schema twice', ',"schema":1'],
  ['a lone surrogate in a value', ',"x":"\\ud800"'],
  ['a lone surrogate in a name', ',"\\udc00x":1'],
  ['a bare lone surrogate', ',"x":"\ud800"'],
  ['1e999', ',"x":1e999'],
  ['1e-999', ',"x":[1e-999]'],
  ['an integer that no double holds', ',"x":12345678901234567890'],
  ['__proto__', ',"__proto__":{"a":1}'],
  ['__proto__ of nothing', ',"__proto__":null'],
  ['__proto__, escaped', ',"\\u005f_proto__":1'],
  ['too many levels', `,"x":${'['.repeat(8)}${']'.repeat(8)}`],
  ['levels without number', `,"x":${'['.repeat(30_000)}${']'.repeat(30_000)}`],
  ['what becomes too long when it is written', `,"x":[${'1e20,'.repeat(4_000)}1]`],
])('a secret with %s is damaged, in the whole as in an entry', (_what, member) => {
  const entry = member.replace('"schema"', '"state"').replace(':1', member.includes('schema') ? ':"primary"' : ':1');
  for (const text of [withMembers(member, ''), withMembers('', entry)]) {
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_KEK_SECRET_BYTES);
    expect(thrownBy(() => parseKekSecret(text))).toMatchObject({ code: 'keys_unavailable', reason: 'kek_damaged' });
  }
});

test('a byte order mark before it, or anything after it, is damage', () => {
  for (const text of [`\ufeff${serializeKekSecret(SECRET)}`, `${serializeKekSecret(SECRET)}x`]) {
    expect(thrownBy(() => parseKekSecret(text)).reason).toBe('kek_damaged');
  }
});

test('a key called as what every object inherits is one of its own, or none', () => {
  const [entry] = Object.values(SECRET.keys);
  const named = JSON.stringify({ ...SECRET, primary: 'constructor', keys: { constructor: entry } });
  expect(parseKekSecret(named).primary.id).toBe('constructor');
  expect(reading(JSON.stringify({ ...SECRET, primary: 'constructor' }))).toBeUndefined();
});

test('whatever is read can be written, is read again as the same, and survives a rotation with its unknown members', () => {
  const odd = fc.constantFrom(
    '1e999',
    '"\\ud800"',
    '{"a":1,"a":2}',
    '{"__proto__":1}',
    '[[[[[[[]]]]]]]',
    '1e21',
    '-0',
    '1.50',
    '9007199254740993',
    '"\\u007f\\/"',
    '[1e20,1e20]',
  );
  const member = fc
    .tuple(fc.string({ unit: 'binary', maxLength: 6 }), fc.oneof(fc.json({ maxDepth: 4 }), odd))
    .map(([name, value]) => `,${JSON.stringify(name)}:${value}`);
  const members = fc.array(member, { maxLength: 3 }).map((all) => all.join(''));
  const seen = { read: 0, refused: 0 };
  fc.assert(
    fc.property(members, members, (ofWhole, ofEntry) => {
      const record = reading(withMembers(ofWhole, ofEntry));
      seen[record === undefined ? 'refused' : 'read'] += 1;
      if (record === undefined) return;
      const text = serializeKekSecret(record);
      expect(serializeKekSecret(parseKekSecretRecord(text))).toBe(text);
      const next = nextKekSecret(record, 'parent', new Set(Object.keys(record.keys)), NOW, new CountingRandomness());
      const rotated = parseKekSecretRecord(serializeKekSecret(next));
      const { primary: _primary, parent_version_id: _parent, keys, ...whole } = record;
      expect(canonicalJson({ ...rotated, ...whole })).toBe(canonicalJson(rotated));
      const { state: _state, ...entry } = keys[SECRET.primary]!;
      expect(canonicalJson({ ...rotated.keys[SECRET.primary], ...entry })).toBe(
        canonicalJson(rotated.keys[SECRET.primary]),
      );
    }),
    { numRuns: runs(1_000) },
  );
  expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(runs(1_000) / 40);
});
