import { MAX_TRIES } from '../../../lambdas/core/kek-rotation/kek-rotation-driver';
import { KeywardError } from '../../../lambdas/core/errors/errors';
import { KekInMemory } from '../../doubles/kek-in-memory';
import { World, caller } from '../../doubles/world';

const PENDING = 'b'.repeat(32);

function stage() {
  const world = new World();
  const kek = new KekInMemory();
  world.clock.time = Date.parse(kek.record.keys[kek.record.primary]!.created_at) + 22.9 * 86_400_000;
  return { world, kek, ...kek.operations(world) };
}

test('describes the KEK without key material: place, version, age, when it is rotated next, and the regions', async () => {
  const { kek, describeKek } = stage();
  const view = await describeKek();
  expect(view).toStrictEqual({
    source: 'vault',
    place: 'secret/keyward/kek',
    version_id: kek.versionId,
    kek_id: kek.record.primary,
    kek_count: 1,
    created_at: '2026-10-30T08:00:00.000Z',
    age_days: 22,
    interval_days: 90,
    next_rotation_at: '2027-01-28T08:00:00.000Z',
    pending: null,
    regions: [
      { region: 'us-east-1', state: 'current' },
      { region: 'eu-west-1', state: 'current' },
    ],
  });
  for (const { material } of Object.values(kek.record.keys)) expect(JSON.stringify(view)).not.toContain(material);
});

test('a KEK that a clock ahead has made is of today', async () => {
  const { world, describeKek } = stage();
  world.clock.time -= 400 * 86_400_000;
  expect(await describeKek()).toMatchObject({ age_days: 0 });
});

test.each([
  ['behind', 'c'.repeat(32)],
  ['no_answer', undefined],
])('tells a region that is %s', async (state, seen) => {
  const { kek, describeKek } = stage();
  kek.seen = seen;
  expect((await describeKek()).regions[1]).toEqual({ region: 'eu-west-1', state });
});

test('tells a pending rotation and its tries, and none that has ended meanwhile', async () => {
  const { kek, describeKek } = stage();
  kek.pendingId = PENDING;
  kek.tries = 3;
  expect((await describeKek()).pending).toEqual({ version_id: PENDING, tries: 3, max_tries: MAX_TRIES });
  const ended = stage();
  ended.kek.pendingId = PENDING;
  const described = ended.describeKek();
  ended.kek.pendingId = undefined;
  // The versions were read before.
  expect((await described).pending).toBeNull();
});

test('where Secrets Manager drives the rotation, the number of tries is not known', async () => {
  const { kek, world } = stage();
  kek.pendingId = PENDING;
  expect((await kek.operations(world, { isDriven: false }).describeKek()).pending).toEqual({
    version_id: PENDING,
    tries: null,
    max_tries: null,
  });
});

test('a request starts a rotation, on record by its caller', async () => {
  const { world, kek, requestKekRotation } = stage();
  kek.onRequest = async () => {
    kek.pendingId = PENDING;
    return Promise.resolve();
  };
  expect(await requestKekRotation(caller)).toMatchObject({ pending: { version_id: PENDING, tries: 0 } });
  expect(kek.requests).toBe(1);
  expect(world.audit.events).toMatchObject([
    {
      user_id: caller.user_id,
      event_type: 'rotate',
      provider: null,
      metadata: { operation: 'request_kek_rotation', phase: 'intent' },
    },
    { success: true, metadata: { phase: 'outcome', outcome: 'written' } },
  ]);
});

test('a secret with many KEKs is left to the schedule, on record; a pending rotation goes on', async () => {
  const { world, kek, requestKekRotation } = stage();
  kek.grow(99);
  await expect(requestKekRotation(caller)).rejects.toMatchObject({ code: 'conflict' });
  expect(kek.requests).toBe(0);
  expect(world.audit.events).toMatchObject([{ success: false, metadata: { code: 'conflict' } }]);
  kek.pendingId = PENDING;
  await requestKekRotation(caller);
  expect(kek.requests).toBe(1);
});

test('while a move of the KEK stands it is refused, on record', async () => {
  const { world, kek } = stage();
  const moves = {
    mayChange: () => Promise.resolve(false),
    assertMayChange: () => Promise.reject(new KeywardError('conflict', 'the KEK is being moved from local to vault')),
  };
  const { requestKekRotation } = kek.operations(world, { moves });
  await expect(requestKekRotation(caller)).rejects.toMatchObject({ code: 'conflict' });
  expect(kek.requests).toBe(0);
  expect(world.audit.events).toMatchObject([{ success: false, metadata: { code: 'conflict' } }]);
});

test.each(['conflict', 'configuration_invalid'] as const)(
  'a request that was refused with %s is told as it is',
  async (code) => {
    const { world, kek, requestKekRotation } = stage();
    kek.onRequest = () => Promise.reject(new KeywardError(code, 'the path keeps fewer than 10 versions'));
    await expect(requestKekRotation(caller)).rejects.toMatchObject({
      code,
      message: 'the path keeps fewer than 10 versions',
    });
    expect(world.audit.events).toMatchObject([{}, { success: false, metadata: { outcome: 'refused' } }]);
  },
);

test('a request that may have arrived is unknown, and one whose event cannot be written is not made', async () => {
  const { world, kek, requestKekRotation } = stage();
  kek.onRequest = () => Promise.reject(new KeywardError('store_unavailable', 'no answer'));
  await expect(requestKekRotation(caller)).rejects.toMatchObject({ code: 'outcome_unknown' });
  world.audit.down = true;
  await expect(requestKekRotation(caller)).rejects.toMatchObject({ code: 'audit_unavailable' });
  expect(kek.requests).toBe(1);
});
