import { PUBLISH_MS } from '../../../lambdas/core/contract/protocol-times';
import { credentialShard, credentialShardAt } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-tables';
import type { CredentialRecord, DamagedCredential } from '../../../lambdas/core/credentials/credential';
import type { DekRotationMessage } from '../../../lambdas/core/dek-rotation/ports/dek-rotation-queue';
import { DekRotationWorld } from '../../doubles/dek-rotation-world';
import { caller } from '../../doubles/world';

const rowsOf = (world: DekRotationWorld) => [...world.credentials.rows.values()] as CredentialRecord[];

/** A world with a promoted rotation, whose messages the test delivers. */
async function promoted(
  count: number,
): Promise<{ world: DekRotationWorld; id: string; messages: DekRotationMessage[] }> {
  const world = new DekRotationWorld();
  await world.store(count);
  const id = await world.rotate();
  world.clock.time += PUBLISH_MS;
  world.queue.take();
  await world.use.advance('openai');
  return { world, id, messages: world.queue.take().map(({ message }) => message) };
}

const put = (world: DekRotationWorld, name: string, apiKey: string) =>
  world.restart().putCredential(caller, { provider: 'openai', name, api_key: apiKey, metadata: { team: 'search' } });

describe('re-encryption', () => {
  it('lets an update by a user in the same moment win, and leaves the revision alone', async () => {
    const { world } = await promoted(20);
    const before = rowsOf(world).map(({ revision }) => revision);
    const [victim] = rowsOf(world);
    let done = false;
    world.credentials.beforePut = (record) => {
      if (done || record.name !== victim!.name) return undefined;
      done = true;
      world.credentials.beforePut = () => undefined;
      world.credentials.rows.set(`openai/${record.name}`, { ...victim!, write_id: 'another', hint: 'user' });
      return undefined;
    };
    world.queue.sent.push(...Array.from({ length: 16 }, (_, shard) => shardMessage(world, shard)));
    await world.deliver();
    expect(done).toBe(true);
    expect(rowsOf(world).find(({ name }) => name === victim!.name)?.hint).toBe('user');
    expect(rowsOf(world).map(({ revision }) => revision)).toStrictEqual(before);
    expect(rowsOf(world).every(({ key_version }) => key_version === 2)).toBe(true);
  });

  it('finds what was written under the old version after its page had been dealt with', async () => {
    const { world, id, messages } = await promoted(5);
    const old = structuredClone(rowsOf(world)[0]!);
    for (const message of messages) await world.hand(message);
    world.credentials.rows.set(`openai/${old.name}`, { ...old, write_id: 'late', revision: 2 });
    world.queue.sent.push(...messages.map((message) => ({ message, delaySeconds: 120 })));
    await world.deliver();
    expect(rowsOf(world).every(({ key_version }) => key_version === 2)).toBe(true);
    const view = await world.use.describeRotation({ provider: 'openai', rotation_id: id });
    expect(view).toMatchObject({ status: 'completed', counts: { total: 5, moved: 6, failed: 0 } });
  });

  it.each([0, 1])('counts and names a damaged row that names version %i, and moves all others', async (version) => {
    const { world, id, messages } = await promoted(30);
    const { name } = rowsOf(world)[3]!;
    const damaged: DamagedCredential = {
      provider: 'openai',
      name,
      damaged: true,
      key_version: version,
      revision: 1,
      row: {},
    };
    world.credentials.rows.set(`openai/${name}`, damaged);
    const dryRun = await world.use.dryRun(caller, { provider: 'openai' });
    expect(dryRun).toMatchObject({ credentials: 30, undecryptable: [name], would_move: 29 });
    world.queue.sent.push(...messages.map((message) => ({ message, delaySeconds: 0 })));
    await world.deliver();
    const view = await world.use.describeRotation({ provider: 'openai', rotation_id: id });
    expect(view).toMatchObject({
      status: 'completed_with_failures',
      failures: [name],
      counts: { moved: 29, failed: 1 },
    });
    expect(rowsOf(world).filter(({ key_version }) => key_version === 2)).toHaveLength(29);
    expect(world.credentials.rows.get(`openai/${name}`)).toEqual(damaged);
  });

  it('passes over a damaged row that names the new version, as over any other', async () => {
    const { world, id, messages } = await promoted(3);
    const { name } = rowsOf(world)[1]!;
    const damaged: DamagedCredential = {
      provider: 'openai',
      name,
      damaged: true,
      key_version: 2,
      revision: 1,
      row: {},
    };
    world.credentials.rows.set(`openai/${name}`, damaged);
    world.queue.sent.push(...messages.map((message) => ({ message, delaySeconds: 0 })));
    await world.deliver();
    const view = await world.use.describeRotation({ provider: 'openai', rotation_id: id });
    expect(view).toMatchObject({ status: 'completed', counts: { total: 3, moved: 2, skipped: 1, failed: 0 } });
  });

  it('counts and names what does not open, leaves it untouched, and ends with failures; the version is not retired', async () => {
    const { world, id, messages } = await promoted(30);
    const victim = rowsOf(world)[3]!;
    const damaged = { ...victim, metadata: { edited: true } };
    world.credentials.rows.set(`openai/${victim.name}`, damaged);
    world.queue.sent.push(...messages.map((message) => ({ message, delaySeconds: 0 })));
    await world.deliver();
    expect(world.keyset('openai').last_rotation).toMatchObject({ id, outcome: 'completed_with_failures' });
    const view = await world.use.describeRotation({ provider: 'openai', rotation_id: id });
    expect(view).toMatchObject({ failures: [victim.name], counts: { moved: 29, failed: 1 } });
    expect(world.credentials.rows.get(`openai/${victim.name}`)).toStrictEqual(damaged);
    expect(world.metrics.of('rekey_failed')).toBeGreaterThan(0);

    world.days(8);
    await world.use.sweep();
    expect(world.keyset('openai').versions[1]?.state).toBe('decrypt_only');
    expect(world.metrics.of('version_referenced')).toBe(1);

    await put(world, victim.name, 'a-new-key');
    await world.use.sweep();
    expect(world.keyset('openai').versions[1]?.state).toBe('rewrap_only');
  });

  it('is not held up by versions that nobody knows, or by what is no token', async () => {
    const { world, id, messages } = await promoted(60);
    const shards = rowsOf(world).map((row) => ({ row, shard: credentialShard('openai', row.name) }));
    const inOne = shards.filter(({ shard }) => shard === shards[0]!.shard).map(({ row }) => row);
    expect(inOne.length).toBeGreaterThan(2);
    const broken = inOne.slice(0, 3);
    const texts = [
      broken[0]!.ciphertext.replace('.1.', '.7.'),
      broken[1]!.ciphertext.replace('.1.', '.8.'),
      'no token',
    ];
    broken.forEach((row, index) => {
      world.credentials.rows.set(`openai/${row.name}`, { ...row, ciphertext: texts[index]! });
    });
    world.queue.sent.push(...messages.map((message) => ({ message, delaySeconds: 0 })));
    await world.deliver();
    expect(world.keyset('openai').last_rotation).toMatchObject({ id, outcome: 'completed_with_failures' });
    const { failures } = await world.use.describeRotation({ provider: 'openai', rotation_id: id });
    expect([...failures].sort()).toStrictEqual(broken.map(({ name }) => name).sort());
    const dryRun = await world.use.dryRun(caller, { provider: 'openai' });
    expect(dryRun.undecryptable).toHaveLength(3);
  });

  it('goes on where the last page ended', async () => {
    const { world, id, messages } = await promoted(0);
    const shard = 3;
    const inShard = Array.from({ length: 8000 }, (_, index) => `n-${index}`)
      .filter((name) => credentialShard('openai', name) === credentialShardAt('openai', shard))
      .slice(0, 250);
    for (const name of inShard) await put(world, name, 'k');
    const message = messages[shard]!;
    expect(await world.use.rekeyShard(message as never, 0)).toBe(0);
    expect(await world.rotations.shard('openai', id, shard)).toMatchObject({
      phase: 'moving',
      total: 250,
      skipped: 200,
    });
    expect(await world.use.rekeyShard(message as never, 0)).toBe(120);
    expect(await world.rotations.shard('openai', id, shard)).toMatchObject({ phase: 'verifying', skipped: 250 });
    world.clock.time += 120_000;
    expect(await world.use.rekeyShard(message as never, 0)).toBeUndefined();
    expect(await world.rotations.shard('openai', id, shard)).toMatchObject({ phase: 'verified', moved: 0 });
  });

  it('leaves a shard to the run that was faster', async () => {
    const { world, id, messages } = await promoted(10);
    world.rotations.beforePut = (row) => ('shard' in row ? 'refused' : undefined);
    expect(await world.hand(messages[0]!)).toBeUndefined();
    world.rotations.beforePut = (row) => ('shard' in row && row.revision > 1 ? 'refused' : undefined);
    expect(await world.hand(messages[0]!)).toBeUndefined();
    expect(await world.rotations.shard('openai', id, 0)).toMatchObject({ revision: 1 });
    expect(world.queue.take()).toStrictEqual([]);
  });

  it('comes back later where keys, tables or the audit log are out of reach', async () => {
    const { world, messages } = await promoted(40);
    world.audit.down = true;
    const busy = messages[(await world.scanner.shardsWith('openai', 1, 1))[0]!]!;
    await expect(world.hand(busy)).rejects.toMatchObject({ code: 'audit_unavailable' });
    world.audit.down = false;
    world.home.down = true;
    await expect(world.hand(busy)).rejects.toMatchObject({ code: 'store_unavailable' });
    world.home.down = false;
    await world.hand(busy);
  });

  it('comes back later, and not at once, where it is not known what was written', async () => {
    const { world, id, messages } = await promoted(8);
    const shard = (await world.scanner.shardsWith('openai', 1, 1))[0]!;
    world.credentials.beforePut = () => 'unknown';
    await expect(world.hand(messages[shard]!)).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(world.audit.events.at(-1)?.metadata).toMatchObject({ operation: 'rekey_credentials', outcome: 'unknown' });
    world.credentials.beforePut = () => undefined;
    world.queue.sent.push(...messages.map((message) => ({ message, delaySeconds: 0 })));
    await world.deliver();
    expect(rowsOf(world).every(({ key_version }) => key_version === 2)).toBe(true);
    expect(world.keyset('openai').last_rotation).toMatchObject({ id, outcome: 'completed' });
  });

  it('writes nothing under keys that were read too long ago', async () => {
    const { world, messages } = await promoted(8);
    const shard = (await world.scanner.shardsWith('openai', 1, 1))[0]!;
    const slow = world.compose({
      auditSink: {
        append: async (event) => {
          world.clock.time += 61_000;
          await world.audit.append(event);
        },
      },
    });
    await slow.rekeyShard(messages[shard] as never, Infinity);
    expect(await world.scanner.shardsWith('openai', 1, 1)).toContain(shard);
    expect(world.audit.events.at(-1)?.metadata).toMatchObject({ operation: 'rekey_credentials', moved: 0 });
  });

  it('is sent again by the sweep for a shard that lost its message, and for none that is verified', async () => {
    const { world, id, messages } = await promoted(30);
    world.clock.time += 121_000;
    for (const message of messages.slice(0, 10)) await world.hand(message);
    world.queue.take();
    const asked = () => world.queue.sent.map(({ message }) => message).filter(({ kind }) => kind !== 'expire');
    await world.use.sweep();
    expect(asked()).toStrictEqual([]);
    world.clock.time += 21 * 60_000;
    await world.use.sweep();
    expect(asked()).toStrictEqual(messages.slice(10));
    await world.deliver();
    expect(world.keyset('openai').last_rotation).toMatchObject({ id, outcome: 'completed' });
  });

  it('does nothing for a rotation that has ended', async () => {
    const { world, messages } = await promoted(3);
    world.queue.sent.push(...messages.map((message) => ({ message, delaySeconds: 0 })));
    await world.deliver();
    const events = world.audit.events.length;
    expect(await world.hand(messages[0]!)).toBeUndefined();
    expect(world.audit.events).toHaveLength(events);
  });
});

describe('a pass that leaves something', () => {
  it('is followed by another one after a pause that grows', async () => {
    const { world, messages } = await promoted(20);
    const shard = (await world.scanner.shardsWith('openai', 1, 1))[0]!;
    world.credentials.beforePut = () => 'refused';
    world.clock.time += 121_000;
    const pauses = [];
    for (let count = 0; count < 7; count += 1) pauses.push(await world.hand(messages[shard]!));
    expect(pauses).toStrictEqual([40, 80, 160, 320, 640, 900, 900]);
  });

  it('takes what could not be opened for what is left only once nothing can be written late', async () => {
    const { world, id, messages } = await promoted(40);
    const shards = rowsOf(world).map((row) => credentialShard('openai', row.name));
    const [broken, healthy] = rowsOf(world).filter((row) => credentialShard('openai', row.name) === shards[0]);
    const early = structuredClone(healthy!);
    world.credentials.rows.set(`openai/${broken!.name}`, { ...broken!, ciphertext: '' });
    for (const message of messages) await world.hand(message);
    // One is repaired by its user, the other is written late: as many are left as did not open.
    await put(world, broken!.name, 'mended');
    world.credentials.rows.set(`openai/${early.name}`, { ...early, write_id: 'late' });
    world.queue.sent.push(...messages.map((message) => ({ message, delaySeconds: 120 })));
    await world.deliver();
    expect(rowsOf(world).every(({ key_version }) => key_version === 2)).toBe(true);
    expect(world.keyset('openai').last_rotation).toMatchObject({ id, outcome: 'completed' });
  });

  it('lets the time until a destruction start anew where a rotation finds something under the version', async () => {
    const { world, messages } = await promoted(3);
    const old = structuredClone(rowsOf(world)[0]!);
    world.queue.sent.push(...messages.map((message) => ({ message, delaySeconds: 0 })));
    await world.deliver();
    world.days(8);
    await world.use.sweep();
    await world.use.scheduleDestruction(caller, { provider: 'openai', version: 1, windowDays: 7 });
    world.days(22);
    world.credentials.rows.set(`openai/${old.name}`, { ...old, write_id: 'restored' });
    await world.rotate({ emergency: true });
    await world.deliver();
    world.days(8);
    await world.use.sweep();
    expect(world.keyset('openai').versions[1]?.state).toBe('rewrap_only');
    world.days(28);
    await world.use.sweep();
    expect(world.keyset('openai').versions[1]?.state).toBe('destroyed');
  });
});

describe('a change of the keyset', () => {
  it('is decided anew where it has no intent in time', async () => {
    const { world } = await promoted(0);
    let slow = 1;
    const held = world.compose({
      auditSink: {
        append: async (event) => {
          if (slow-- > 0) world.clock.time += 600_000;
          await world.audit.append(event);
        },
      },
    });
    const policy = { provider: 'openai', enabled: true, interval_days: 30, grace_period_days: 1 };
    await held.changePolicy(caller, policy);
    const outcomes = world.audit.events.filter(({ metadata }) => metadata.operation === 'change_rotation_policy');
    expect(outcomes.map(({ metadata }) => metadata.outcome ?? metadata.phase)).toStrictEqual([
      'intent',
      'refused',
      'intent',
      'written',
    ]);
  });
});

describe('stragglers', () => {
  it('are moved at any time, and their version counts as referenced again', async () => {
    const { world, messages } = await promoted(2);
    const old = structuredClone(rowsOf(world)[0]!);
    world.queue.sent.push(...messages.map((message) => ({ message, delaySeconds: 0 })));
    await world.deliver();
    world.days(20);
    await world.use.sweep();
    expect(world.keyset('openai').versions[1]).toMatchObject({
      state: 'rewrap_only',
      unreferenced_since: expect.any(String),
    });
    world.credentials.rows.set('openai/late', { ...old, name: 'late', write_id: 'late' });
    world.credentials.rows.set(`openai/${old.name}`, { ...old, write_id: 'late-too' });
    await world.use.sweep();
    const before = world.keyset('openai').versions[1]?.unreferenced_since;
    await world.deliver();
    expect(world.operations()).toContain('note_references');
    expect(world.credentials.rows.get(`openai/${old.name}`)).toMatchObject({ key_version: 2 });
    // The other one is bound to another name and does not open: it stays, and so does the version.
    expect(world.credentials.rows.get('openai/late')).toMatchObject({ key_version: 1 });
    expect(world.keyset('openai').versions[1]).not.toHaveProperty('unreferenced_since');
    await expect(
      world.use.scheduleDestruction(caller, { provider: 'openai', version: 1, windowDays: 7 }),
    ).rejects.toMatchObject({ code: 'key_version_referenced' });
    world.credentials.rows.delete('openai/late');
    await world.use.sweep();
    const after = world.keyset('openai').versions[1]?.unreferenced_since;
    expect(Date.parse(after!)).toBeGreaterThan(Date.parse(before!) - 1);
    expect(world.operations()).toContain('note_no_references');
  });

  it('are left where another version became the primary in between', async () => {
    const { world, messages } = await promoted(2);
    const old = structuredClone(rowsOf(world)[0]!);
    world.queue.sent.push(...messages.map((message) => ({ message, delaySeconds: 0 })));
    await world.deliver();
    world.credentials.rows.set(`openai/${old.name}`, { ...old, write_id: 'late' });
    const shard = (await world.scanner.shardsWith('openai', 1, 1))[0]!;
    const page = world.scanner.page.bind(world.scanner);
    world.scanner.page = async (...query) => {
      await world.rotate({ emergency: true });
      return page.apply(world.scanner, query);
    };
    await world.hand({ kind: 'rekey', provider: 'openai', rotation_id: null, shard });
    expect(world.credentials.rows.get(`openai/${old.name}`)).toMatchObject({ key_version: 1 });
  });
});

const shardMessage = (world: DekRotationWorld, shard: number) => ({
  message: {
    kind: 'rekey' as const,
    provider: 'openai',
    rotation_id: world.keyset('openai').rotation?.id ?? null,
    shard,
  },
  delaySeconds: 0,
});
