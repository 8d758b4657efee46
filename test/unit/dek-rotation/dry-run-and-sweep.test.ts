import { newAuditEvent } from '../../../lambdas/core/audit/audit-event';
import type { CredentialRecord } from '../../../lambdas/core/credentials/credential';
import { newKekSecretRecord, parseKekSecret, serializeKekSecret } from '../../../lambdas/core/crypto/kek-keyset';
import type { DryRunPosition } from '../../../lambdas/core/dek-rotation/dry-run';
import { newKeyset } from '../../../lambdas/core/keysets/dek-keyset';
import { testRandomness } from '../../doubles/memory-ports';
import { DekRotationWorld } from '../../doubles/dek-rotation-world';
import { caller } from '../../doubles/world';

describe('a dry run', () => {
  it('counts by version, names what does not open, says what would be done, and writes its event alone', async () => {
    const world = new DekRotationWorld();
    await world.store(50);
    const row = [...world.credentials.rows.values()][7] as CredentialRecord;
    world.credentials.rows.set(`openai/${row.name}`, { ...row, ciphertext: `${row.ciphertext.slice(0, -4)}AAAA` });
    const [rows, keyset, events] = [
      structuredClone(world.credentials.rows),
      world.keyset('openai'),
      world.audit.events.length,
    ];
    const dryRun = await world.use.dryRun(caller, { provider: 'openai', reason: 'before the audit' });
    expect(dryRun).toStrictEqual({
      provider: 'openai',
      dry_run: true,
      from_version: 1,
      to_version: 2,
      credentials: 50,
      previous_values: 0,
      by_version: [{ key_version: 1, credentials: 50, previous_values: 0 }],
      undecryptable: [row.name],
      undecryptable_previous: [],
      would_move: 49,
      estimated_seconds: expect.any(Number),
    });
    expect(world.credentials.rows).toStrictEqual(rows);
    expect(world.keyset('openai')).toStrictEqual(keyset);
    expect(world.rotations.rows.size + world.queue.sent.length).toBe(0);
    expect(world.audit.events).toHaveLength(events + 1);
    expect(world.audit.events.at(-1)).toMatchObject({
      event_type: 'rotate',
      metadata: {
        operation: 'rotation_dry_run',
        credentials: 50,
        undecryptable: 1,
        given_reason: 'before the audit',
      },
    });
  });

  it('of a large provider comes in parts that add up', async () => {
    const world = new DekRotationWorld();
    await world.store(40);
    const id = await world.rotate();
    const page = world.scanner.page.bind(world.scanner);
    world.scanner.page = (...query) => {
      world.clock.time += 3000;
      return page.apply(world.scanner, query);
    };
    let total = 0;
    let parts = 0;
    for (let from: DryRunPosition | undefined = { shard: 0 }; from !== undefined;) {
      const dryRun: Awaited<ReturnType<typeof world.use.dryRun>> = await world.use.dryRun(caller, {
        provider: 'openai',
        from,
      });
      expect(dryRun.running_rotation_id).toBe(id);
      total += dryRun.credentials;
      parts += 1;
      from = dryRun.next;
    }
    expect([total, parts]).toStrictEqual([40, 6]);
    await expect(world.use.dryRun(caller, { provider: 'openai', from: { shard: 16 } })).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  it('goes on within a shard, and shows versions in order', async () => {
    const world = new DekRotationWorld();
    await world.store(3);
    await world.rotate({ emergency: true });
    const page = world.scanner.page.bind(world.scanner);
    const asked: unknown[] = [];
    world.scanner.page = async (provider, shard, query) => {
      asked.push(query.after);
      return page.call(world.scanner, provider, shard, { ...query, limit: 1 });
    };
    await world
      .restart()
      .putCredential(caller, { provider: 'openai', name: 'new', api_key: 'k', metadata: { team: 'search' } });
    const dryRun = await world.use.dryRun(caller, { provider: 'openai' });
    expect(dryRun.by_version).toStrictEqual([
      { key_version: 1, credentials: 3, previous_values: 0 },
      { key_version: 2, credentials: 1, previous_values: 0 },
    ]);
    expect(asked).toContain('new');
  });

  it('names nothing undecryptable because a key is out of reach', async () => {
    const world = new DekRotationWorld();
    await world.store(1);
    const current = world.secrets.current.bind(world.secrets);
    let calls = 0;
    world.secrets.current = () => {
      calls += 1;
      if (calls > 2) return Promise.reject(new Error('gone'));
      return current.call(world.secrets);
    };
    await expect(world.use.dryRun(caller, { provider: 'openai' })).rejects.toBeDefined();
  });
});

describe('the sweep', () => {
  it('goes on with what it can where a part fails, and says what failed', async () => {
    const world = new DekRotationWorld();
    world.home.records.delete('google');
    world.days(91);
    const failures = await world.use.sweep();
    expect(failures).toStrictEqual([
      { part: 'rotation', code: 'keys_unavailable', provider: 'google' },
      { part: 'retirement', code: 'keys_unavailable', provider: 'google' },
    ]);
    expect(world.keyset('openai').rotation).toBeDefined();
    expect(world.metrics.of('sweep_part_failed')).toBe(2);
    world.rotations.down = true;
    expect((await world.use.sweep()).map(({ part }) => part)).toContain('intents');
    await world.use.sweep();
    expect(world.metrics.gauges.has('dek_rotation_age_hours')).toBe(false);
    world.rotations.down = false;
    world.clock.time += 7_200_000;
    await world.use.sweep();
    expect(world.metrics.gauges.get('dek_rotation_age_hours')).toBeCloseTo(2);
  });

  it('shows the highest age of all providers, whichever comes last', async () => {
    for (const order of [
      ['openai', 'google'],
      ['google', 'openai'],
    ]) {
      const world = new DekRotationWorld();
      await world.use.rotate(caller, { provider: 'openai', emergency: false });
      world.clock.time += 5 * 3_600_000;
      await world.use.rotate(caller, { provider: 'google', emergency: false });
      world.clock.time += 1_000;
      for (const prover of world.provers) prover.down = true;
      await world.compose({ providers: order }).sweep();
      expect(world.metrics.gauges.get('dek_rotation_age_hours')).toBeCloseTo(5, 2);
    }
  });

  it('says nothing of ages where it can read no keyset', async () => {
    const world = new DekRotationWorld();
    world.home.down = true;
    await world.use.sweep();
    expect(world.metrics.gauges.has('dek_age_days')).toBe(false);
  });

  describe('a provider that is stored and not configured any more', () => {
    /** The same tables, and a configuration without google. */
    const without = (world: DekRotationWorld) => world.compose({ providers: ['openai'] });

    it('has its rotation brought to its end', async () => {
      const world = new DekRotationWorld();
      await world.store(20, 'google');
      await world.use.rotate(caller, { provider: 'google', emergency: false });
      const { sweep } = without(world);
      for (let round = 0; round < 4; round += 1) {
        expect(await sweep()).toStrictEqual([]);
        await world.deliver();
        world.clock.time += 3_600_000;
      }
      expect(world.keyset('google').rotation).toBeUndefined();
      expect(world.keyset('google').primary_version).toBe(2);
      for (const row of world.credentials.rows.values()) expect((row as CredentialRecord).key_version).toBe(2);
    });

    it('has its open intents closed, so that none is passed over for good', async () => {
      const world = new DekRotationWorld();
      world.audit.failFrom = world.audit.events.length + 1;
      const policy = { provider: 'google', enabled: true, interval_days: 30, grace_period_days: 1 };
      await expect(world.use.changePolicy(caller, policy)).rejects.toBeDefined();
      world.audit.failFrom = Infinity;
      world.clock.time += 20 * 60_000;
      await without(world).sweep();
      expect(world.audit.events.at(-1)).toMatchObject({
        provider: 'google',
        metadata: { phase: 'outcome', operation: 'change_rotation_policy', outcome: 'written' },
      });
    });

    it('starts no rotation, and has no version retired or destroyed', async () => {
      const world = new DekRotationWorld();
      await world.use.rotate(caller, { provider: 'google', emergency: true });
      await world.deliver();
      world.days(1);
      await world.use.scheduleDestruction(caller, { provider: 'google', version: 1, windowDays: 7 });
      const before = structuredClone(world.keyset('google'));
      world.days(200);
      await without(world).sweep();
      expect(world.keyset('google')).toStrictEqual(before);
      // After its return the rotation continues.
      await world.use.sweep();
      expect(world.keyset('google').versions['1']?.state).toBe('destroyed');
      expect(world.keyset('google').rotation).toBeDefined();
    });

    it('counts for the age of rotations, and not for that of DEKs', async () => {
      const world = new DekRotationWorld();
      world.days(10);
      await world.use.rotate(caller, { provider: 'openai', emergency: true });
      await world.use.rotate(caller, { provider: 'google', emergency: false });
      world.days(3);
      for (const prover of world.provers) prover.down = true;
      await without(world).sweep();
      expect(world.metrics.gauges.get('dek_rotation_age_hours')).toBeCloseTo(72);
      await world.use.sweep();
      expect(world.metrics.gauges.get('dek_age_days')).toBeCloseTo(13);
      await without(world).sweep();
      expect(world.metrics.gauges.get('dek_age_days')).toBeCloseTo(3);
    });
  });

  it('raises an alarm for a keyset under what is no name of a provider, and goes on', async () => {
    const world = new DekRotationWorld();
    world.home.records.set('Not A Name!', {});
    expect(await world.use.sweep()).toStrictEqual([]);
    expect(world.metrics.of('keyset_damaged')).toBe(1);
    expect(JSON.stringify(world.logger.lines)).not.toContain('Not A Name');
  });

  it('where the keysets cannot be listed, closes no intents, and sees to the configured providers', async () => {
    const world = new DekRotationWorld();
    world.home.all = () => Promise.reject(new Error('no'));
    world.days(91);
    expect(await world.use.sweep()).toStrictEqual([{ part: 'keysets', code: 'internal' }]);
    expect(world.rotations.closedTo).toBeUndefined();
    expect(world.keyset('openai').rotation).toBeDefined();
  });

  it('rewraps what is under an old KEK and asks for the rotation that was missed', async () => {
    const world = new DekRotationWorld();
    const record = newKekSecretRecord(testRandomness, world.clock.now());
    const calls: unknown[] = [];
    const kek = {
      secret: {
        region: 'us-east-1',
        current: () => Promise.resolve({ versionId: 'v7', value: serializeKekSecret(record) }),
      },
      rotation: {
        start: () => {
          calls.push('start');
          return Promise.resolve();
        },
      },
      rewrapDeks: (request: object) => {
        calls.push(request);
        return Promise.resolve('done' as const);
      },
      intervalDays: 30,
    };
    const { sweep } = world.compose({ kek });
    await sweep();
    const request = { secret_version_id: 'v7', kek_id: record.primary };
    expect(calls).toStrictEqual([request]);
    world.days(36);
    await sweep();
    expect(calls).toStrictEqual([request, 'start', request]);
    expect(world.metrics.gauges.get('kek_age_days')).toBeCloseTo(36);
  });

  it('is the clock of a KEK that Keyward rotates itself: it resumes first, and begins on the day', async () => {
    const world = new DekRotationWorld();
    const record = newKekSecretRecord(testRandomness, world.clock.now());
    const calls: string[] = [];
    const call = (name: string) => () => {
      calls.push(name);
      return Promise.resolve();
    };
    const kek = {
      secret: {
        region: 'us-east-1',
        current: () => Promise.resolve({ versionId: 'v7', value: serializeKekSecret(record) }),
      },
      rotation: { start: call('start') },
      resume: call('resume'),
      rewrapDeks: () => Promise.resolve('done' as const),
      intervalDays: 30,
    };
    const { sweep } = world.compose({ kek });
    await sweep();
    world.days(30);
    await sweep();
    expect(calls).toStrictEqual(['resume', 'resume']);
    world.days(1);
    await sweep();
    expect(calls).toStrictEqual(['resume', 'resume', 'resume', 'start']);
  });
});

describe('closing intents', () => {
  const late = 20 * 60_000;
  const outcomes = (world: DekRotationWorld) =>
    world.audit.events
      .filter(({ user_id, metadata }) => user_id === 'keyward:sweep' && metadata.phase === 'outcome')
      .map(({ metadata: { operation, outcome } }) => [operation, outcome]);

  /** Stops the world after this many events. */
  async function stoppedAt(world: DekRotationWorld, events: number, work: () => Promise<unknown>): Promise<void> {
    world.audit.failFrom = world.audit.events.length + events;
    await expect(work()).rejects.toBeDefined();
    world.audit.failFrom = Infinity;
  }

  it('finds what was written, what was not, and what nobody can tell any more', async () => {
    const world = new DekRotationWorld();
    const put = (name: string) =>
      world.application.putCredential(caller, { provider: 'openai', name, api_key: 'k', metadata: { team: 'search' } });
    await stoppedAt(world, 1, () => put('written'));
    world.credentials.down = false;
    world.credentials.beforePut = () => 'unknown';
    await stoppedAt(world, 1, () => put('not-written'));
    world.credentials.beforePut = () => undefined;
    await stoppedAt(world, 1, () => put('covered'));
    await put('covered');
    const policy = { provider: 'openai', enabled: true, interval_days: 30, grace_period_days: 1 };
    await stoppedAt(world, 1, () => world.use.changePolicy(caller, policy));
    world.clock.time += late;
    await world.use.sweep();
    expect(outcomes(world)).toStrictEqual([
      ['put_credential', 'written'],
      ['put_credential', 'failed'],
      ['put_credential', 'unknown'],
      ['change_rotation_policy', 'written'],
    ]);
    const before = world.audit.events.length;
    await world.use.sweep();
    expect(world.audit.events).toHaveLength(before);
  });

  it('leaves alone what is young, and makes up for a pause', async () => {
    const world = new DekRotationWorld();
    await stoppedAt(world, 1, () => world.rotate());
    await world.use.sweep();
    expect(outcomes(world)).toStrictEqual([]);
    world.clock.time += late;
    await world.use.sweep();
    expect(outcomes(world)[0]).toStrictEqual(['publish_version', 'written']);
    world.days(40);
    await world.use.sweep();
    expect(Date.parse(world.rotations.closedTo!)).toBe(world.clock.now() - 15 * 60_000);
  });

  it('begins with the first keyset, however long ago that was, and whatever another one is like', async () => {
    const world = new DekRotationWorld();
    await stoppedAt(world, 1, () => world.rotate());
    world.home.records.set('google', { damaged: true });
    world.days(50);
    await world.use.sweep();
    expect(outcomes(world)[0]).toStrictEqual(['publish_version', 'written']);
  });

  it('leaves to the next run what takes too long', async () => {
    const world = new DekRotationWorld();
    world.days(50);
    const find = world.intents.find.bind(world.intents);
    world.intents.find = (...query) => {
      world.clock.time += 10_000;
      return find(...query);
    };
    await world.use.sweep();
    const first = Date.parse(world.rotations.closedTo!);
    expect(world.clock.now() - first).toBeGreaterThan(40 * 86_400_000);
    await world.use.sweep();
    expect(Date.parse(world.rotations.closedTo!)).toBeGreaterThan(first);
  });

  it('tells a keyset change that was not made, or was covered', async () => {
    const world = new DekRotationWorld();
    const replace = world.home.replace.bind(world.home);
    world.home.replace = () => Promise.resolve('refused');
    await stoppedAt(world, 1, () => world.rotate());
    world.home.replace = replace;
    world.clock.time += late;
    await world.use.sweep();
    expect(outcomes(world)[0]).toStrictEqual(['publish_version', 'failed']);
    world.home.replace = () => Promise.resolve('refused');
    await stoppedAt(world, 1, () => world.rotate());
    world.home.replace = replace;
    await world.rotate();
    world.clock.time += late;
    await world.use.sweep();
    expect(outcomes(world)).toContainEqual(['publish_version', 'unknown']);
  });

  it('cannot tell how much of a page of new keys was written, and says so', async () => {
    const world = new DekRotationWorld();
    await world.store(1);
    await world.rotate({ emergency: true });
    const shard = (await world.scanner.shardsWith('openai', 1, 1))[0]!;
    const { id: rotation_id } = world.keyset('openai').rotation!;
    await stoppedAt(world, 1, () =>
      world.use.rekeyShard({ kind: 'rekey', provider: 'openai', rotation_id, shard }, Infinity),
    );
    world.clock.time += late;
    await world.use.sweep();
    const [intended] = world.audit.events.filter(({ metadata }) => metadata.operation === 'rekey_credentials');
    expect(intended?.metadata).toMatchObject({
      credentials: 1,
      first_credential: 'key-0',
      last_credential: 'key-0',
      shard,
    });
    expect(world.credentials.rows.get('openai/key-0')?.write_id).toBe(`${intended?.metadata.write_id}0000`);
    expect(outcomes(world)).toContainEqual(['rekey_credentials', 'unknown']);
  });

  it('knows of the KEK only whether the version that was to be current is', async () => {
    const world = new DekRotationWorld();
    const intent = (operation: string, writeId: string) =>
      newAuditEvent({
        id: `${writeId}${'0'.repeat(30)}`,
        timestamp: new Date(world.clock.now()).toISOString(),
        event_type: 'rotate',
        user_id: 'keyward:rotate-kek',
        success: null,
        region: 'us-east-1',
        request_id: 'r',
        metadata: { operation, write_id: writeId, phase: 'intent' },
      });
    world.audit.events.push(intent('rotate_kek', 'v1'), intent('rotate_kek', 'v2'), intent('other', 'v3'));
    world.clock.time += late;
    const value = serializeKekSecret(newKekSecretRecord(testRandomness, world.clock.now()));
    const kek = {
      secret: { region: 'us-east-1', current: () => Promise.resolve({ versionId: 'v2', value }) },
      rotation: { start: () => Promise.resolve() },
      rewrapDeks: () => Promise.resolve('done' as const),
      intervalDays: 90,
    };
    await world.compose({ kek }).sweep();
    expect(outcomes(world).map(([, outcome]) => outcome)).toStrictEqual(['unknown', 'written', 'unknown']);
    world.audit.events.length = 0;
    world.audit.events.push(intent('rotate_kek', 'v4'));
    world.clock.time += late;
    await world.use.sweep();
    expect(outcomes(world)).toStrictEqual([['rotate_kek', 'unknown']]);
  });

  it('says that a first keyset which is not there was not made', async () => {
    const world = new DekRotationWorld();
    const { primary } = parseKekSecret(serializeKekSecret(newKekSecretRecord(testRandomness, world.clock.now())));
    const { write_id } = newKeyset('google', primary, world.clock.now(), testRandomness);
    world.home.records.delete('google');
    await world.rotate();
    const [event] = world.audit.events;
    world.audit.events.push({
      ...event!,
      provider: 'google',
      metadata: { operation: 'create_keyset', phase: 'intent', write_id, revision: 1 },
    });
    world.clock.time += late;
    await world.use.sweep();
    expect(outcomes(world)).toContainEqual(['create_keyset', 'failed']);
  });
});
