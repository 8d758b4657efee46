import { isKeysetRecord } from '../../../lambdas/core/keysets/keyset-shape';
import { newKeyset } from '../../../lambdas/core/keysets/dek-keyset';
import { CountingRandomness } from '../../vectors/counting-randomness';
import { keksOf } from '../crypto/test-keys';

const AT = '2026-11-21T09:00:00.000Z';
const MARK = { key_sha256: 'a', request_sha256: 'b' };
const FIRST = newKeyset('openai', keksOf(9).primary, 0, new CountingRandomness());
const VERSION = {
  ...FIRST.versions['1'],
  promoted_at: AT,
  superseded_at: AT,
  grace_until: AT,
  retired_at: AT,
  unreferenced_since: AT,
  destroyed_at: AT,
  destruction: { scheduled_at: AT, not_before: AT },
};
const FULL = {
  ...FIRST,
  highest_version: 7,
  versions: { '1': VERSION },
  rotation: {
    id: 'r',
    phase: 'rekeying',
    version: 2,
    from_version: 1,
    emergency: true,
    started_at: AT,
    started_by: 'me',
    reason: 'why',
    promoted_at: AT,
    idempotency: MARK,
    takeover: { by: 'me', at: AT, reason: 'why', idempotency: MARK },
  },
  last_rotation: { id: 'r', outcome: 'completed', ended_at: AT },
};

type Json = Record<string, unknown>;

/** Every path of members, outermost first. */
const pathsOf = (value: unknown): string[][] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([name, member]) => [[name], ...pathsOf(member).map((rest) => [name, ...rest])]);

const withMember = (value: Json, [name = '', ...rest]: readonly string[], to: unknown): Json => ({
  ...value,
  [name]: rest.length === 0 ? to : withMember(value[name] as Json, rest, to),
});

test('a record with every member is one, and so is one with members that nobody knows yet', () => {
  expect(isKeysetRecord(FULL)).toBe(true);
  expect(isKeysetRecord({ ...FULL, later: { any: [1] }, versions: { '1': { ...VERSION, later: 1 } } })).toBe(true);
});

test.each(pathsOf(FULL).map((path) => [path.join('.'), path]))('%s of another type makes it none', (_, path) => {
  for (const odd of [Symbol('odd'), [1], new Set(), { odd: 1 }]) {
    expect(isKeysetRecord(withMember(FULL, path, odd))).toBe(false);
  }
});
