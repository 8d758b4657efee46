import { PUBLISH_MS } from '../../../lambdas/core/contract/protocol-times';
import { signKeyset } from '../../../lambdas/core/keysets/dek-keyset';
import { createDekRotationService } from '../../../lambdas/core/dek-rotation/dek-rotation-service';
import { DekRotationReports } from '../../../lambdas/core/dek-rotation/dek-rotation-reports';
import { testRandomness } from '../../doubles/memory-ports';
import { DekRotationWorld } from '../../doubles/dek-rotation-world';
import { caller } from '../../doubles/world';

const openai = { provider: 'openai', context: {} };
const decrypt = (world: DekRotationWorld, ciphertext: string) =>
  world.restart().decrypt(caller, { ...openai, ciphertext });

/** The maximum number of versions before one more is refused. */
function fillVersions(world: DekRotationWorld): void {
  const { mac: _, ...record } = world.keyset('openai');
  const entry = { state: 'destroyed', created_at: record.dek_created_at } as const;
  const many = Object.fromEntries(Array.from({ length: 499 }, (_each, index) => [String(index + 2), entry]));
  world.publish(signKeyset({ ...record, versions: { ...record.versions, ...many } }, world.keks.primary));
}

describe('starting a rotation', () => {
  it('is refused while one runs, with its id, and that is on record', async () => {
    const world = new DekRotationWorld();
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
    const world = new DekRotationWorld();
    await world.rotate();
    world.audit.down = true;
    await expect(world.rotate()).rejects.toMatchObject({ code: 'audit_unavailable' });
  });

  it('gives the same rotation for the same Idempotency-Key, while it runs and after it has ended', async () => {
    const world = new DekRotationWorld();
    const id = await world.rotate({ idempotency_key: 'once' });
    world.rotations.forgetReports();
    expect(await world.rotate({ idempotency_key: 'once' })).toBe(id);
    await world.deliver();
    expect(await world.rotate({ idempotency_key: 'once' })).toBe(id);
    const stranger = { ...caller, user_id: 'arn:aws:iam::000000000000:user/other' };
    const other = await world.use.rotate(stranger, { provider: 'openai', emergency: false, idempotency_key: 'once' });
    expect(other.rotation_id).not.toBe(id);
  });

  it('refuses an Idempotency-Key that was used for another request, so that no emergency is swallowed', async () => {
    const world = new DekRotationWorld();
    const id = await world.rotate({ idempotency_key: 'once' });
    const emergency = () => world.rotate({ idempotency_key: 'once', emergency: true, reason: 'leaked' });
    await expect(emergency()).rejects.toMatchObject({ code: 'conflict' });
    world.rotations.forgetReports();
    await expect(world.rotate({ idempotency_key: 'once', reason: 'another' })).rejects.toMatchObject({
      code: 'conflict',
    });
    await world.deliver();
    await expect(emergency()).rejects.toMatchObject({ code: 'conflict' });
    world.days(1.1);
    expect(await emergency()).not.toBe(id);
  });

  it('goes on with an emergency that could not be promoted, as soon as it is asked again', async () => {
    const world = new DekRotationWorld();
    world.provers[0]!.down = true;
    world.queue.down = true;
    const id = await world.rotate({ idempotency_key: 'k', emergency: true });
    expect(world.keyset('openai').rotation?.phase).toBe('publishing');
    world.provers[0]!.down = false;
    world.queue.down = false;
    expect(await world.rotate({ idempotency_key: 'k', emergency: true })).toBe(id);
    expect(world.keyset('openai')).toMatchObject({ primary_version: 2, rotation: { id, phase: 'rekeying' } });
  });

  it('refuses one more version where there are too many, but no emergency', async () => {
    const world = new DekRotationWorld();
    fillVersions(world);
    await expect(world.rotate()).rejects.toMatchObject({ code: 'key_version_state' });
    expect(world.audit.events.at(-1)).toMatchObject({ success: false, metadata: { code: 'key_version_state' } });
    await world.rotate({ emergency: true });
    expect(world.keyset('openai').primary_version).toBe(501);
  });

  it('is begun all the same where its message cannot be sent: the sweep goes on', async () => {
    const world = new DekRotationWorld();
    world.queue.down = true;
    const id = await world.rotate();
    expect(world.logger.lines.at(-1)?.message).toContain('the next sweep continues it');
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
    const world = new DekRotationWorld();
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
    const world = new DekRotationWorld();
    const service = createDekRotationService({ rotations: world.use, caller });
    const view = await service.rotateDEKForProvider('openai');
    expect(view).toMatchObject({ provider: 'openai', status: 'publishing', version: 2, moved_per_second: null });
    expect((await service.rotateDEKForProvider('openai')).rotation_id).toBe(view.rotation_id);
  });
});

describe('the reason that is given', () => {
  const reasonsOf = (world: DekRotationWorld) =>
    world.audit.events.map(({ success, metadata }) => [metadata.operation, success, metadata.given_reason]);

  it('is on record with the intent and the outcome of a rotation, and in its report', async () => {
    const world = new DekRotationWorld();
    const id = await world.rotate({ reason: 'a laptop was lost' });
    expect(reasonsOf(world)).toStrictEqual([
      ['publish_version', null, 'a laptop was lost'],
      ['publish_version', true, 'a laptop was lost'],
    ]);
    const view = await world.use.describeRotation({ provider: 'openai', rotation_id: id });
    expect(view).toMatchObject({ reason: 'a laptop was lost', takeover: null });
  });

  it('is on record where a second rotation is refused, and where there are too many versions', async () => {
    const world = new DekRotationWorld();
    await world.rotate();
    await world.rotate({ reason: 'again' });
    expect(reasonsOf(world).at(-1)).toStrictEqual(['rotate', false, 'again']);
    const full = new DekRotationWorld();
    fillVersions(full);
    await expect(full.rotate({ reason: 'the last' })).rejects.toMatchObject({ code: 'key_version_state' });
    expect(reasonsOf(full)).toStrictEqual([['rotate', false, 'the last']]);
  });

  it('of an emergency that takes over is on record and in the report beside that of the rotation', async () => {
    const world = new DekRotationWorld();
    const id = await world.rotate({ reason: 'yearly' });
    await world.rotate({ emergency: true, reason: 'leaked' });
    expect(reasonsOf(world)).toContainEqual(['make_emergency', true, 'leaked']);
    const view = await world.use.describeRotation({ provider: 'openai', rotation_id: id });
    expect(view).toMatchObject({ reason: 'yearly', takeover: { by: caller.user_id, reason: 'leaked' } });
  });

  it('of an emergency that supersedes is in the report of the new rotation', async () => {
    const world = new DekRotationWorld();
    await world.store(2);
    await world.rotate({ emergency: true, reason: 'leaked' });
    const id = await world.rotate({ emergency: true, reason: 'leaked once more' });
    expect(reasonsOf(world)).toContainEqual(['publish_version_emergency', true, 'leaked once more']);
    const view = await world.use.describeRotation({ provider: 'openai', rotation_id: id });
    expect(view).toMatchObject({ emergency: true, reason: 'leaked once more' });
  });

  it('of an emergency that finds one under way is on record, though nothing changes; asked again it is not', async () => {
    const world = new DekRotationWorld();
    world.provers[0]!.down = true;
    const id = await world.rotate({ emergency: true, reason: 'leaked', idempotency_key: 'once' });
    const { revision } = world.keyset('openai');
    expect(await world.rotate({ emergency: true, reason: 'leaked, says support' })).toBe(id);
    expect(await world.rotate({ emergency: true })).toBe(id);
    expect(await world.rotate({ emergency: true, reason: 'leaked', idempotency_key: 'once' })).toBe(id);
    expect(world.keyset('openai').revision).toBe(revision);
    expect(reasonsOf(world).filter(([operation]) => operation === 'join_emergency')).toStrictEqual([
      ['join_emergency', true, 'leaked, says support'],
      ['join_emergency', true, undefined],
    ]);
    world.audit.down = true;
    await expect(world.rotate({ emergency: true })).rejects.toMatchObject({ code: 'audit_unavailable' });
  });

  it('of giving up is on record, also where it is refused', async () => {
    const world = new DekRotationWorld();
    const rotation_id = await world.rotate();
    const abort = (reason?: string) =>
      world.use.abortRotation(caller, { provider: 'openai', rotation_id, ...(reason !== undefined && { reason }) });
    await abort('wrong provider');
    expect(reasonsOf(world).slice(-2)).toStrictEqual([
      ['abort_rotation', null, 'wrong provider'],
      ['abort_rotation', true, 'wrong provider'],
    ]);
    const other = await world.rotate({ emergency: true });
    const late = { provider: 'openai', rotation_id: other, reason: 'too late' };
    await expect(world.use.abortRotation(caller, late)).rejects.toMatchObject({ code: 'rotation_state' });
    expect(reasonsOf(world).at(-1)).toStrictEqual(['abort_rotation', false, 'too late']);
    const none = { ...late, rotation_id: 'f'.repeat(32), reason: 'a typo' };
    await expect(world.use.abortRotation(caller, none)).rejects.toMatchObject({ code: 'rotation_not_found' });
    expect(reasonsOf(world).at(-1)).toStrictEqual(['abort_rotation', false, 'a typo']);
  });
});

describe('an emergency', () => {
  it('is promoted before the answer, names the regions that have not proved it, and ends the grace', async () => {
    const world = new DekRotationWorld();
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
    const world = new DekRotationWorld();
    world.provers[0]!.down = true;
    const id = await world.rotate({ emergency: true });
    expect(world.keyset('openai').rotation).toMatchObject({ id, phase: 'publishing', emergency: true });
    expect(await world.rotate({ emergency: true })).toBe(id);
    world.provers[0]!.down = false;
    await world.deliver();
    expect(world.keyset('openai')).toMatchObject({ primary_version: 2, last_rotation: { id, outcome: 'completed' } });
  });

  it('takes over a rotation that is publishing', async () => {
    const world = new DekRotationWorld();
    const id = await world.rotate();
    expect(await world.rotate({ emergency: true, reason: 'leaked', idempotency_key: 'takeover' })).toBe(id);
    expect(world.keyset('openai')).toMatchObject({
      primary_version: 2,
      rotation: { id, emergency: true, phase: 'rekeying' },
    });
    expect(world.operations()).toContain('make_emergency');
    const view = await world.use.describeRotation({ provider: 'openai', rotation_id: id });
    expect(view.takeover).toStrictEqual({ by: caller.user_id, at: expect.any(String), reason: 'leaked' });
    expect(await world.rotate({ emergency: true, reason: 'leaked', idempotency_key: 'takeover' })).toBe(id);
    await world.deliver();
    expect(await world.rotate({ emergency: true, reason: 'leaked', idempotency_key: 'takeover' })).toBe(id);
    expect(world.keyset('openai').primary_version).toBe(2);
  });

  it('supersedes one that is rekeying, with a version of its own, and retires both before it', async () => {
    const world = new DekRotationWorld();
    await world.store(40);
    const first = await world.rotate();
    world.clock.time += PUBLISH_MS;
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
    const world = new DekRotationWorld();
    await world.store(10);
    await world.rotate();
    world.replicates = false;
    world.clock.time += PUBLISH_MS;
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
    const world = new DekRotationWorld();
    const id = await world.rotate();
    await world.use.abortRotation(caller, { provider: 'openai', rotation_id: id });
    await world.use.abortRotation(caller, { provider: 'openai', rotation_id: id });
    expect(world.keyset('openai')).toMatchObject({ primary_version: 1, highest_version: 2 });
    expect(world.keyset('openai').versions).not.toHaveProperty('2');
    expect(await world.use.describeRotation({ provider: 'openai', rotation_id: id })).toMatchObject({
      status: 'aborted',
      ended_at: expect.any(String),
    });
    await world.deliver();
    await world.rotate();
    expect(world.keyset('openai').rotation?.version).toBe(3);
  });

  it('is refused once it is promoted, has ended, or where there is none', async () => {
    const world = new DekRotationWorld();
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

describe('the report of a rotation', () => {
  it('is turned back by nobody who has read the keyset before', async () => {
    const world = new DekRotationWorld();
    const reports = new DekRotationReports({ store: world.rotations, randomness: testRandomness });
    const id = await world.rotate();
    const publishing = world.keyset('openai');
    await world.use.abortRotation(caller, { provider: 'openai', rotation_id: id });
    await reports.follow(publishing);
    expect(await world.rotations.report('openai', id)).toMatchObject({ status: 'aborted' });

    const second = await world.rotate();
    const early = world.keyset('openai');
    await world.rotate({ emergency: true });
    await reports.follow(early);
    expect(await world.rotations.report('openai', second)).toMatchObject({ status: 'rekeying', emergency: true });
  });

  it('tells of a grace period that starts after the end', async () => {
    const world = new DekRotationWorld();
    await world.store(1);
    const id = await world.rotate();
    world.queue.take();
    world.clock.time += PUBLISH_MS;
    world.replicates = false;
    await world.use.advance('openai');
    world.clock.time += 3_700_000;
    await world.deliver();
    expect(await world.rotations.report('openai', id)).toMatchObject({ status: 'completed', grace_until: null });
    world.replicates = true;
    world.replicate();
    await world.use.sweep();
    await world.use.sweep();
    expect(await world.rotations.report('openai', id)).toMatchObject({
      status: 'completed',
      grace_until: world.keyset('openai').versions[1]?.grace_until,
    });
  });
});

describe('listing rotations', () => {
  it('goes page by page', async () => {
    const world = new DekRotationWorld();
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
