import type { DekVersionRecord } from '../../../lambdas/core/keysets/keyset-record';
import { createDescribeVersion } from '../../../lambdas/core/dek-rotation/describe-version';
import { World } from '../../doubles/world';
import { failureOf } from '../keysets/failure-of';

const T1 = '2026-11-01T00:00:00.000Z';
const T2 = '2026-11-20T00:00:00.000Z';
const T3 = '2026-11-30T00:00:00.000Z';

/** A world whose openai has such a version 1 beside its primary. */
function withVersion(change: Partial<DekVersionRecord>) {
  const world = new World();
  const record = world.rotated('openai', 'rewrap_only');
  world.publish({ ...record, versions: { ...record.versions, '1': { ...record.versions['1']!, ...change } } });
  return { world, describeVersion: createDescribeVersion({ keysets: world.home }) };
}

const ask = { provider: 'openai', version: 1 };

test('a version is shown with what is set, and without its key', async () => {
  const { describeVersion } = withVersion({ superseded_at: T1, retired_at: T2, unreferenced_since: T1 });
  expect(await describeVersion(ask)).toStrictEqual({
    provider: 'openai',
    version: 1,
    state: 'rewrap_only',
    created_at: expect.any(String) as string,
    superseded_at: T1,
    retired_at: T2,
    unreferenced_since: T1,
    destruction: null,
    destroyable_at: null,
  });
});

test('one that is to be destroyed says from when on it can be', async () => {
  const destruction = { scheduled_at: T2, not_before: T3 };
  const { describeVersion } = withVersion({ unreferenced_since: T1, destruction });
  // 35 days after its last reference, which is later than the window's end.
  expect(await describeVersion(ask)).toMatchObject({ destruction, destroyable_at: '2026-12-06T00:00:00.000Z' });
  const referenced = withVersion({ destruction }).describeVersion;
  expect(await referenced(ask)).toMatchObject({ destruction, destroyable_at: null });
});

test('a version that does not exist is the request’s fault, a keyset that is gone is not', async () => {
  const { world, describeVersion } = withVersion({});
  expect(await failureOf(describeVersion({ ...ask, version: 3 }))).toMatchObject({ code: 'invalid_request' });
  world.home.records.clear();
  expect(await failureOf(describeVersion(ask))).toMatchObject({ code: 'keys_unavailable', reason: 'keyset_missing' });
});

test('a keyset is shown with its versions in full and the rotation that is running', async () => {
  const { world } = withVersion({ superseded_at: T1, retired_at: T2 });
  const rotation = {
    id: '0'.repeat(32),
    phase: 'publishing',
    version: 3,
    from_version: 2,
    emergency: false,
    started_at: T2,
    started_by: 'a',
  } as const;
  world.publish({ ...world.keyset('openai'), rotation });
  const view = await world.application.describeKeyset('openai');
  expect(view.rotation).toStrictEqual({ rotation_id: rotation.id, phase: 'publishing', version: 3 });
  expect(view.versions[0]).toMatchObject({ version: 1, superseded_at: T1, retired_at: T2 });
  expect(JSON.stringify(view)).not.toContain('encrypted_dek');
});
