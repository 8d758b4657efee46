import { tokenSha256 } from '../../../lambdas/core/domain/audit-event';
import type { CredentialRecord } from '../../../lambdas/core/domain/credential';
import { MAX_ATTEMPTS } from '../../../lambdas/core/usecases/change-credential';
import { caller, World } from '../../doubles/world';
import { failureOf } from './failure-of';

const provider = 'openai';
const name = 'default';
const apiKey = 'sk-example-not-a-real-key';
const put = (world: World, more: object = {}) =>
  world.application.putCredential(caller, { provider, name, api_key: apiKey, metadata: {}, ...more });
const reveal = (world: World, consistent = false) =>
  world.application.revealCredential(caller, { provider, name, consistent });
const row = (world: World): CredentialRecord => world.credentials.rows.get(`${provider}/${name}`) as CredentialRecord;

describe('put', () => {
  test('stores, shows a hint, never the key; intent before, outcome after', async () => {
    const world = new World();
    const stored = await put(world, { metadata: { model: 'm-1' } });
    expect(stored).toEqual({
      created: true,
      credential: {
        provider,
        name,
        hint: '-key',
        key_version: 1,
        revision: 1,
        metadata: { model: 'm-1' },
        created_at: '2026-11-21T09:00:00.000Z',
        updated_at: '2026-11-21T09:00:00.000Z',
      },
    });
    const [intent, outcome] = world.audit.events;
    const writeId = row(world).write_id;
    expect(intent).toMatchObject({
      event_type: 'encrypt',
      success: null,
      key_version: 1,
      token_sha256: tokenSha256(row(world).ciphertext),
      metadata: { operation: 'put_credential', credential: name, phase: 'intent', write_id: writeId, revision: 1 },
    });
    expect(outcome).toMatchObject({
      event_type: 'encrypt',
      success: true,
      error_message: null,
      metadata: { phase: 'outcome', outcome: 'written', write_id: writeId },
    });
    expect(JSON.stringify([world.audit.events, stored, row(world)])).not.toContain(apiKey);
  });

  test('replacing keeps created_at and counts revisions; an old DEK copy is never used', async () => {
    const world = new World();
    await put(world);
    world.publish(world.rotated(provider, 'decrypt_only'), [world.home]);
    world.clock.time += 1000;
    const again = await put(world, { api_key: 'another-example-key-0000' });
    expect(again.created).toBe(false);
    expect(again.credential).toMatchObject({
      revision: 2,
      key_version: 2,
      hint: '0000',
      created_at: '2026-11-21T09:00:00.000Z',
      updated_at: '2026-11-21T09:00:01.000Z',
    });
  });

  test('preconditions', async () => {
    const world = new World();
    const refused = async (precondition: unknown) => (await failureOf(put(world, { precondition }))).code;
    expect(await refused('exists')).toBe('precondition_failed');
    expect(await refused({ revision: 1 })).toBe('precondition_failed');
    await put(world, { precondition: 'absent' });
    expect(await refused('absent')).toBe('precondition_failed');
    expect(await refused({ revision: 2 })).toBe('precondition_failed');
    expect((await put(world, { precondition: { revision: 1 } })).credential.revision).toBe(2);
    expect((await put(world, { precondition: 'exists' })).credential.revision).toBe(3);
    expect(world.audit.events.filter((event) => event.metadata.code === 'precondition_failed')).toHaveLength(4);
  });

  test('somebody else is faster: without a precondition it starts again, with one it is refused', async () => {
    const world = new World();
    const faster = (times: number) => {
      let left = times;
      world.credentials.beforePut = () => {
        left -= 1;
        return left >= 0 ? 'refused' : undefined;
      };
    };
    faster(2);
    expect((await put(world)).credential.revision).toBe(1);
    const outcomes = world.audit.events.filter((event) => event.metadata.phase === 'outcome');
    expect(outcomes.map((event) => [event.success, event.metadata.outcome])).toEqual([
      [false, 'refused'],
      [false, 'refused'],
      [true, 'written'],
    ]);
    expect(new Set(outcomes.map((event) => event.metadata.write_id)).size).toBe(3);
    faster(1);
    expect((await failureOf(put(world, { precondition: { revision: 1 } }))).code).toBe('precondition_failed');
    faster(MAX_ATTEMPTS);
    expect((await failureOf(put(world))).code).toBe('conflict');
  });

  test('an unknown outcome is said and recorded as such', async () => {
    const world = new World();
    world.credentials.beforePut = () => 'unknown';
    expect((await failureOf(put(world))).code).toBe('outcome_unknown');
    expect(world.audit.events.at(-1)).toMatchObject({ success: null, metadata: { outcome: 'unknown' } });
    world.credentials.beforePut = () => {
      world.credentials.down = true;
      return undefined;
    };
    expect((await failureOf(put(world))).code).toBe('outcome_unknown');
  });

  test('without its intent on record nothing is written; without its outcome nothing is answered', async () => {
    const world = new World();
    world.audit.failFrom = 0;
    expect((await failureOf(put(world))).code).toBe('audit_unavailable');
    expect(world.credentials.rows.size).toBe(0);
    world.audit.failFrom = 1;
    expect((await failureOf(put(world))).code).toBe('audit_unavailable');
    expect(world.audit.events).toMatchObject([{ metadata: { phase: 'intent' } }]);
  });

  test('metadata over a limit is refused before anything happens', async () => {
    const world = new World();
    for (const metadata of [{ text: 'x'.repeat(9000) }, { nested: { '': 1 } }]) {
      expect((await failureOf(put(world, { metadata }))).code).toBe('invalid_request');
    }
    expect(world.audit.events).toEqual([]);
  });

  test('with the table or the keys out of reach: refused and on record', async () => {
    const world = new World();
    world.credentials.down = true;
    expect((await failureOf(put(world))).code).toBe('store_unavailable');
    world.credentials.down = false;
    world.home.down = true;
    expect((await failureOf(put(world))).code).toBe('keys_unavailable');
    expect(world.audit.events.map((event) => event.metadata.code)).toEqual(['store_unavailable', 'keys_unavailable']);
  });
});

describe('reveal', () => {
  test('returns the key, once that is on record', async () => {
    const world = new World();
    await put(world);
    expect(await reveal(world, true)).toMatchObject({ api_key: apiKey, hint: '-key', revision: 1 });
    expect(world.audit.events.at(-1)).toMatchObject({
      event_type: 'decrypt',
      success: true,
      key_version: 1,
      metadata: { operation: 'reveal_credential', credential: name, revision: 1 },
    });
    world.audit.down = true;
    expect((await failureOf(reveal(world))).code).toBe('audit_unavailable');
  });

  test('opens under a retired version: states gate tokens alone', async () => {
    const world = new World();
    await put(world);
    world.publish(world.rotated(provider, 'rewrap_only'));
    world.restart();
    expect((await reveal(world)).api_key).toBe(apiKey);
  });

  test('a row that was swapped or edited does not open', async () => {
    const world = new World();
    await put(world, { metadata: { base_url: 'https://api.example' } });
    const original = row(world);
    const damages: Partial<CredentialRecord>[] = [
      { name: 'other' },
      { metadata: { base_url: 'https://attacker.example' } },
      { ciphertext: (await world.application.encrypt(caller, { provider, plaintext: 'x', context: {} })).ciphertext },
      { ciphertext: 'not a token' },
    ];
    for (const damage of damages) {
      const damaged = { ...original, ...damage };
      world.credentials.rows.set(`${provider}/${damaged.name}`, damaged);
      const failure = await failureOf(
        world.application.revealCredential(caller, { provider, name: damaged.name, consistent: false }),
      );
      expect(failure.code).toBe('credential_damaged');
      expect(world.audit.events.at(-1)).toMatchObject({
        event_type: 'failed_decrypt',
        metadata: { code: 'credential_damaged' },
      });
    }
  });

  test('/decrypt never opens what is stored, whatever context is presented', async () => {
    const world = new World();
    await put(world);
    const { ciphertext } = row(world);
    expect((await failureOf(world.application.decrypt(caller, { provider, ciphertext, context: {} }))).code).toBe(
      'decryption_failed',
    );
  });

  test('of a name that is not there, and with no key in reach', async () => {
    const world = new World();
    expect((await failureOf(reveal(world))).code).toBe('credential_not_found');
    expect(world.audit.events.at(-1)).toMatchObject({ event_type: 'failed_decrypt', success: false });
    await put(world);
    world.restart();
    world.down(true);
    expect((await failureOf(reveal(world))).code).toBe('keys_unavailable');
  });
});

describe('delete', () => {
  const remove = (world: World, precondition?: { revision: number }) =>
    world.application.deleteCredential(caller, { provider, name, ...(precondition ? { precondition } : {}) });

  test('leaves a tombstone; the name goes on with the next revision', async () => {
    const world = new World();
    await put(world);
    expect((await failureOf(remove(world, { revision: 7 }))).code).toBe('precondition_failed');
    await remove(world, { revision: 1 });
    expect(world.audit.events.at(-1)).toMatchObject({
      event_type: 'config_change',
      success: true,
      metadata: { operation: 'delete_credential', credential: name, revision: 2 },
    });
    expect((await failureOf(remove(world))).code).toBe('credential_not_found');
    expect((await failureOf(reveal(world))).code).toBe('credential_not_found');
    expect((await put(world)).credential).toMatchObject({ revision: 3 });
  });
});

describe('describe and list', () => {
  test('never open anything, and page by name', async () => {
    const world = new World();
    for (const each of ['c', 'a', 'b']) await put(world, { name: each });
    await world.application.deleteCredential(caller, { provider, name: 'b' });
    world.secrets.down = true;
    world.restart();
    const list = (more: object) =>
      world.application.listCredentials({ provider, limit: 1, consistent: false, ...more });
    const first = await list({});
    expect(first).toMatchObject({ credentials: [{ name: 'a' }], next: 'a' });
    expect(first.credentials[0]).not.toHaveProperty('ciphertext');
    const second = await list({ after: 'a', consistent: true });
    expect(second).toMatchObject({ credentials: [{ name: 'c' }] });
    expect(second).not.toHaveProperty('next');
    expect(await list({ after: 'c' })).toEqual({ credentials: [] });
    expect(await world.application.describeCredential({ provider, name: 'a', consistent: false })).toMatchObject({
      name: 'a',
    });
    const gone = world.application.describeCredential({ provider, name: 'b', consistent: true });
    expect((await failureOf(gone)).code).toBe('credential_not_found');
  });
});
