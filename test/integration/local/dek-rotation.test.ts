import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { credentialShard } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-tables';
import { PUBLISH_MS } from '../../../lambdas/core/contract/protocol-times';
import { LOCAL_TABLES } from '../../../local/local-names';
import { answered } from '../../reply-body';
import { allAuditEvents, changesOf } from '../audit-pages';
import { runs } from '../../effort';
import { patiently, until } from '../../until';
import { openLocalWorld, type LocalReply } from './local-composition';
import { temporaryHome } from './local-process';
import { inParallel } from '../in-parallel';

/** Some in each of the 16 shards, and more than one page. */
const CREDENTIALS = runs(300, 60);
const TOKENS = 20;
/** With this nothing waits by the machine's clock. */
const PUBLISH_SECONDS = Math.ceil(PUBLISH_MS / 1000) + 1;
const openai = '/v1/providers/openai';
const keyOf = (index: number): string => `sk-example-not-a-real-key-${index}`;
const nameOf = (index: number): string => `service-${index}`;

/** Names the part of a test that failed. */
async function step(sentence: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (thrown) {
    if (thrown instanceof Error) thrown.message = `${sentence}: ${thrown.message}`;
    throw thrown;
  }
}

test('a DEK rotation in local mode, from its start to the destruction of the old version', async () => {
  const { home, remove } = temporaryHome();
  const world = await openLocalWorld(home);
  let tokens: readonly string[] = [];
  let id = '';

  const rotation = async (): Promise<Record<string, unknown>> =>
    (await patiently(() => world.call('GET', `${openai}/rotations/${id}`))).body;
  const count = (body: Record<string, unknown>, member: string): unknown =>
    (body['counts'] as Record<string, unknown>)[member];
  const version = async (number: number): Promise<Record<string, unknown>> => {
    const { body } = await patiently(() => world.call('GET', openai));
    return (body['versions'] as Record<string, unknown>[]).find((each) => each['version'] === number) ?? {};
  };
  const decrypt = (ciphertext: string): Promise<LocalReply> => world.call('POST', `${openai}/decrypt`, { ciphertext });

  try {
    await step('credentials are stored and tokens handed out', async () => {
      await world.composition.startWork();
      await inParallel(CREDENTIALS, async (index) => {
        const path = `${openai}/credentials/${nameOf(index)}`;
        const reply = await patiently(() => world.call('PUT', path, { api_key: keyOf(index) }));
        expect(reply.status).toBeLessThan(300);
      });
      tokens = await inParallel(TOKENS, async (index) => {
        const reply = await world.call('POST', `${openai}/encrypt`, { plaintext: keyOf(index) });
        return String(reply.body['ciphertext']);
      });
    });

    await step('a dry run counts everything and changes nothing', async () => {
      const before = (await world.call('GET', openai)).body;
      const reply = await world.call('POST', `${openai}/rotate`, { dry_run: true });
      expect(reply).toMatchObject({
        status: 200,
        body: { from_version: 1, to_version: 2, credentials: CREDENTIALS, would_move: CREDENTIALS, undecryptable: [] },
      });
      expect(reply.body).not.toHaveProperty('next_cursor');
      expect((await world.call('GET', openai)).body).toStrictEqual(before);
    });

    await step('it starts once: the same key gives the same one, another call 409 with its id', async () => {
      const headers = { 'Idempotency-Key': 'first' };
      const started = await world.call('POST', `${openai}/rotate`, { reason: 'a drill' }, headers);
      expect(started).toMatchObject({
        status: 202,
        body: { status: 'publishing', version: 2, from_version: 1, reason: 'a drill', promoted_at: null },
      });
      id = String(started.body['rotation_id']);
      const again = await world.call('POST', `${openai}/rotate`, { reason: 'a drill' }, headers);
      expect(again).toMatchObject({ status: 202, body: { rotation_id: id } });
      const other = await world.call('POST', `${openai}/rotate`, {});
      expect(other).toMatchObject({ status: 409, body: { code: 'rotation_running', rotation_id: id } });
      expect(await version(2)).toMatchObject({ state: 'pending' });
      expect((await world.call('GET', openai)).body['rotation']).toMatchObject({
        rotation_id: id,
        phase: 'publishing',
      });
    });

    await step(
      'once every region can have it, the version is promoted, and everything moves to it while callers go on',
      async () => {
        world.clock.forward({ seconds: PUBLISH_SECONDS });
        const moved = await until('all are moved', rotation, (body) => count(body, 'moved') === CREDENTIALS);
        expect(moved).toMatchObject({
          status: 'rekeying',
          counts: { total: CREDENTIALS, moved: CREDENTIALS, failed: 0 },
        });
        expect(await version(1)).toMatchObject({ state: 'decrypt_only', grace_until: expect.any(String) as string });
        for (const [index, token] of tokens.entries()) {
          expect(await decrypt(token)).toMatchObject({
            status: 200,
            body: { plaintext: keyOf(index), key_version: 1, rewrap_recommended: true },
          });
        }
        const sealed = await world.call('POST', `${openai}/encrypt`, { plaintext: 'x' });
        expect(sealed.body).toMatchObject({ key_version: 2 });
      },
    );

    await step('once nothing can be written on the old version any more, it is verified and complete', async () => {
      world.clock.forward({ seconds: 121 });
      expect(await until('it is completed', rotation, (body) => body['status'] === 'completed')).toMatchObject({
        status: 'completed',
        counts: { total: CREDENTIALS, moved: CREDENTIALS, shards: 16, shards_verified: 16 },
        regions: [
          {
            region: 'us-east-1',
            proved_at: expect.any(String) as string,
            acknowledged_at: expect.any(String) as string,
          },
        ],
        failures: [],
      });
      const listed = (await world.call('GET', `${openai}/rotations`)).body['rotations'];
      expect(listed).toMatchObject([{ rotation_id: id, status: 'completed' }]);
      expect(await version(1)).toMatchObject({ unreferenced_since: expect.any(String) as string });
      await inParallel(CREDENTIALS, async (index) => {
        const reply = await world.call('POST', `${openai}/credentials/${nameOf(index)}/reveal?consistent=true`);
        expect(reply).toMatchObject({ status: 200, body: { api_key: keyOf(index), key_version: 2 } });
      });
    });

    await step('the audit log has every step and every page, announced and written', async () => {
      const events = await allAuditEvents(world.call, 'provider=openai');
      for (const operation of ['publish_version', 'promote_version', 'start_grace', 'complete_rotation']) {
        expect([operation, changesOf(events, operation)]).toMatchObject([
          operation,
          { open: 0, outcomes: ['written'] },
        ]);
      }
      const rekeyed = changesOf(events, 'rekey_credentials');
      expect(rekeyed.open).toBe(0);
      expect(rekeyed.written.every(({ metadata }) => metadata.rotation_id === id)).toBe(true);
      expect(rekeyed.written.reduce((sum, { metadata: { moved = 0 } }) => sum + moved, 0)).toBe(CREDENTIALS);
      expect(events.filter(({ metadata }) => metadata.operation === 'rotation_dry_run')).toHaveLength(1);
      expect(JSON.stringify(events)).not.toContain(keyOf(0).slice(0, -1));
    });

    await step('who still presents the old version can be told', async () => {
      const reply = await world.call('GET', `${openai}/versions/1/callers`);
      expect(reply).toMatchObject({
        status: 200,
        body: { state: 'decrypt_only', callers: [{ uses: TOKENS }], complete: true },
      });
      expect(await world.call('GET', `${openai}/versions/9/callers`)).toMatchObject({ status: 400 });
    });

    await step(
      'after the grace period the hourly sweep retires it: its tokens can be rewrapped, and no more',
      async () => {
        world.clock.forward({ days: 7, seconds: 3600 });
        expect(
          await until(
            'the old version is retired',
            () => version(1),
            ({ state }) => state === 'rewrap_only',
          ),
        ).toMatchObject({
          state: 'rewrap_only',
          retired_at: expect.any(String) as string,
        });
        expect(await decrypt(String(tokens[0]))).toMatchObject({ status: 409, body: { code: 'key_version_retired' } });
        const rewrapped = await world.call('POST', `${openai}/rewrap`, { ciphertext: tokens[0] });
        expect(rewrapped).toMatchObject({ status: 200, body: { key_version: 2 } });
        expect(await decrypt(String(rewrapped.body['ciphertext']))).toMatchObject({ body: { plaintext: keyOf(0) } });
      },
    );

    await step(
      'its destruction is asked for, cancelled, asked for again, and done when no copy can need it',
      async () => {
        const path = `${openai}/versions/1`;
        const asked = await world.call('POST', `${path}/schedule-destruction`, { pending_window_days: 7 });
        expect(asked).toMatchObject({
          status: 200,
          body: { version: 1, state: 'rewrap_only', destruction: {}, destroyable_at: expect.any(String) as string },
        });
        const twice = await world.call('POST', `${path}/schedule-destruction`, { pending_window_days: 7 });
        expect(twice).toMatchObject({ status: 409, body: { code: 'key_version_state' } });
        const cancelled = await world.call('POST', `${path}/cancel-destruction`);
        expect(cancelled).toMatchObject({ status: 200, body: { destruction: null, destroyable_at: null } });
        answered(await world.call('POST', `${path}/schedule-destruction`, { pending_window_days: 7 }));
        world.clock.forward({ days: 8 });
        await world.composition.runtime.application.sweep();
        expect(await version(1)).toMatchObject({ state: 'rewrap_only' });
        world.clock.forward({ days: 28 });
        expect(
          await until(
            'the old version is destroyed',
            () => version(1),
            ({ state }) => state === 'destroyed',
          ),
        ).toMatchObject({ state: 'destroyed' });
        expect(await world.call('POST', `${openai}/rewrap`, { ciphertext: tokens[1] })).toMatchObject({
          status: 400,
          body: { code: 'decryption_failed' },
        });
        expect(world.logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
      },
    );
  } finally {
    await world.close();
    remove();
  }
});

test('a policy is set with its next rotation, kept as it is where it is refused, and its day comes by itself', async () => {
  const { home, remove } = temporaryHome();
  const world = await openLocalWorld(home);
  try {
    const path = `${openai}/rotation-policy`;
    const change = { enabled: true, interval_days: 30, grace_period_days: 30 };
    const set = await world.call('PUT', path, change);
    expect(set).toMatchObject({ status: 200, body: { provider: 'openai', rotation_policy: change } });
    const refused = await world.call('PUT', path, { ...change, grace_period_days: 31 });
    expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(String(refused.body['detail'])).toContain('grace_period_days');
    expect((await world.call('GET', path)).body).toStrictEqual(set.body);
    const changes = changesOf(await allAuditEvents(world.call, 'event_type=config_change'), 'change_rotation_policy');
    expect(changes.written.map(({ metadata }) => [metadata.old_policy, metadata.new_policy])).toEqual([
      ['enabled, every 90 days, grace 7 days', 'enabled, every 30 days, grace 30 days'],
    ]);
    await world.composition.startWork();
    world.clock.forward({ days: 30, seconds: 60 });
    const listed = await until(
      'a rotation has been started',
      async () =>
        (await patiently(() => world.call('GET', `${openai}/rotations`))).body['rotations'] as Record<
          string,
          unknown
        >[],
      (rotations) => rotations.length > 0,
    );
    expect(listed).toMatchObject([{ status: 'publishing', started_by: 'keyward:sweep' }]);
    const id = String(listed[0]?.['rotation_id']);
    const aborted = await world.call('POST', `${openai}/rotations/${id}/abort`);
    expect(aborted).toMatchObject({ status: 200, body: { status: 'aborted' } });
    expect(await world.call('POST', `${openai}/rotations/${'0'.repeat(32)}/abort`)).toMatchObject({ status: 404 });
  } finally {
    await world.close();
    remove();
  }
});

test('a credential that does not open is counted, named and left as it is; its version is not retired', async () => {
  const { home, remove } = temporaryHome();
  const world = await openLocalWorld(home);
  try {
    await world.composition.startWork();
    await inParallel(40, async (index) => {
      const path = `${openai}/credentials/${nameOf(index)}`;
      answered(await patiently(() => world.call('PUT', path, { api_key: keyOf(index) })));
    });
    const damaged = nameOf(7);
    const other = (await world.call('POST', `${openai}/encrypt`, { plaintext: 'another context' })).body['ciphertext'];
    await world.dynamodb.send(
      new UpdateItemCommand({
        TableName: LOCAL_TABLES.credentials,
        Key: { provider_shard: { S: credentialShard('openai', damaged) }, name: { S: damaged } },
        UpdateExpression: 'SET ciphertext = :other',
        ExpressionAttributeValues: { ':other': { S: String(other) } },
      }),
    );
    const dryRun = await world.call('POST', `${openai}/rotate`, { dry_run: true });
    expect(dryRun.body).toMatchObject({ credentials: 40, would_move: 39, undecryptable: [damaged] });
    const started = await world.call('POST', `${openai}/rotate`, {});
    const rotation = async () =>
      (await world.call('GET', `${openai}/rotations/${String(started.body['rotation_id'])}`)).body;
    world.clock.forward({ seconds: PUBLISH_SECONDS });
    await until('it rekeys', rotation, ({ status }) => status === 'rekeying');
    world.clock.forward({ seconds: 121 });
    expect(await until('it has ended', rotation, ({ ended_at: endedAt }) => endedAt !== null)).toMatchObject({
      status: 'completed_with_failures',
      counts: { total: 40, moved: 39, failed: 1, shards_verified: 16 },
      failures: [damaged],
    });
    const described = await world.call('GET', `${openai}/credentials/${damaged}`);
    expect(described.body).toMatchObject({ key_version: 1, revision: 1 });
    world.clock.forward({ days: 8 });
    expect(await world.composition.runtime.application.sweep()).toEqual([]);
    const { versions } = (await world.call('GET', openai)).body as { versions: readonly Record<string, unknown>[] };
    expect(versions[0]).toMatchObject({ version: 1, state: 'decrypt_only', grace_until: expect.any(String) as string });
    expect(versions[0]).not.toHaveProperty('unreferenced_since');
  } finally {
    await world.close();
    remove();
  }
});
