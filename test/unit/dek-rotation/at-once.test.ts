import { PUBLISH_MS, SEALED_MAX_AGE_MS, SETTLE_MS } from '../../../lambdas/core/contract/protocol-times';
import { credentialShard } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-tables';
import type { CredentialRecord } from '../../../lambdas/core/credentials/credential';
import { createListVersionCallers } from '../../../lambdas/core/audit/version-callers';
import { DekRotationWorld } from '../../doubles/dek-rotation-world';
import { caller } from '../../doubles/world';

const outcomesOf = (world: DekRotationWorld, operation: string) =>
  world.audit.events.filter(({ metadata }) => metadata.operation === operation && metadata.outcome === 'written');

const rekeyMessage = (world: DekRotationWorld, shard: number) => ({
  kind: 'rekey' as const,
  provider: 'openai',
  rotation_id: world.keyset('openai').rotation?.id ?? null,
  shard,
});

const firstShard = (): number => Number(credentialShard('openai', 'key-0').slice(-2));

describe('several at once', () => {
  it.each([2, 3])('%d processes do each step once', async (count) => {
    const world = new DekRotationWorld();
    await world.store(3);
    await world.rotate();
    world.clock.time += PUBLISH_MS;
    const all = () => Promise.all(Array.from({ length: count }, () => world.compose().advance('openai')));
    await all();
    world.clock.time += SETTLE_MS;
    const messages = world.queue.take().filter(({ message }) => message.kind === 'rekey');
    for (const { message } of messages) await world.hand(message);
    await all();
    expect(world.keyset('openai')).toMatchObject({
      dek_rotation_count: 1,
      last_rotation: { outcome: 'completed' },
    });
    for (const operation of ['promote_version', 'start_grace', 'complete_rotation']) {
      expect(outcomesOf(world, operation)).toHaveLength(1);
    }
  });

  it('leave a promotion to the one that was faster', async () => {
    const world = new DekRotationWorld();
    await world.rotate();
    world.clock.time += PUBLISH_MS;
    const prove = world.provers[0]!.prove.bind(world.provers[0]);
    let isFirst = true;
    world.provers[0]!.prove = async (challenge) => {
      if (isFirst) {
        isFirst = false;
        await world.use.advance('openai');
      }
      return prove(challenge);
    };
    await world.use.advance('openai');
    expect(outcomesOf(world, 'promote_version')).toHaveLength(1);
    expect(world.keyset('openai').rotation?.phase).toBe('rekeying');
  });

  it('leave the start of a grace period, and the end, to the one that was faster', async () => {
    const world = new DekRotationWorld();
    await world.rotate();
    world.clock.time += PUBLISH_MS;
    const prove = world.provers[2]!.prove.bind(world.provers[2]);
    let asked = 0;
    world.provers[2]!.prove = async (challenge) => {
      asked += 1;
      if (asked === 2) await world.use.advance('openai');
      return prove(challenge);
    };
    await world.use.advance('openai');
    await world.use.advance('openai');
    expect(outcomesOf(world, 'start_grace')).toHaveLength(1);
    world.clock.time += SETTLE_MS;
    const messages = world.queue.take().filter(({ message }) => message.kind === 'rekey');
    for (const { message } of messages) await world.hand(message);
    const shards = world.rotations.shards.bind(world.rotations);
    let isFirst = true;
    world.rotations.shards = async (...query) => {
      const found = await shards(...query);
      if (isFirst) {
        isFirst = false;
        await world.use.advance('openai');
      }
      return found;
    };
    await world.use.advance('openai');
    expect(outcomesOf(world, 'complete_rotation')).toHaveLength(1);
  });

  it('stop where an emergency has taken over in the middle of a page', async () => {
    const world = new DekRotationWorld();
    await world.store(1);
    await world.rotate();
    world.clock.time += PUBLISH_MS;
    await world.use.advance('openai');
    const message = rekeyMessage(world, firstShard());
    const page = world.scanner.page.bind(world.scanner);
    let isFirst = true;
    world.scanner.page = async (...query) => {
      if (isFirst) {
        isFirst = false;
        await world.rotate({ emergency: true });
      }
      return page(...query);
    };
    expect(await world.use.rekeyShard(message, Infinity)).toBeUndefined();
    expect(world.credentials.rows.get('openai/key-0')).toMatchObject({ key_version: 1 });
  });

  it('note once that a version is referred to again', async () => {
    const world = new DekRotationWorld();
    await world.store(1);
    const old = structuredClone(world.credentials.rows.get('openai/key-0')!) as CredentialRecord;
    await world.rotate();
    await world.deliver();
    world.credentials.rows.set('openai/key-0', { ...old, write_id: 'late' });
    const message = rekeyMessage(world, firstShard());
    const page = world.scanner.page.bind(world.scanner);
    let isFirst = true;
    world.scanner.page = async (...query) => {
      const found = await page(...query);
      if (isFirst) {
        isFirst = false;
        await world.use.rekeyShard(message, Infinity);
      }
      return found;
    };
    await world.use.rekeyShard(message, Infinity);
    expect(outcomesOf(world, 'note_references')).toHaveLength(1);
    expect(world.credentials.rows.get('openai/key-0')).toMatchObject({ key_version: 2 });
  });
});

describe('stragglers of a whole shard', () => {
  it('are moved page by page', async () => {
    const world = new DekRotationWorld();
    await world.store(60);
    const rows = structuredClone(world.credentials.rows);
    await world.rotate();
    await world.deliver();
    for (const [key, row] of rows)
      world.credentials.rows.set(key, { ...(row as CredentialRecord), write_id: `late ${key}` });
    const page = world.scanner.page.bind(world.scanner);
    world.scanner.page = (provider, shard, query) => page(provider, shard, { ...query, limit: 1 });
    await world.use.sweep();
    await world.deliver();
    expect([...world.credentials.rows.values()].every((row) => 'key_version' in row && row.key_version === 2)).toBe(
      true,
    );
  });
});

describe('what fails in between', () => {
  it('is not taken for a credential that does not open: the audit log, and keys that are gone for a moment', async () => {
    const world = new DekRotationWorld();
    await world.store(1);
    const row = world.credentials.rows.get('openai/key-0') as CredentialRecord;
    world.credentials.rows.set('openai/key-0', { ...row, ciphertext: 'no token' });
    await world.rotate({ emergency: true });
    const message = rekeyMessage(world, firstShard());
    world.audit.down = true;
    await expect(world.use.rekeyShard(message, Infinity)).rejects.toMatchObject({ code: 'audit_unavailable' });
    world.audit.down = false;
    const current = world.secrets.current.bind(world.secrets);
    let calls = 0;
    world.secrets.current = async () => {
      calls += 1;
      const keks = await current();
      return calls === 2 ? { ...keks, keks: new Map() } : keks;
    };
    await expect(world.use.abortRotation(caller, { provider: 'openai', rotation_id: 'x' })).rejects.toMatchObject({
      reason: 'unknown_kek',
    });
  });

  it('keeps a version in its grace period where a credential refers to it that no index shows', async () => {
    const world = new DekRotationWorld();
    await world.store(1);
    const row = world.credentials.rows.get('openai/key-0') as CredentialRecord;
    world.credentials.rows.set('openai/key-0', { ...row, ciphertext: 'no token' });
    await world.rotate();
    await world.deliver();
    world.days(8);
    world.scanner.hint = [];
    await world.use.sweep();
    expect(world.keyset('openai').versions[1]).toMatchObject({ state: 'decrypt_only' });
    expect(world.metrics.of('version_referenced')).toBe(1);
  });

  it('does not write a credential that was sealed too long ago, whatever the caller demands of it', async () => {
    const world = new DekRotationWorld();
    await world.store(1);
    const append = world.audit.append.bind(world.audit);
    let isFirst = true;
    world.audit.append = async (event) => {
      if (isFirst) world.clock.time += SEALED_MAX_AGE_MS + 1;
      isFirst = false;
      await append(event);
    };
    const { credential } = await world.application.putCredential(caller, {
      provider: 'openai',
      name: 'key-0',
      api_key: 'k',
      metadata: {},
      precondition: { one_of: [1] },
    });
    expect(credential.revision).toBe(2);
    const outcomes = world.audit.events.slice(-3).map(({ metadata: { phase, outcome } }) => outcome ?? phase);
    expect(outcomes).toStrictEqual(['refused', 'intent', 'written']);
  });

  it('leaves the report of a rotation alone that is gone', async () => {
    const world = new DekRotationWorld();
    const id = await world.rotate();
    await world.use.abortRotation(caller, { provider: 'openai', rotation_id: id });
    world.rotations.forgetReports();
    await world.use.sweep();
    expect(world.rotations.storedReports).toHaveLength(0);
  });
});

describe('what is shown', () => {
  it('is how far a rotation is, and how long it will take', async () => {
    const world = new DekRotationWorld();
    await world.store(30);
    const id = await world.rotate();
    await world.rotate({ emergency: true });
    const messages = world.queue.take().filter(({ message }) => message.kind === 'rekey');
    const page = world.scanner.page.bind(world.scanner);
    world.scanner.page = (provider, shard, query) => {
      world.clock.time += 1000;
      return page(provider, shard, { ...query, limit: 1 });
    };
    for (const { message } of messages) await world.use.rekeyShard(message as never, 0);
    const view = await world.use.describeRotation({ provider: 'openai', rotation_id: id });
    expect(view.counts.moved).toBeGreaterThan(0);
    expect(view.counts.moved).toBeLessThan(30);
    expect(view.moved_per_second).toBeGreaterThan(0);
    expect(view.estimated_seconds_left).toBeGreaterThan(0);
    expect(view.takeover).toMatchObject({ reason: null });
  });

  it('is when the verification can begin, once all is moved', async () => {
    const world = new DekRotationWorld();
    await world.store(30);
    const id = await world.rotate({ emergency: true });
    const view = () => world.use.describeRotation({ provider: 'openai', rotation_id: id });
    expect(await view()).toMatchObject({ counts: { shards_begun: 0 }, estimated_seconds_left: SETTLE_MS / 1000 });
    const messages = world.queue.take().filter(({ message }) => message.kind === 'rekey');
    const [first, ...others] = messages;
    world.clock.time += 1000;
    await world.use.rekeyShard(first?.message as never, Infinity);
    // No time passes, so no rate is measured, and fifteen shards have not reported their size.
    expect(await view()).toMatchObject({ counts: { shards_begun: 1 }, estimated_seconds_left: null });
    for (const { message } of others) {
      world.clock.time += 1000;
      await world.use.rekeyShard(message as never, Infinity);
    }
    expect(await view()).toMatchObject({
      counts: { total: 30, moved: 30, shards_begun: 16, shards_verified: 0 },
      estimated_seconds_left: SETTLE_MS / 1000 - messages.length,
    });
    world.clock.time += SETTLE_MS;
    await world.use.rekeyShard(first?.message as never, Infinity);
    expect(await view()).toMatchObject({ counts: { shards_verified: 1 }, estimated_seconds_left: null });
  });

  it('is callers in a fixed order where they use a version equally often', async () => {
    const world = new DekRotationWorld();
    const users = ['b', 'a', 'c'];
    const events = users.map((user_id) => ({
      ...world.audit.events[0]!,
      user_id,
      timestamp: 't',
      metadata: { operation: 'decrypt' },
    }));
    const audit = { query: () => Promise.resolve({ events: [...events, { ...events[0]!, user_id: null }] }) };
    const list = createListVersionCallers({ keysets: world.local, audit, trail: world.trail, clock: world.clock });
    const { callers } = await list(caller, { provider: 'openai', version: 1 });
    expect(callers.map(({ user_id }) => user_id)).toStrictEqual(['a', 'b', 'c']);
  });
});
