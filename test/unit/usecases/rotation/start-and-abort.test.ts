import { createRotationService } from '../../../../lambdas/core/usecases/rotation-service';
import { RotationWorld } from '../../../doubles/rotation-world';
import { caller } from '../../../doubles/world';

const openai = { provider: 'openai', context: {} };
const decrypt = (world: RotationWorld, ciphertext: string) =>
  world.restart().decrypt(caller, { ...openai, ciphertext });

describe('starting a rotation', () => {
  it('is refused while one runs, with its id, and that is on record', async () => {
    const world = new RotationWorld();
    const id = await world.rotate();
    const again = await world.use.rotate(caller, { provider: 'openai', emergency: false });
    expect(again).toStrictEqual({ kind: 'running', rotation_id: id });
    expect(world.keyset('openai').revision).toBe(2);
    expect(world.audit.events.at(-1)).toMatchObject({
      event_type: 'rotate',
      success: false,
      metadata: { code: 'rotation_running', rotation_id: id },
    });
  });

  it('answers nothing where that refusal cannot be recorded', async () => {
    const world = new RotationWorld();
    await world.rotate();
    world.audit.down = true;
    await expect(world.rotate()).rejects.toMatchObject({ code: 'audit_unavailable' });
  });

  it('gives the same rotation for the same Idempotency-Key, while it runs and after it has ended', async () => {
    const world = new RotationWorld();
    const id = await world.rotate({ idempotency_key: 'once' });
    world.rotations.reportRows.clear();
    expect(await world.rotate({ idempotency_key: 'once' })).toBe(id);
    expect(await world.rotate({ idempotency_key: 'once', emergency: true })).toBe(id);
    await world.deliver();
    expect(await world.rotate({ idempotency_key: 'once' })).toBe(id);
    const stranger = { ...caller, user_id: 'arn:aws:iam::000000000000:user/other' };
    const other = await world.use.rotate(stranger, { provider: 'openai', emergency: false, idempotency_key: 'once' });
    expect(other.rotation_id).not.toBe(id);
  });

  it('is begun all the same where its message cannot be sent: the sweep goes on', async () => {
    const world = new RotationWorld();
    world.queue.down = true;
    const id = await world.rotate();
    expect(world.logger.lines.at(-1)?.message).toContain('goes on with the next sweep');
    world.days(1);
    await world.use.sweep();
    expect(world.keyset('openai').rotation).toMatchObject({ id, phase: 'rekeying' });
    world.queue.down = false;
    world.days(1);
    await world.use.sweep();
    await world.deliver();
    expect(world.keyset('openai').last_rotation).toMatchObject({ id, outcome: 'completed' });
  });

  it('goes by the keyset where its report could not be written', async () => {
    const world = new RotationWorld();
    let answers = 0;
    world.rotations.beforePut = () => (answers++ < 5 ? 'refused' : undefined);
    await expect(world.rotate({ reason: 'why' })).rejects.toMatchObject({ code: 'conflict' });
    const running = await world.use.rotate(caller, { provider: 'openai', emergency: false });
    expect(running.kind).toBe('running');
    expect(await world.use.describeRotation({ provider: 'openai', rotation_id: running.rotation_id })).toMatchObject({
      reason: 'why',
      started_by: caller.user_id,
    });
  });

  it('is what code asks for by its old name', async () => {
    const world = new RotationWorld();
    const service = createRotationService({ rotations: world.use, caller });
    const view = await service.rotateDEKForProvider('openai');
    expect(view).toMatchObject({ provider: 'openai', status: 'publishing', version: 2, moved_per_second: null });
    expect((await service.rotateDEKForProvider('openai')).rotation_id).toBe(view.rotation_id);
  });
});

describe('an emergency', () => {
  it('is promoted before the answer, names the regions that have not proved it, and ends the grace', async () => {
    const world = new RotationWorld();
    await world.store(2);
    const { ciphertext } = await world.application.encrypt(caller, { ...openai, plaintext: 'kept' });
    world.replicates = false;
    const id = await world.rotate({ emergency: true });
    expect(world.keyset('openai')).toMatchObject({ primary_version: 2, versions: { 1: { state: 'rewrap_only' } } });
    expect(await world.use.describeRotation({ provider: 'openai', rotation_id: id })).toMatchObject({
      status: 'rekeying',
      emergency: true,
      unproved_regions: ['eu-west-1', 'ap-south-1'],
    });
    const promotion = world.audit.events.find(({ metadata }) => metadata.operation === 'promote_version');
    expect(promotion?.metadata.unproved_regions).toBe('eu-west-1,ap-south-1');
    expect(world.metrics.of('region_unproved')).toBeGreaterThan(0);
    world.replicate();
    await expect(decrypt(world, ciphertext)).rejects.toMatchObject({ code: 'key_version_retired' });
    await world.deliver();
    expect(world.keyset('openai').last_rotation).toMatchObject({ id, outcome: 'completed' });
  });

  it('waits for the home region alone', async () => {
    const world = new RotationWorld();
    world.provers[0]!.down = true;
    const id = await world.rotate({ emergency: true });
    expect(world.keyset('openai').rotation).toMatchObject({ id, phase: 'publishing', emergency: true });
    expect(await world.rotate({ emergency: true })).toBe(id);
    world.provers[0]!.down = false;
    await world.deliver();
    expect(world.keyset('openai')).toMatchObject({ primary_version: 2, last_rotation: { id, outcome: 'completed' } });
  });

  it('takes over a rotation that is publishing', async () => {
    const world = new RotationWorld();
    const id = await world.rotate();
    expect(await world.rotate({ emergency: true })).toBe(id);
    expect(world.keyset('openai')).toMatchObject({
      primary_version: 2,
      rotation: { id, emergency: true, phase: 'rekeying' },
    });
    expect(world.operations()).toContain('make_emergency');
  });

  it('supersedes one that is rekeying, with a version of its own, and retires both before it', async () => {
    const world = new RotationWorld();
    await world.store(40);
    const first = await world.rotate();
    world.clock.time += 63_000;
    world.queue.take();
    await world.use.advance('openai');
    expect(world.keyset('openai').rotation).toMatchObject({ phase: 'rekeying' });
    const late = world.queue.take().map(({ message }) => message);
    await world.hand(late[0]!);
    const second = await world.rotate({ emergency: true });
    expect(second).not.toBe(first);
    expect(world.keyset('openai')).toMatchObject({
      primary_version: 3,
      versions: { 1: { state: 'rewrap_only' }, 2: { state: 'rewrap_only' }, 3: { state: 'primary' } },
    });
    expect(await world.hand(late[1]!)).toBeUndefined();
    await world.deliver();
    expect(world.keyset('openai').last_rotation).toMatchObject({ id: second, outcome: 'completed' });
    const { rotations } = await world.use.listRotations({ provider: 'openai', limit: 5 });
    expect(rotations.map(({ rotation_id, status }) => [rotation_id, status])).toStrictEqual([
      [second, 'completed'],
      [first, 'superseded'],
    ]);
  });

  it('that is aborted after it took over leaves the one before to the sweep', async () => {
    const world = new RotationWorld();
    await world.store(10);
    await world.rotate();
    world.replicates = false;
    world.clock.time += 63_000;
    world.replicate();
    await world.use.advance('openai');
    world.queue.take();
    world.provers[0]!.down = true;
    const second = await world.rotate({ emergency: true });
    await world.use.abortRotation(caller, { provider: 'openai', rotation_id: second });
    world.provers[0]!.down = false;
    world.replicates = true;
    world.replicate();
    world.queue.take();
    await world.use.sweep();
    await world.deliver();
    expect(world.keyset('openai').versions[1]?.grace_until).toBeDefined();
    expect([...world.credentials.rows.values()].every((row) => 'key_version' in row && row.key_version === 2)).toBe(
      true,
    );
  });
});

describe('aborting a rotation', () => {
  it('destroys the version that was never used, and its number is not used again', async () => {
    const world = new RotationWorld();
    const id = await world.rotate();
    await world.use.abortRotation(caller, { provider: 'openai', rotation_id: id });
    await world.use.abortRotation(caller, { provider: 'openai', rotation_id: id });
    expect(world.keyset('openai')).toMatchObject({ primary_version: 1, versions: { 2: { state: 'destroyed' } } });
    expect(world.keyset('openai').versions[2]).not.toHaveProperty('encrypted_dek');
    expect(await world.use.describeRotation({ provider: 'openai', rotation_id: id })).toMatchObject({
      status: 'aborted',
      ended_at: expect.any(String),
    });
    await world.deliver();
    await world.rotate();
    expect(world.keyset('openai').rotation?.version).toBe(3);
  });

  it('is refused once it is promoted, has ended, or where there is none', async () => {
    const world = new RotationWorld();
    const id = await world.rotate({ emergency: true });
    const abort = (rotation_id: string) => world.use.abortRotation(caller, { provider: 'openai', rotation_id });
    await expect(abort(id)).rejects.toMatchObject({ code: 'rotation_state' });
    await world.deliver();
    await expect(abort(id)).rejects.toMatchObject({ code: 'rotation_state' });
    await expect(abort('f'.repeat(32))).rejects.toMatchObject({ code: 'rotation_not_found' });
    expect(world.audit.events.at(-1)).toMatchObject({ success: false, metadata: { code: 'rotation_not_found' } });
    await expect(world.use.describeRotation({ provider: 'openai', rotation_id: 'f'.repeat(32) })).rejects.toMatchObject(
      { code: 'rotation_not_found' },
    );
  });
});

describe('listing rotations', () => {
  it('goes page by page', async () => {
    const world = new RotationWorld();
    for (let count = 0; count < 3; count += 1) {
      await world.rotate({ emergency: true });
      await world.deliver();
    }
    const first = await world.use.listRotations({ provider: 'openai', limit: 2 });
    expect(first.rotations.map(({ version }) => version)).toStrictEqual([4, 3]);
    const second = await world.use.listRotations({ provider: 'openai', limit: 2, before: first.next! });
    expect(second.rotations.map(({ version }) => version)).toStrictEqual([2]);
    expect(second.next).toBeUndefined();
    expect(await world.use.listRotations({ provider: 'google', limit: 2 })).toStrictEqual({ rotations: [] });
  });
});
