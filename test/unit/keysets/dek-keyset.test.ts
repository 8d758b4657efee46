import { dekVersion, newKeyset, parseKeyset, signKeyset, verifyKeyset } from '../../../lambdas/core/keysets/dek-keyset';
import type { KeysetRecord } from '../../../lambdas/core/keysets/keyset-record';
import { unwrapDek, wrapNewDek } from '../../../lambdas/core/crypto/wrapped-dek';
import { CountingRandomness } from '../../vectors/counting-randomness';
import { isWiped, RecordingRandomness } from '../crypto/recording-randomness';
import { CREATED_AT, keksOf } from '../crypto/test-keys';
import { allThatIsSaidBy, thrownBy } from '../crypto/thrown-by';

const keks = keksOf(9, 8);
const kek = keks.primary;
const now = Date.parse(CREATED_AT);
const first = newKeyset('openai', kek, now, new CountingRandomness());

/** A keyset with a version in every state, and members that only a later release knows. */
const full = ((): KeysetRecord => {
  const { mac: _mac, ...unsigned } = first;
  const wrapped = (version: number): string => wrapNewDek(kek, 'openai', version, new CountingRandomness(version));
  return signKeyset(
    {
      ...unsigned,
      revision: 9,
      primary_version: 4,
      versions: {
        1: { state: 'destroyed', created_at: CREATED_AT, destroyed_at: CREATED_AT },
        2: { state: 'rewrap_only', created_at: CREATED_AT, encrypted_dek: wrapped(2) },
        3: {
          state: 'decrypt_only',
          created_at: CREATED_AT,
          encrypted_dek: wrapped(3),
          proofs: [{ region: 'eu-west-1' }],
        },
        4: { state: 'primary', created_at: CREATED_AT, encrypted_dek: wrapped(4) },
        10: { state: 'pending', created_at: CREATED_AT, encrypted_dek: wrapped(10) },
      },
      rotation_policy: { ...unsigned.rotation_policy, last_rotation_at: CREATED_AT },
      later: { flag: true, list: [1, 'two', null], nothing: {}, none: [] },
    },
    kek,
  );
})();

const reasonOf = (value: unknown, provider = 'openai', under = keks): string | undefined => {
  const error = thrownBy(() => verifyKeyset(value, provider, under));
  expect(error.code).toBe('keys_unavailable');
  expect(allThatIsSaidBy(error)).not.toContain('canary');
  return error.reason;
};

test('a new keyset: version 1 is primary and opens, the policy is the default', () => {
  const record = verifyKeyset(first, 'openai', keks);
  expect(record).toMatchObject({
    provider: 'openai',
    revision: 1,
    kek_id: 'kek-9',
    primary_version: 1,
    dek_created_at: CREATED_AT,
    dek_rotation_count: 0,
    rotation_policy: {
      enabled: true,
      interval_days: 90,
      grace_period_days: 7,
      next_rotation_at: '2027-02-19T09:00:00.000Z',
      last_rotation_at: null,
    },
  });
  expect(record.write_id).toMatch(/^[0-9a-f]{32}$/);
  const version = dekVersion(record, 1);
  expect(version).toMatchObject({ state: 'primary', created_at: CREATED_AT });
  expect(unwrapDek(kek, 'openai', 1, version!.encrypted_dek!).version).toBe(1);
});

test('the raw bytes of a new DEK are wiped', () => {
  const randomness = new RecordingRandomness();
  newKeyset('openai', kek, now, randomness);
  expect(randomness.secrets).toHaveLength(1);
  expect(randomness.secrets.every(isWiped)).toBe(true);
});

test('a record with all states and members of a later release holds, and keeps them', () => {
  expect(verifyKeyset(structuredClone(full), 'openai', keks)).toEqual(full);
  expect(parseKeyset(full, 'openai')).toBe(full);
});

test('the order of members and what is undefined do not matter', () => {
  const reversed = Object.fromEntries(Object.entries(full).reverse());
  expect(verifyKeyset({ ...reversed, absent: undefined }, 'openai', keks).mac).toBe(full.mac);
});

test('versions are looked up by what is in the record, not by what every object has', () => {
  expect(dekVersion(full, 3)?.state).toBe('decrypt_only');
  expect(dekVersion(full, 5)).toBeUndefined();
  expect(dekVersion(full, 0)).toBeUndefined();
  const inherited = { ...full, versions: Object.create({ 7: full.versions['4'] }) as KeysetRecord['versions'] };
  expect(dekVersion(inherited, 7)).toBeUndefined();
});

/** Every place in a value: the path to each member and element, leaves and branches. */
function* places(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    yield [...path, name];
    yield* places(member, [...path, name]);
  }
}

/** The value at a place of the full record. */
const at = (path: readonly string[]): unknown =>
  path.reduce<unknown>((holder, name) => (holder as Record<string, unknown>)[name], full);

/** A copy in which the object that holds the last name of the path was changed. */
function changed(path: readonly string[], change: (holder: Record<string, unknown>, name: string) => void): unknown {
  const copy = structuredClone(full) as Record<string, unknown>;
  let holder = copy;
  for (const name of path.slice(0, -1)) holder = holder[name] as Record<string, unknown>;
  change(holder, path.at(-1)!);
  return copy;
}

/** Other possible values in a member’s place. */
function others(value: unknown): unknown[] {
  const general: unknown[] = [
    null,
    0,
    '',
    'canary',
    true,
    false,
    [],
    {},
    [value],
    { a: value },
    1n,
    new Set([1]),
    Uint8Array.of(1),
  ];
  if (typeof value === 'string') {
    const flips = Array.from(value, (character, at) => {
      const flipped = String.fromCharCode(character.charCodeAt(0) ^ 1);
      return value.slice(0, at) + flipped + value.slice(at + 1);
    });
    return [...general, ...flips, `${value} `, value.slice(0, -1), value.toUpperCase(), Number(value)];
  }
  if (typeof value === 'number') return [...general, value + 1, value - 1, value + 0.5, String(value), NaN, -value];
  if (typeof value === 'boolean') return [...general, !value, String(value)];
  return general;
}

describe('any edit breaks the record', () => {
  const all = [...places(full)];

  test('every member, at every depth, replaced by anything else', () => {
    let edits = 0;
    for (const path of all) {
      const value = at(path);
      for (const other of others(value)) {
        const edit = changed(path, (holder, name) => (holder[name] = other));
        if (safeJson(edit) === JSON.stringify(full)) continue;
        const kekIsUnknown = path[0] === 'kek_id' && typeof other === 'string' && !keks.keks.has(other);
        expect([path, other, reasonOf(edit)]).toEqual([path, other, kekIsUnknown ? 'unknown_kek' : 'keyset_damaged']);
        edits += 1;
      }
    }
    expect(edits).toBeGreaterThan(1500);
  });

  test('every member, at every depth, taken away or renamed', () => {
    for (const path of all) {
      expect(reasonOf(changed(path, (holder, name) => Reflect.deleteProperty(holder, name)))).toBe('keyset_damaged');
      const renamed = changed(path, (holder, name) => {
        holder[`${name}x`] = holder[name];
        Reflect.deleteProperty(holder, name);
      });
      expect(reasonOf(renamed)).toBe('keyset_damaged');
    }
  });

  test('a member added to every object and array', () => {
    for (const path of [['x'], ...all.map((place) => [...place, 'x'])]) {
      const holds = at(path.slice(0, -1));
      if (typeof holds !== 'object' || holds === null) continue;
      const added = changed(path, (holder, name) =>
        Array.isArray(holder) ? holder.push(null) : (holder[name] = null),
      );
      expect(reasonOf(added)).toBe('keyset_damaged');
    }
  });

  test('two members of the same object with their values exchanged', () => {
    for (const path of all) {
      const siblings = all.filter(
        (other) => other.length === path.length && other.slice(0, -1).join() === path.slice(0, -1).join(),
      );
      for (const sibling of siblings) {
        const swapped = changed(path, (holder, name) => {
          [holder[name], holder[sibling.at(-1)!]] = [holder[sibling.at(-1)!], holder[name]];
        });
        if (safeJson(swapped) !== JSON.stringify(full)) expect(reasonOf(swapped)).toBeDefined();
      }
    }
  });

  test('a member put under it by way of the prototype, as the DynamoDB client would for an attribute __proto__', () => {
    const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
    const objects = all.filter((path) => isObject(at(path)));
    expect(objects.length).toBeGreaterThanOrEqual(9);
    for (const path of objects) {
      const edit = changed(path, (holder, name) => Object.setPrototypeOf(holder[name], { smuggled: true }) as unknown);
      expect([path, reasonOf(edit)]).toEqual([path, 'keyset_damaged']);
    }
    expect(reasonOf(Object.assign(Object.create({ smuggled: true }) as object, full))).toBe('keyset_damaged');
  });

  test('a member __proto__ of its own', () => {
    const edited = JSON.parse(JSON.stringify(full).replace('{', '{"__proto__":{"a":1},')) as unknown;
    expect(reasonOf(edited)).toBe('keyset_damaged');
  });

  test('every bit of the MAC', () => {
    const bytes = Buffer.from(full.mac, 'base64');
    for (let bit = 0; bit < 256; bit += 1) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7));
      expect(reasonOf({ ...full, mac: flipped.toString('base64') })).toBe('keyset_damaged');
    }
  });

  test.each([
    ['empty', ''],
    ['cut to 16 bytes', Buffer.from(full.mac, 'base64').subarray(0, 16).toString('base64')],
    ['longer', Buffer.concat([Buffer.from(full.mac, 'base64'), Buffer.of(0)]).toString('base64')],
    ['without padding', full.mac.replace('=', '')],
    ['in hexadecimal', Buffer.from(full.mac, 'base64').toString('hex')],
    ['with a line break', `${full.mac}\n`],
  ])('a MAC that is %s', (_what, mac) => {
    expect(reasonOf({ ...full, mac })).toBe('keyset_damaged');
  });
});

/** JSON for comparison; undefined if the value is not JSON. */
function safeJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

describe('records in the wrong place', () => {
  const google = newKeyset('google', kek, now, new CountingRandomness(1));

  test('another provider’s record', () => {
    expect(reasonOf(google)).toBe('keyset_damaged');
    expect(reasonOf({ ...google, provider: 'openai' })).toBe('keyset_damaged');
    expect(thrownBy(() => parseKeyset(google, 'openai')).reason).toBe('keyset_damaged');
  });

  test('a version or a MAC of another provider’s record, or of an earlier revision', () => {
    expect(reasonOf({ ...first, versions: google.versions })).toBe('keyset_damaged');
    expect(reasonOf({ ...first, mac: google.mac })).toBe('keyset_damaged');
    expect(reasonOf({ ...full, mac: first.mac })).toBe('keyset_damaged');
    expect(reasonOf({ ...first, revision: full.revision })).toBe('keyset_damaged');
  });

  test('a KEK that is not there may be there soon; the wrong key under the right id never', () => {
    expect(reasonOf(full, 'openai', keksOf(8))).toBe('unknown_kek');
    expect(reasonOf({ ...full, kek_id: 'canary' })).toBe('unknown_kek');
    expect(reasonOf({ ...full, kek_id: 'kek-8' })).toBe('keyset_damaged');
    const impostor = { ...keks, keks: new Map([['kek-9', { id: 'kek-9', key: keksOf(7).primary.key }]]) };
    expect(reasonOf(full, 'openai', impostor)).toBe('keyset_damaged');
  });

  test('the record under an older KEK that is still in the secret holds', () => {
    const old = newKeyset('openai', keks.keks.get('kek-8')!, now, new CountingRandomness());
    expect(verifyKeyset(old, 'openai', keks).kek_id).toBe('kek-8');
  });
});

const edited = (edit: object): unknown => ({ ...structuredClone(full), ...edit });
const version = (edit: object): unknown => edited({ versions: { 4: { ...full.versions['4'], ...edit } } });
const policy = (edit: object): unknown => edited({ rotation_policy: { ...full.rotation_policy, ...edit } });

/** The shape must hold by itself: listings show records without holding the KEK that could check the MAC. */
test.each<[string, unknown]>([
  ['undefined', undefined],
  ['null', null],
  ['text', 'canary'],
  ['an array', [full]],
  ['an empty object', {}],
  ['no versions', edited({ versions: undefined })],
  ['versions in an array', edited({ versions: [full.versions['4']] })],
  ['no version at all', edited({ versions: {} })],
  ['a version number with a zero in front', edited({ versions: { ...full.versions, '04': full.versions['2'] } })],
  ['a version that is null', edited({ versions: { ...full.versions, 5: null } })],
  ['a provider that is none', edited({ provider: 'OpenAI' })],
  ['a provider that is no text', edited({ provider: 1 })],
  ['revision 0', edited({ revision: 0 })],
  ['a revision in text', edited({ revision: '9' })],
  ['a write_id that is no text', edited({ write_id: 1 })],
  ['a kek_id that is no text', edited({ kek_id: null })],
  ['a primary that is not there', edited({ primary_version: 5 })],
  ['a primary that is not primary', edited({ primary_version: 3 })],
  [
    'a primary in text, with no version in that state',
    { ...structuredClone(full), primary_version: '3', versions: { 3: full.versions['3'] } },
  ],
  [
    'a primary in an array, with no version in that state',
    { ...structuredClone(full), primary_version: [3], versions: { 3: full.versions['3'] } },
  ],
  ['two primaries', edited({ versions: { ...full.versions, 5: full.versions['4'] } })],
  ['a bad creation time', edited({ dek_created_at: '2026-11-21' })],
  ['a negative count', edited({ dek_rotation_count: -1 })],
  ['a MAC that is no text', edited({ mac: 1 })],
  ['an unknown state', version({ state: 'canary' })],
  ['a state that is no text', version({ state: ['primary'] })],
  ['a version without a time', version({ created_at: undefined })],
  ['a version without its key', version({ encrypted_dek: undefined })],
  ['a key that is no text', version({ encrypted_dek: 1 })],
  [
    'a destroyed version with a key',
    edited({ versions: { ...full.versions, 1: { ...full.versions['1'], encrypted_dek: 'AAAA' } } }),
  ],
  ['no policy', edited({ rotation_policy: null })],
  ['a policy that is neither on nor off', policy({ enabled: 'yes' })],
  ['an interval of no days', policy({ interval_days: 0 })],
  ['a negative grace period', policy({ grace_period_days: -1 })],
  ['no next rotation', policy({ next_rotation_at: null })],
  ['a bad last rotation', policy({ last_rotation_at: 'never' })],
])('a record with %s is damaged, whether or not its MAC is checked', (_what, value) => {
  expect(thrownBy(() => parseKeyset(value, 'openai')).reason).toBe('keyset_damaged');
  expect(reasonOf(value)).toBe('keyset_damaged');
});
