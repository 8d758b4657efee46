import { DekRotationWorld } from '../../doubles/dek-rotation-world';
import { caller } from '../../doubles/world';

const openai = { provider: 'openai', context: {} };

describe('a DEK rotation', () => {
  it('publishes, waits for the proofs, promotes, moves what is stored, and ends', async () => {
    const world = new DekRotationWorld();
    await world.store(300);
    const { ciphertext } = await world.application.encrypt(caller, { ...openai, plaintext: 'kept' });
    const id = await world.rotate({ reason: 'yearly' });
    expect(world.keyset('openai')).toMatchObject({ primary_version: 1, versions: { 2: { state: 'pending' } } });

    await world.deliver();
    const keyset = world.keyset('openai');
    expect(keyset).toMatchObject({
      primary_version: 2,
      dek_rotation_count: 1,
      versions: { 1: { state: 'decrypt_only' }, 2: { state: 'primary' } },
      last_rotation: { id, outcome: 'completed' },
    });
    expect(keyset.rotation).toBeUndefined();
    expect(keyset.versions[1]?.grace_until).toBeDefined();
    expect(keyset.versions[1]?.unreferenced_since).toBeDefined();
    expect([...world.credentials.rows.values()].every((row) => 'key_version' in row && row.key_version === 2)).toBe(
      true,
    );
    expect(await world.use.describeRotation({ provider: 'openai', rotation_id: id })).toMatchObject({
      status: 'completed',
      reason: 'yearly',
      counts: { total: 300, moved: 300, skipped: 0, failed: 0, shards: 16, shards_begun: 16, shards_verified: 16 },
      estimated_seconds_left: null,
      failures: [],
    });
    expect(world.operations().filter((operation) => operation !== 'rekey_credentials')).toStrictEqual([
      ...Array.from({ length: 300 }, () => 'put_credential'),
      'publish_version',
      'promote_version',
      'start_grace',
      'complete_rotation',
    ]);

    const revealed = await world.restart().revealCredential(caller, {
      provider: 'openai',
      name: 'key-7',
      consistent: false,
    });
    expect(revealed).toMatchObject({ api_key: 'secret-of-key-7', key_version: 2, revision: 1 });
    const opened = await world.application.decrypt(caller, { ...openai, ciphertext });
    expect(opened).toMatchObject({ plaintext: 'kept', key_version: 1, rewrap_recommended: true });
    expect(world.metrics.of('retiring_version_used')).toBe(1);
  });

  it('retires the old version after its grace period, and destroys it only when asked, after window and copies', async () => {
    const world = new DekRotationWorld();
    await world.store(3);
    const { ciphertext } = await world.application.encrypt(caller, { ...openai, plaintext: 'kept' });
    await world.rotate();
    await world.deliver();
    await expect(
      world.use.scheduleDestruction(caller, { provider: 'openai', version: 1, windowDays: 7 }),
    ).rejects.toMatchObject({ code: 'key_version_state' });
    world.days(6.9);
    await world.use.sweep();
    expect(world.keyset('openai').versions[1]?.state).toBe('decrypt_only');
    world.days(0.2);
    await world.use.sweep();
    expect(world.keyset('openai').versions[1]?.state).toBe('rewrap_only');

    await expect(world.restart().decrypt(caller, { ...openai, ciphertext })).rejects.toMatchObject({
      code: 'key_version_retired',
    });
    const moved = await world.application.rewrap(caller, { ...openai, ciphertext });
    expect(moved.key_version).toBe(2);

    await world.use.scheduleDestruction(caller, { provider: 'openai', version: 1, windowDays: 7 });
    world.days(26);
    await world.use.sweep();
    expect(world.keyset('openai').versions[1]?.state).toBe('rewrap_only');
    world.days(3);
    await world.use.sweep();
    const { state, encrypted_dek, destroyed_at } = world.keyset('openai').versions[1]!;
    expect({ state, encrypted_dek }).toStrictEqual({ state: 'destroyed', encrypted_dek: undefined });
    expect(destroyed_at).toBeDefined();
    expect(world.operations().slice(-2)).toStrictEqual(['schedule_destruction', 'destroy_version']);
    await expect(world.restart().decrypt(caller, { ...openai, ciphertext })).rejects.toMatchObject({
      code: 'decryption_failed',
    });
  });

  it('is started by the sweep when it is due, once, also after a long pause', async () => {
    const world = new DekRotationWorld();
    world.days(89);
    await world.use.sweep();
    expect(world.keyset('openai').rotation).toBeUndefined();
    world.days(300);
    await Promise.all([world.use.sweep(), world.use.sweep()]);
    await world.use.sweep();
    await world.deliver();
    expect(world.keyset('openai')).toMatchObject({ primary_version: 2, dek_rotation_count: 1 });
    const { last_rotation_at, next_rotation_at } = world.keyset('openai').rotation_policy;
    expect(Date.parse(next_rotation_at) - Date.parse(last_rotation_at!)).toBe(90 * 86_400_000);
    expect(world.metrics.gauges.get('dek_age_days')).toBeGreaterThan(380);
  });
});
