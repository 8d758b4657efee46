import type { KeysetView } from '../../../lambdas/core/keysets/show-keysets';
import { KeywardError } from '../../../lambdas/core/errors/errors';
import { AuditTrail } from '../../../lambdas/core/audit/audit-trail';
import { createEnsureKeysets } from '../../../lambdas/core/kek-rotation/ensure-keysets';
import { runBatch } from '../../../lambdas/core/ports/run-batch';
import { createSettingsService } from '../../../lambdas/core/credentials/settings-service';
import { newKeks, testRandomness } from '../../doubles/memory-ports';
import { caller, World } from '../../doubles/world';
import { failureOf } from '../keysets/failure-of';

describe('keysets as they are shown', () => {
  test('carry no key material, need no KEK, and come in the configured order', async () => {
    const world = new World();
    for (let rotation = 0; rotation < 10; rotation += 1) world.publish(world.rotated('openai', 'decrypt_only'));
    world.secrets.lose();
    const views = (await world.application.listKeysets()) as KeysetView[];
    expect(views.map((view) => view.provider)).toEqual(['openai', 'google']);
    expect(views[0]).toMatchObject({ primary_version: 11, revision: 11, dek_rotation_count: 10 });
    expect(views[0]!.versions.map((version) => version.version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(JSON.stringify(views)).not.toMatch(/encrypted_dek|mac/);
    expect(await world.application.describeKeyset('google')).toEqual(views[1]);
  });

  test('a lost one is missing from the list and keys_unavailable alone', async () => {
    const world = new World();
    world.local.records.delete('google');
    expect((await world.application.listKeysets()).map((view) => view.provider)).toEqual(['openai']);
    expect((await failureOf(world.application.describeKeyset('google'))).reason).toBe('keyset_missing');
  });
});

describe('readiness', () => {
  test('ready means: every provider seals and opens, and the audit log answers', async () => {
    const world = new World();
    expect(await world.application.checkReadiness()).toEqual({
      ready: true,
      providers: [
        { provider: 'openai', ready: true },
        { provider: 'google', ready: true },
      ],
      audit: true,
      dek_cache: { hits: 2, misses: 2 },
    });
    expect(world.audit.events).toEqual([]);
    world.audit.down = true;
    expect(await world.application.checkReadiness()).toMatchObject({ ready: false, audit: false });
  });

  test('an audit log that can be read but takes no event is not ready, until it takes one or a minute is over', async () => {
    const world = new World();
    const encrypt = () => world.application.encrypt(caller, { provider: 'openai', plaintext: 'x', context: {} });
    const audit = async () => (await world.application.checkReadiness()).audit;
    world.audit.failFrom = 0;
    await failureOf(encrypt());
    expect(await audit()).toBe(false);
    world.clock.time += 60_000;
    expect(await audit()).toBe(false);
    world.clock.time += 1;
    expect(await audit()).toBe(true);
    await failureOf(encrypt());
    expect(await audit()).toBe(false);
    world.audit.failFrom = Infinity;
    await encrypt();
    expect(await audit()).toBe(true);
  });

  test('names the provider that is not', async () => {
    const world = new World();
    for (const store of [world.home, world.local, world.other]) store.records.delete('google');
    expect(await world.application.checkReadiness()).toMatchObject({
      ready: false,
      providers: [{ ready: true }, { provider: 'google', ready: false, code: 'keys_unavailable' }],
    });
  });
});

describe('the audit log as it is read', () => {
  test('gives what the port gives', async () => {
    const world = new World();
    await world.application.encrypt(caller, { provider: 'openai', plaintext: 'x', context: {} });
    const query = { from: '2026-11-21T00:00:00.000Z', to: '2026-11-22T00:00:00.000Z', limit: 10 };
    expect((await world.application.queryAuditEvents(caller, query)).events).toHaveLength(1);
  });
});

describe('making sure that every provider has a keyset', () => {
  const ensure = (world: World, providers = ['openai', 'anthropic'], more: { gracePeriodDays?: number } = {}) => {
    const { audit, clock, secrets, home: keysets, credentials, metrics } = world;
    const trail = new AuditTrail({ sink: audit, clock, randomness: testRandomness, metrics, region: 'us-east-1' });
    const ports = { keysets, credentials, audit, secrets, trail, clock, randomness: testRandomness };
    const run = createEnsureKeysets({ ...ports, ...more });
    return run(providers, 'keyward:test');
  };

  test('creates what is missing, once, on record, and leaves what is there alone', async () => {
    const world = new World();
    const before = world.keyset('openai');
    expect(await ensure(world)).toEqual([
      { provider: 'openai', status: 'ready' },
      { provider: 'anthropic', status: 'created' },
    ]);
    expect(world.keyset('openai')).toEqual(before);
    expect(world.audit.events).toMatchObject([
      { event_type: 'config_change', user_id: 'keyward:test', provider: 'anthropic', metadata: { phase: 'intent' } },
      { event_type: 'config_change', metadata: { phase: 'outcome', outcome: 'written' } },
    ]);
    expect(await ensure(world)).toMatchObject([{ status: 'ready' }, { status: 'ready' }]);
  });

  test('gives new ones the grace period that is configured, and changes no policy that is there', async () => {
    const world = new World();
    await ensure(world, ['openai', 'anthropic'], { gracePeriodDays: 0 });
    expect(world.keyset('openai').rotation_policy.grace_period_days).toBe(7);
    expect(world.keyset('anthropic').rotation_policy).toMatchObject({ interval_days: 90, grace_period_days: 0 });
  });

  test('two at once end with one keyset', async () => {
    const world = new World();
    const both = await Promise.all([ensure(world, ['anthropic']), ensure(world, ['anthropic'])]);
    expect(
      both
        .flat()
        .map((each) => each.status)
        .sort(),
    ).toEqual(['created', 'ready']);
  });

  test('a provider that was in use gets no fresh keyset', async () => {
    const world = new World();
    await ensure(world);
    world.home.records.delete('anthropic');
    expect(await ensure(world, ['anthropic'])).toEqual([{ provider: 'anthropic', status: 'lost' }]);
    world.audit.used.clear();
    await world.application.putCredential(caller, { provider: 'google', name: 'n', api_key: 'k', metadata: {} });
    world.home.records.delete('google');
    expect(await ensure(world, ['google'])).toEqual([{ provider: 'google', status: 'lost' }]);
    expect(world.home.records.has('google')).toBe(false);
  });

  test('damaged, and cannot be told', async () => {
    const world = new World();
    world.home.records.set('openai', { ...world.keyset('openai'), revision: 9 });
    expect(await ensure(world, ['openai'])).toEqual([{ provider: 'openai', status: 'damaged' }]);
    world.home.down = true;
    expect(await ensure(world, ['openai'])).toEqual([
      { provider: 'openai', status: 'failed', code: 'store_unavailable', error_name: 'TimeoutError' },
    ]);
  });

  test('a keyset under a KEK that is not known yet is verified with the newest', async () => {
    const world = new World();
    world.secrets.stored = world.keks;
    const elsewhere = new World();
    world.publish(elsewhere.keyset('openai'));
    expect(await ensure(world, ['openai'])).toEqual([
      { provider: 'openai', status: 'failed', code: 'keys_unavailable', reason: 'unknown_kek' },
    ]);
    world.secrets.stored = { ...newKeks(), keks: elsewhere.keks.keks };
    expect(await ensure(world, ['openai'])).toEqual([{ provider: 'openai', status: 'ready' }]);
  });
});

describe('batches', () => {
  test('keep the order, keep failures apart, and bound what runs at a time', async () => {
    let running = 0;
    let most = 0;
    const results = await runBatch(
      Array.from({ length: 100 }, (_, index) => index),
      async (index) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        if (index === 3) throw new KeywardError('decryption_failed', 'no');
        if (index === 4) throw new Error('secret text');
        return index * 2;
      },
    );
    expect(results.map((result) => (result.ok ? result.value : result.error.code))).toEqual(
      Array.from({ length: 100 }, (_, index) =>
        index === 3 ? 'decryption_failed' : index === 4 ? 'internal' : index * 2,
      ),
    );
    expect(most).toBe(25);
  });
});

describe('the settings service of the old design', () => {
  const service = (world: World) =>
    createSettingsService({ application: world.application, providers: ['openai', 'google'], caller });

  test.each(['updateAiSettings', 'updateAiSettingsWithKEKDEK'] as const)(
    '%s stores each key as `default`',
    async (call) => {
      const world = new World();
      const stored = await service(world)[call]({
        openai: { api_key: 'sk-example-not-a-real-key', model: 'm-1', old: undefined },
        google: undefined,
      });
      expect(stored).toMatchObject({ openai: { name: 'default', metadata: { model: 'm-1' }, revision: 1 } });
      expect(Object.keys(stored)).toEqual(['openai']);
      const revealed = await world.application.revealCredential(caller, {
        provider: 'openai',
        name: 'default',
        consistent: true,
      });
      expect(revealed.api_key).toBe('sk-example-not-a-real-key');
    },
  );

  test('refuses before it stores anything', async () => {
    const world = new World();
    const good = { api_key: 'k' };
    const bad: [unknown, string][] = [
      [{ openai: good, unknown: good }, 'provider_not_found'],
      [{ openai: good, google: {} }, 'invalid_request'],
      [{ openai: good, google: 'text' }, 'invalid_request'],
      [{ openai: good, google: { api_key: '' } }, 'invalid_request'],
      [{ openai: good, google: { api_key: 'x'.repeat(32_769) } }, 'invalid_request'],
      [{ openai: good, google: { api_key: 'Bearer k' } }, 'invalid_request'],
      [{ openai: good, google: { api_key: 'k', note: 'x'.repeat(9000) } }, 'invalid_request'],
    ];
    for (const [settings, code] of bad) {
      expect((await failureOf(service(world).updateAiSettings(settings as never))).code).toBe(code);
    }
    expect(world.credentials.rows.size).toBe(0);
  });

  test('says how far it came', async () => {
    const world = new World();
    world.credentials.beforePut = (record) => (record.provider === 'google' ? 'unknown' : undefined);
    const both = await failureOf(
      service(world).updateAiSettings({ openai: { api_key: 'k' }, google: { api_key: 'k' } }),
    );
    expect(both.message).toMatch(/^google: .*; stored before it: openai$/);
    const one = await failureOf(service(world).updateAiSettings({ google: { api_key: 'k' } }));
    expect(one.message).toMatch(/nothing was stored before it$/);
    const original = new TypeError('bug');
    const broken = createSettingsService({
      application: { putCredential: () => Promise.reject(original) },
      providers: ['openai'],
      caller,
    });
    await expect(broken.updateAiSettings({ openai: { api_key: 'k' } })).rejects.toBe(original);
  });
});
