import {
  abortRotation,
  changePolicy,
  makeEmergency,
  startGrace,
} from '../../../lambdas/core/dek-rotation/dek-rotation';
import { DekRotationReports } from '../../../lambdas/core/dek-rotation/dek-rotation-reports';
import { AuditTrail } from '../../../lambdas/core/audit/audit-trail';
import { PUBLISH_MS } from '../../../lambdas/core/contract/protocol-times';
import { KeysetWriter, type KeysetChange } from '../../../lambdas/core/keysets/keyset-writer';
import { testRandomness } from '../../doubles/memory-ports';
import { DekRotationWorld } from '../../doubles/dek-rotation-world';
import { caller } from '../../doubles/world';

/** A keyset writer as composed for rotations, for a future step. */
function writerOf(world: DekRotationWorld): KeysetWriter {
  const { home: keysets, secrets, clock, metrics } = world;
  const trail = new AuditTrail({ sink: world.audit, clock, randomness: testRandomness, metrics, region: 'us-east-1' });
  const follower = new DekRotationReports({ store: world.rotations, randomness: testRandomness });
  return new KeysetWriter({ keysets, secrets, trail, follower, clock, randomness: testRandomness });
}

const step = (next: KeysetChange['next'], more: Partial<KeysetChange> = {}): KeysetChange => ({
  next,
  event_type: 'rotate',
  operation: 'a_new_step',
  ...more,
});

describe('a step that writes a keyset and does nothing else', () => {
  test('ends a rotation in its report', async () => {
    const world = new DekRotationWorld();
    const id = await world.rotate();
    await writerOf(world).change(caller, 'openai', (record, deps) => step(abortRotation(record, deps)));
    expect(await world.rotations.report('openai', id)).toMatchObject({ status: 'aborted' });
  });

  test('shows in its report who made it an emergency', async () => {
    const world = new DekRotationWorld();
    const id = await world.rotate();
    await writerOf(world).change(caller, 'openai', (record, deps) => step(makeEmergency(record, { by: 'ops' }, deps)));
    expect(await world.rotations.report('openai', id)).toMatchObject({ emergency: true, takeover: { by: 'ops' } });
  });

  test('shows in its report that the grace period has begun', async () => {
    const world = new DekRotationWorld();
    const id = await world.rotate();
    world.clock.time += PUBLISH_MS;
    const held = world.provers[2]!;
    const prove = held.prove.bind(held);
    held.prove = (challenge) => {
      if (world.keyset('openai').primary_version === 2) held.down = true;
      return prove(challenge);
    };
    await world.use.advance('openai');
    expect(await world.rotations.report('openai', id)).toMatchObject({ status: 'rekeying', grace_until: null });
    await writerOf(world).change(caller, 'openai', (record, deps) => step(startGrace(record, deps)));
    const { grace_until: until } = world.keyset('openai').versions[1]!;
    expect(await world.rotations.report('openai', id)).toMatchObject({ grace_until: until });
  });

  test('has done by then what cannot wait, whether the reports answer or not', async () => {
    const world = new DekRotationWorld();
    await world.rotate();
    const done: string[] = [];
    world.rotations.report = () => {
      done.push('report');
      return Promise.reject(new Error('away'));
    };
    const change = writerOf(world).change(caller, 'openai', (record, deps) =>
      step(abortRotation(record, deps), {
        onWritten: () => {
          done.push(world.keyset('openai').rotation === undefined ? 'written' : 'not written');
          return Promise.resolve();
        },
      }),
    );
    await expect(change).rejects.toThrow('away');
    expect(done).toEqual(['written', 'report']);
  });
});

test('a step that no report tells of goes on without them', async () => {
  const world = new DekRotationWorld();
  world.rotations.report = () => Promise.reject(new Error('away'));
  const policy = { enabled: true, interval_days: 30, grace_period_days: 2 };
  const { changed } = await writerOf(world).change(caller, 'openai', (record, deps) =>
    step(changePolicy(record, policy, deps)),
  );
  expect(changed).toBe(true);
  expect(world.keyset('openai').rotation_policy).toMatchObject(policy);
});

test('the shards of a promoted version are sent before the reports are asked', async () => {
  const world = new DekRotationWorld();
  await world.rotate();
  world.queue.take();
  world.clock.time += PUBLISH_MS;
  const report = world.rotations.report.bind(world.rotations);
  world.rotations.report = (provider, id) =>
    world.keyset('openai').primary_version === 2 ? Promise.reject(new Error('away')) : report(provider, id);
  await expect(world.use.advance('openai')).rejects.toThrow('away');
  expect(world.queue.take().filter(({ message }) => message.kind === 'rekey')).toHaveLength(16);
});
