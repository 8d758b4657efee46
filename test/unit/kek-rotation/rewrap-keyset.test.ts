import { newKeyset, signKeyset, verifyKeyset } from '../../../lambdas/core/keysets/dek-keyset';
import { rewrapKeyset } from '../../../lambdas/core/kek-rotation/rewrap-keyset';
import { unwrapDek, wrapNewDek } from '../../../lambdas/core/crypto/wrapped-dek';
import { newKeks, testRandomness } from '../../doubles/memory-ports';
import { thrownBy } from '../crypto/thrown-by';

const START = Date.parse('2026-11-21T09:00:00.000Z');
const from = newKeks().primary;
const target = newKeks();

/** Version 1 destroyed, 2 primary, and a member that a later release adds. */
const record = (() => {
  const { mac: _mac, ...first } = newKeyset('openai', from, START, testRandomness);
  const created_at = first.dek_created_at;
  return signKeyset(
    {
      ...first,
      primary_version: 2,
      later: 'kept',
      versions: {
        '1': { state: 'destroyed', created_at },
        '2': { state: 'primary', created_at, encrypted_dek: wrapNewDek(from, 'openai', 2, testRandomness), later: 7 },
      },
    },
    from,
  );
})();

test('every version moves in one revision, and no data key changes', () => {
  const moved = rewrapKeyset(record, from, target.primary, testRandomness);
  verifyKeyset(moved, 'openai', target);
  expect(moved).toMatchObject({ revision: 2, kek_id: target.primary.id, later: 'kept', primary_version: 2 });
  expect(moved.write_id).not.toBe(record.write_id);
  expect(moved.versions['1']).toEqual(record.versions['1']);
  expect(moved.versions['2']).toMatchObject({ state: 'primary', later: 7 });
  const before = unwrapDek(from, 'openai', 2, record.versions['2']!.encrypted_dek!);
  expect(unwrapDek(target.primary, 'openai', 2, moved.versions['2']!.encrypted_dek!).key.equals(before.key)).toBe(true);
});

test('a version that does not open stops it all', () => {
  expect(thrownBy(() => rewrapKeyset(record, newKeks().primary, target.primary, testRandomness))).toMatchObject({
    reason: 'unwrap_failed',
  });
});
