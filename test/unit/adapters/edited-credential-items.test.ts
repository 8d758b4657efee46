import {
  countedVersions,
  fromCredentialItem,
  toCredentialItem,
} from '../../../lambdas/adapters/aws/dynamodb/credential-item';
import { NotJson } from '../../../lambdas/adapters/aws/dynamodb/stored-value';
import { heldValues } from '../../../lambdas/core/credentials/held-values';
import { canBeNamed, isDamaged, type StoredRow } from '../../../lambdas/core/credentials/credential';
import { credential, previousValue, tombstone } from '../../contract/stored-credentials';

type Item = Readonly<Record<string, unknown>>;

const PROVIDER = 'openai';
const NAME = 'default';

const ROWS = {
  live: credential(PROVIDER, NAME, { key_version: 2 }),
  'live with a previous value': credential(PROVIDER, NAME, { key_version: 3, previous: previousValue() }),
  deleted: tombstone(PROVIDER, NAME, 2),
  'deleted with a previous value': tombstone(PROVIDER, NAME, 2, { previous: previousValue({ key_version: 2 }) }),
};

/** The replacements of an attribute; undefined removes it. */
const KINDS: Readonly<Record<string, unknown>> = {
  missing: undefined,
  null: null,
  'a number': 7,
  'a fraction': 1.5,
  'an empty text': '',
  'another text': 'something else',
  'a list': ['a', 1],
  'an empty map': {},
  'a map': { a: { b: [null] } },
  binary: new NotJson({ B: Uint8Array.of(1) }),
};

/** Members that Keyward does not write, and whose names distinguish kinds of rows. */
const ADDED = ['damaged', 'row', 'stored', 'deleted_at', 'current_key_version', 'ciphertext', 'previous'];

function edited(item: Item, [name = '', ...rest]: readonly string[], value: unknown): Item {
  const { [name]: before, ...others } = item;
  if (rest.length > 0) return { ...others, [name]: edited(before as Item, rest, value) };
  return value === undefined ? others : { ...others, [name]: value };
}

const pathsOf = (item: Item): string[][] =>
  [...new Set([...Object.keys(item), ...ADDED])].flatMap((name) => {
    const inside = name === 'previous' && item['previous'] !== undefined;
    const members = inside ? [...new Set([...Object.keys(item['previous'] as Item), ...ADDED])] : [];
    return [[name], ...members.map((member) => [name, member])];
  });

const EDITS = Object.entries(ROWS).flatMap(([row, record]) => {
  const item = toCredentialItem(record);
  return pathsOf(item).flatMap((path) =>
    Object.entries(KINDS).map(([kind, value]) => ({
      what: `${row}, ${path.join('.')}: ${kind}`,
      item: edited(item, path, value),
    })),
  );
});

const read = (item: Item): StoredRow => fromCredentialItem(PROVIDER, NAME, item);

/** As Keyward writes over a row whose values it leaves alone. */
const written = (row: StoredRow): Item => toCredentialItem({ ...row, write_id: '0'.repeat(32) });

describe('a row in which any attribute is edited', () => {
  test('holds the values that are counted: otherwise a rotation would wait for what no page has', () => {
    expect(EDITS.length).toBeGreaterThan(800);
    for (const { what, item } of EDITS) {
      const held = heldValues(read(item)).map(({ key_version: version }) => version);
      expect({ what, held }).toEqual({ what, held: countedVersions(item) });
    }
  });

  test('can be written over, and loses neither a value nor what is left of one', () => {
    for (const { what, item } of EDITS) {
      const row = read(item);
      if (!canBeNamed(row)) continue;
      const after = written(row);
      expect({ what, previous: after['previous'] !== undefined }).toEqual({
        what,
        previous: item['previous'] !== undefined,
      });
      expect({ what, held: heldValues(read(after)).length }).toEqual({ what, held: heldValues(row).length });
      if (typeof item['ciphertext'] === 'string' && !('deleted_at' in item)) {
        expect({ what, ciphertext: after['ciphertext'] }).toEqual({ what, ciphertext: item['ciphertext'] });
      }
    }
  });

  test('is damaged by a member that says so, and goes on being it', () => {
    for (const row of Object.values(ROWS)) {
      const item = { ...toCredentialItem(row), damaged: true };
      expect(read(item)).toMatchObject({ damaged: true, row: { damaged: true }, write_id: row.write_id });
      expect(isDamaged(read(written(read(item))))).toBe(true);
    }
    const item = edited(toCredentialItem(ROWS['live with a previous value']), ['previous', 'damaged'], true);
    expect(read(item)).toMatchObject({ previous: { damaged: true, key_version: 1, stored: item['previous'] } });
    expect(written(read(item))['previous']).toEqual(item['previous']);
  });
});
