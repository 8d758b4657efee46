import type { CredentialRecord } from '../../../lambdas/core/credentials/credential';
import type { AuditQuery } from '../../../lambdas/core/audit/ports/audit-log';
import { createListVersionCallers } from '../../../lambdas/core/audit/version-callers';
import { DekRotationWorld } from '../../doubles/dek-rotation-world';
import { caller } from '../../doubles/world';

const DAY_MS = 86_400_000;

/** A world whose version 1 is retired. */
async function retired(): Promise<DekRotationWorld> {
  const world = new DekRotationWorld();
  await world.store(4);
  await world.rotate();
  await world.deliver();
  world.days(7);
  await world.use.sweep();
  return world;
}

const schedule = (world: DekRotationWorld, version = 1, windowDays = 7) =>
  world.use.scheduleDestruction(caller, { provider: 'openai', version, windowDays });

describe('the destruction of a version', () => {
  it('is refused for what is not retired, does not exist, is asked for already, or has no such window', async () => {
    const world = await retired();
    await expect(schedule(world, 2)).rejects.toMatchObject({ code: 'key_version_state' });
    await expect(schedule(world, 9)).rejects.toMatchObject({
      code: 'invalid_request',
      message: 'version must be a version of the keyset, 1 to 2',
    });
    for (const days of [6, 31, 7.5]) {
      await expect(schedule(world, 1, days)).rejects.toMatchObject({ message: /^pending_window_days/ });
    }
    await schedule(world);
    await expect(schedule(world)).rejects.toMatchObject({ code: 'key_version_state' });
    expect(world.audit.events.at(-1)).toMatchObject({
      event_type: 'config_change',
      success: false,
      key_version: 1,
      metadata: { operation: 'schedule_destruction', code: 'key_version_state' },
    });
  });

  it('has the reasons that are given on record, also where it is refused', async () => {
    const world = await retired();
    const of = { provider: 'openai', version: 1 };
    world.audit.events.length = 0;
    await world.use.scheduleDestruction(caller, { ...of, windowDays: 7, reason: 'no longer needed' });
    await world.use.cancelDestruction(caller, { ...of, reason: 'still needed' });
    await expect(world.use.cancelDestruction(caller, { ...of, reason: 'once more' })).rejects.toMatchObject({
      code: 'key_version_state',
    });
    expect(
      world.audit.events.map(({ success, metadata }) => [metadata.operation, success, metadata.given_reason]),
    ).toStrictEqual([
      ['schedule_destruction', null, 'no longer needed'],
      ['schedule_destruction', true, 'no longer needed'],
      ['cancel_destruction', null, 'still needed'],
      ['cancel_destruction', true, 'still needed'],
      ['cancel_destruction', false, 'once more'],
    ]);
  });

  it('can be cancelled until it is done, and asked for again', async () => {
    const world = await retired();
    const cancel = (version = 1) => world.use.cancelDestruction(caller, { provider: 'openai', version });
    await expect(cancel()).rejects.toMatchObject({ code: 'key_version_state' });
    await expect(cancel(9)).rejects.toMatchObject({ code: 'invalid_request' });
    await schedule(world);
    await cancel();
    world.days(100);
    await world.use.sweep();
    await world.deliver();
    expect(world.keyset('openai').versions[1]?.state).toBe('rewrap_only');
    await schedule(world, 1, 30);
    world.days(29.9);
    await world.use.sweep();
    expect(world.keyset('openai').versions[1]?.state).toBe('rewrap_only');
    world.days(0.2);
    await world.use.sweep();
    expect(world.keyset('openai').versions[1]?.state).toBe('destroyed');
    await expect(cancel()).rejects.toMatchObject({ code: 'key_version_state' });
    await expect(schedule(world)).rejects.toMatchObject({ code: 'key_version_state' });
  });

  it('is put off where a credential has come to refer to it, whatever the index says', async () => {
    const world = await retired();
    const row = [...world.credentials.rows.values()][0] as CredentialRecord;
    await schedule(world);
    world.days(40);
    world.credentials.rows.set(`openai/${row.name}`, { ...row, key_version: 1 });
    world.scanner.hint = [];
    await world.use.sweep();
    expect(world.keyset('openai').versions[1]).toMatchObject({ state: 'rewrap_only', destruction: expect.anything() });
    expect(world.metrics.of('version_referenced')).toBe(1);
    world.credentials.rows.set(`openai/${row.name}`, row);
    await world.use.sweep();
    world.days(34);
    await world.use.sweep();
    expect(world.keyset('openai').versions[1]?.state).toBe('rewrap_only');
    world.days(2);
    await world.use.sweep();
    expect(world.keyset('openai').versions[1]?.state).toBe('destroyed');
  });

  it('is not done by a sweep that looked before it was cancelled', async () => {
    const world = await retired();
    await schedule(world);
    world.days(40);
    const countByVersion = world.scanner.countByVersion.bind(world.scanner);
    let once = true;
    world.scanner.countByVersion = async (...query) => {
      if (once) {
        once = false;
        await world.use.cancelDestruction(caller, { provider: 'openai', version: 1 });
      }
      return countByVersion.apply(world.scanner, query);
    };
    await world.use.sweep();
    expect(world.keyset('openai').versions[1]?.state).toBe('rewrap_only');
  });

  it('passes on what stands in the way without calling it refused', async () => {
    const world = await retired();
    world.home.down = true;
    await expect(schedule(world)).rejects.toMatchObject({ code: 'store_unavailable' });
    world.scanner.shardsWith = () => Promise.reject(new TypeError('a bug'));
    await expect(schedule(world)).rejects.toThrow(TypeError);
  });
});

describe('a rotation policy', () => {
  it('is shown, changed with old and new values on record, and decides when the next rotation is', async () => {
    const world = new DekRotationWorld();
    const change = { provider: 'openai', enabled: true, interval_days: 30, grace_period_days: 3 };
    const before = await world.use.showPolicy('openai');
    const after = await world.use.changePolicy(caller, change);
    expect(Date.parse(before.next_rotation_at) - Date.parse(after.next_rotation_at)).toBe(60 * DAY_MS);
    expect(await world.use.showPolicy('openai')).toStrictEqual(after);
    expect(world.audit.events.at(-1)).toMatchObject({
      event_type: 'config_change',
      metadata: {
        old_policy: 'enabled, every 90 days, grace 7 days',
        new_policy: 'enabled, every 30 days, grace 3 days',
      },
    });
    await world.use.changePolicy(caller, change);
    expect(world.keyset('openai').revision).toBe(2);
    await world.use.changePolicy(caller, { ...change, enabled: false });
    world.days(400);
    await world.use.sweep();
    expect(world.keyset('openai').rotation).toBeUndefined();
    await world.use.changePolicy(caller, change);
    await world.use.sweep();
    expect(world.keyset('openai').rotation).toBeDefined();
    await world.deliver();
    expect(Date.parse(world.keyset('openai').versions[1]!.grace_until!) - world.clock.now()).toBeLessThan(3 * DAY_MS);
  });

  it.each([
    [{ interval_days: 31 }, 'interval_days'],
    [{ grace_period_days: 31 }, 'grace_period_days'],
    [{ grace_period_days: -1 }, 'grace_period_days'],
    [{ grace_period_days: 1.5 }, 'grace_period_days'],
  ])('is refused where it breaks a rule: %j', async (wrong, field) => {
    const world = new DekRotationWorld();
    const change = { provider: 'openai', enabled: true, interval_days: 30, grace_period_days: 3, ...wrong };
    await expect(world.use.changePolicy(caller, change)).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining(field),
    });
  });

  it('cannot be shown or changed where there is no keyset', async () => {
    const world = new DekRotationWorld();
    world.home.records.clear();
    const change = { provider: 'openai', enabled: true, interval_days: 30, grace_period_days: 3 };
    await expect(world.use.showPolicy('openai')).rejects.toMatchObject({ reason: 'keyset_missing' });
    await expect(world.use.changePolicy(caller, change)).rejects.toMatchObject({ reason: 'keyset_missing' });
  });

  it('gives up where others keep being faster', async () => {
    const world = new DekRotationWorld();
    world.home.replace = () => Promise.resolve('refused');
    const change = { provider: 'openai', enabled: true, interval_days: 30, grace_period_days: 3 };
    await expect(world.use.changePolicy(caller, change)).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('who still presents a version', () => {
  it('is told from the audit log, those with most uses first', async () => {
    const world = new DekRotationWorld();
    const openai = { provider: 'openai', context: {} };
    const other = { ...caller, user_id: 'arn:aws:iam::000000000000:user/other' };
    const { ciphertext } = await world.application.encrypt(caller, { ...openai, plaintext: 'kept' });
    await world.application.decrypt(caller, { ...openai, ciphertext });
    await world.rotate();
    await world.deliver();
    world.restart();
    for (const who of [caller, other, other]) await world.application.decrypt(who, { ...openai, ciphertext });
    await world.application.rewrap(caller, { ...openai, ciphertext });
    await world.application.putCredential(caller, {
      provider: 'openai',
      name: 'n',
      api_key: 'k',
      metadata: { team: 'search' },
    });
    let pages = 0;
    const audit = {
      query: async (wanted: AuditQuery) => {
        const { events } = await world.audit.query(wanted);
        pages += 1;
        return { events: pages % 2 === 1 ? events : [], ...(pages % 2 === 1 && { next: { timestamp: '', id: '' } }) };
      },
    };
    const list = createListVersionCallers({ keysets: world.local, audit, trail: world.trail, clock: world.clock });
    const view = await list(caller, { provider: 'openai', version: 1 });
    expect(view).toMatchObject({ provider: 'openai', version: 1, state: 'decrypt_only', complete: true });
    expect(view.callers.map(({ user_id, uses }) => [user_id, uses])).toStrictEqual([
      [other.user_id, 2],
      [caller.user_id, 1],
    ]);
    expect(
      (await list(caller, { provider: 'openai', version: 1, from: '2026-01-01T00:00:00.000Z' })).callers[0]?.uses,
    ).toBe(2);
    expect(await list(caller, { provider: 'openai', version: 2 })).toMatchObject({
      state: 'primary',
      grace_until: null,
    });
    await expect(list(caller, { provider: 'openai', version: 7 })).rejects.toMatchObject({ code: 'invalid_request' });
    world.local.records.clear();
    await expect(list(caller, { provider: 'openai', version: 1 })).rejects.toMatchObject({ reason: 'keyset_missing' });
  });

  it('says where the log was longer than one call reads', async () => {
    const world = new DekRotationWorld();
    let pages = 0;
    const audit = {
      query: () => {
        pages += 1;
        return Promise.resolve({ events: [], next: { timestamp: 't', id: 'i' } });
      },
    };
    const list = createListVersionCallers({ keysets: world.local, audit, trail: world.trail, clock: world.clock });
    expect(await list(caller, { provider: 'openai', version: 1 })).toMatchObject({ callers: [], complete: false });
    expect(pages).toBe(20);
  });
});
