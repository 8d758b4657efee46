import { PUBLISH_MS } from '../../../lambdas/core/contract/protocol-times';
import { newKekSecretRecord, parseKekSecret, serializeKekSecret } from '../../../lambdas/core/crypto/kek-keyset';
import { rewrapKeyset } from '../../../lambdas/core/kek-rotation/rewrap-keyset';
import { createProveKeyset } from '../../../lambdas/core/dek-rotation/prove-keyset';
import { testRandomness } from '../../doubles/memory-ports';
import { DekRotationWorld } from '../../doubles/dek-rotation-world';

const phaseOf = (world: DekRotationWorld) => world.keyset('openai').rotation?.phase;

describe('the proofs of the regions', () => {
  it('are all needed, and not one of them before every process knows the version', async () => {
    const world = new DekRotationWorld();
    const id = await world.rotate();
    expect(await world.use.advance('openai')).toBe(10);
    world.clock.time += PUBLISH_MS - 1000;
    expect(await world.use.advance('openai')).toBe(21);
    expect(phaseOf(world)).toBe('publishing');
    const view = await world.use.describeRotation({ provider: 'openai', rotation_id: id });
    expect(view.regions.map(({ proved_at }) => typeof proved_at)).toStrictEqual(['string', 'string', 'string']);
    world.clock.time += 1000;
    await world.use.advance('openai');
    expect(phaseOf(world)).toBe('rekeying');
    // Existing proofs were not requested again.
    const asked = world.provers[1]!.challenges.map(({ version, revision }) => [version, revision]);
    expect(asked).toStrictEqual([
      [2, 2],
      [2, 3],
    ]);
  });

  it('keep a rotation waiting, with an alarm, as long as one is missing; then the sweep alone looks', async () => {
    const world = new DekRotationWorld();
    world.provers[2]!.down = true;
    await world.rotate();
    world.clock.time += 70_000;
    await world.use.advance('openai');
    expect(world.metrics.of('region_unproved')).toBe(0);
    world.clock.time += 600_000;
    expect(await world.use.advance('openai')).toBe(168);
    expect(world.metrics.of('region_unproved')).toBe(1);
    world.clock.time += 3_600_000;
    expect(await world.use.advance('openai')).toBeUndefined();
    expect(phaseOf(world)).toBe('publishing');
    world.provers[2]!.down = false;
    await world.use.sweep();
    expect(phaseOf(world)).toBe('rekeying');
  });

  it('hold for one revision and KEK: a rewrap in between asks for new ones', async () => {
    const world = new DekRotationWorld();
    await world.rotate();
    world.clock.time += PUBLISH_MS;
    world.provers[2]!.down = true;
    await world.use.advance('openai');
    const [first] = [...world.keks.keks.values()];
    const next = parseKekSecret(serializeKekSecret(newKekSecretRecord(testRandomness, world.clock.now())));
    const both = { ...next, keks: new Map([...next.keks, [first!.id, first!]]) };
    world.secrets.stored = both;
    world.publish(rewrapKeyset(world.keyset('openai'), first!, next.primary, testRandomness));
    world.provers[2]!.down = false;
    await world.use.advance('openai');
    expect(phaseOf(world)).toBe('rekeying');
    expect(world.provers[1]!.challenges.map(({ revision, kek_id }) => [revision, kek_id])).toContainEqual([
      3,
      next.primary.id,
    ]);
  });

  it('do not count where the keyset has changed while they were given', async () => {
    const world = new DekRotationWorld();
    await world.rotate();
    world.clock.time += PUBLISH_MS;
    const policy = { provider: 'openai', enabled: true, interval_days: 30, grace_period_days: 1 };
    const prove = world.provers[1]!.prove.bind(world.provers[1]!);
    world.provers[1]!.prove = async (challenge) => {
      const proof = await prove.call(world.provers[1], challenge);
      await world.use.changePolicy({ user_id: 'u', ip_address: null, user_agent: null, request_id: 'r' }, policy);
      return proof;
    };
    await world.use.advance('openai');
    expect(phaseOf(world)).toBe('publishing');
    await world.use.advance('openai');
    expect(phaseOf(world)).toBe('rekeying');
  });

  it('must be of the key itself: a wrong one is none', async () => {
    const world = new DekRotationWorld();
    world.provers[0]!.prove = () => Promise.resolve(Buffer.alloc(32).toString('base64'));
    world.provers[1]!.prove = () => Promise.resolve('no proof');
    await world.rotate();
    world.clock.time += PUBLISH_MS;
    await world.use.advance('openai');
    expect(phaseOf(world)).toBe('publishing');
    expect(world.logger.lines.filter(({ message }) => message.includes('has not proved'))).toHaveLength(2);
  });

  it('are acknowledgements too: the grace period starts when every region has the promotion', async () => {
    const world = new DekRotationWorld();
    const id = await world.rotate();
    world.clock.time += PUBLISH_MS;
    world.replicates = false;
    world.provers[1]!.down = true;
    world.provers[1]!.down = false;
    expect(await world.use.advance('openai')).toBe(10);
    expect(world.keyset('openai').versions[1]).toMatchObject({ state: 'decrypt_only' });
    expect(world.keyset('openai').versions[1]).not.toHaveProperty('grace_until');
    const half = await world.use.describeRotation({ provider: 'openai', rotation_id: id });
    expect(half.regions.map(({ acknowledged_at }) => acknowledged_at === null)).toStrictEqual([true, true, false]);
    world.days(30);
    expect(await world.use.advance('openai')).toBeUndefined();
    world.replicate();
    world.replicates = true;
    await world.use.advance('openai');
    const until = Date.parse(world.keyset('openai').versions[1]?.grace_until ?? '');
    expect(until - world.clock.now()).toBe(7 * 86_400_000);
    expect(world.provers[0]!.challenges.filter(({ revision }) => revision === 3)).toHaveLength(1);
  });
});

describe('proving', () => {
  const challengeOf = (world: DekRotationWorld) => {
    const { revision, kek_id } = world.keyset('openai');
    return { provider: 'openai', version: 1, revision, kek_id, nonce: 'ab'.repeat(32) };
  };
  const proveIn = (world: DekRotationWorld) => createProveKeyset({ keysets: world.local, secrets: world.secrets });

  it('is refused for another revision, another KEK, a version without a key, and a keyset that is not there', async () => {
    const world = new DekRotationWorld();
    const prove = proveIn(world);
    const challenge = challengeOf(world);
    expect(await prove(challenge)).toHaveLength(44);
    const others = [
      { ...challenge, revision: 2 },
      { ...challenge, kek_id: 'kek-other' },
      { ...challenge, version: 2 },
    ];
    for (const other of others) await expect(prove(other)).rejects.toMatchObject({ code: 'keys_unavailable' });
    world.local.records.clear();
    await expect(prove(challenge)).rejects.toMatchObject({ reason: 'keyset_missing' });
  });
});
