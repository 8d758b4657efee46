import { tokenSha256 } from '../../../lambdas/core/audit/audit-event';
import type { CredentialRecord, StoredRow } from '../../../lambdas/core/credentials/credential';
import type { Precondition } from '../../../lambdas/core/ports/precondition';
import { MAX_ATTEMPTS } from '../../../lambdas/core/credentials/change-credential';
import { caller, World } from '../../doubles/world';
import { failureOf } from '../keysets/failure-of';

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

  describe('the value', () => {
    test('is checked by its look, or by the format, which is neither kept nor recorded', async () => {
      const world = new World();
      for (const value of ['sk-example\n', '   ', 'Bearer sk-example', 'sk-****9876', '"sk-example"', 'A=sk-example']) {
        const { code, message } = await failureOf(put(world, { api_key: value }));
        expect(code).toBe('invalid_request');
        expect(message).toMatch(/^api_key: .*; if that is intended, set the member format to (key|text)$/);
        expect(message).not.toContain('example');
      }
      expect((await failureOf(put(world, { api_key: '\ud800', format: 'text' }))).message).toContain(
        'no format accepts it',
      );
      expect(world.credentials.rows.size).toBe(0);
      const { credential } = await put(world, { api_key: 'a key with blanks', format: 'text' });
      expect(credential.hint).toBe('');
      expect(await reveal(world)).toMatchObject({ api_key: 'a key with blanks' });
      expect(JSON.stringify([credential, row(world), world.audit.events])).not.toMatch(/format|blanks/);
    });

    test('is not the hint that a list shows, unless a format is given', async () => {
      const world = new World();
      await put(world);
      expect((await failureOf(put(world, { api_key: '-key' }))).message).toContain('the hint that a list shows');
      expect((await put(world, { api_key: '-key', format: 'key' })).credential.hint).toBe('');
      expect((await put(world, { api_key: '-key' })).credential.revision).toBe(3);
      expect((await put(world, { name: 'new', api_key: '-key' })).created).toBe(true);
    });

    test('that is a document is kept byte for byte and has no hint, nor has one that got one before', async () => {
      const world = new World();
      const document = '{\r\n  "type": "service_account",\n  "name": "é"}\n';
      expect((await put(world, { api_key: document })).credential.hint).toBe('');
      expect((await reveal(world)).api_key).toBe(document);
      world.credentials.rows.set(`${provider}/${name}`, { ...row(world), hint: '"é"}' });
      expect((await reveal(world)).hint).toBe('');
    });
  });

  describe('without metadata', () => {
    const metadata = { base_url: 'https://api.example.com', ports: [443] };
    const replace = (world: World, more: object = {}) =>
      world.application.putCredential(caller, { provider, name, api_key: apiKey, ...more });

    test('leaves what is there; {} empties; a new one has none, nor one after a deletion', async () => {
      const world = new World();
      expect((await replace(world)).credential.metadata).toEqual({});
      await put(world, { metadata });
      world.clock.time += 1000;
      const replaced = await replace(world, { api_key: 'another-example-key-0000', precondition: { one_of: [2] } });
      expect(replaced).toMatchObject({ created: false, credential: { revision: 3, hint: '0000', metadata } });
      expect(await reveal(world)).toMatchObject({ api_key: 'another-example-key-0000', metadata });
      expect((await replace(world, { metadata: {} })).credential.metadata).toEqual({});
      await put(world, { metadata });
      await world.application.deleteCredential(caller, { provider, name });
      expect(await replace(world)).toMatchObject({ created: true, credential: { metadata: {} } });
    });

    test('leaves what is there when it is written: another who was faster, and a rekey in between', async () => {
      const world = new World();
      const race = (theirs: StoredRow) => {
        world.credentials.beforePut = () => {
          world.credentials.beforePut = () => undefined;
          world.credentials.rows.set(`${provider}/${name}`, theirs);
          return undefined;
        };
      };
      await put(world, { metadata });
      const first = row(world);
      await put(world, { metadata: { owner: 'somebody' } });
      const second = row(world);
      world.credentials.rows.set(`${provider}/${name}`, first);
      race(second);
      expect((await replace(world)).credential).toMatchObject({ revision: 3, metadata: { owner: 'somebody' } });

      world.publish(world.rotated(provider, 'decrypt_only'), [world.home]);
      world.restart();
      await put(world, { metadata });
      const moved = { ...row(world), revision: first.revision, write_id: 'rekeyed' };
      expect([first.key_version, moved.key_version]).toEqual([1, 2]);
      world.credentials.rows.set(`${provider}/${name}`, first);
      race(moved);
      expect((await replace(world)).credential).toMatchObject({ revision: 2, key_version: 2, metadata });
      expect(await reveal(world)).toMatchObject({ api_key: apiKey, metadata });
    });

    test('is refused where what is there does not open with its metadata, and says so to the auditor', async () => {
      const world = new World();
      await put(world, { metadata });
      const original = row(world);
      const damages: [string, object][] = [
        ['authentication_failed', { ...original, metadata: { base_url: 'https://attacker.example' } }],
        ['authentication_failed', { ...original, metadata: {} }],
        ['malformed_token', { ...original, ciphertext: '' }],
        ['credential_damaged', { provider, name, damaged: true, key_version: 0, revision: 1, row: {} }],
      ];
      for (const [reason, damaged] of damages) {
        world.credentials.rows.set(`${provider}/${name}`, damaged as never);
        const failure = await failureOf(replace(world, { precondition: 'exists' }));
        expect([failure.code, failure.message]).toEqual(['metadata_required', expect.stringContaining('{} for none')]);
        expect(world.audit.events.at(-1)).toMatchObject({
          event_type: 'encrypt',
          success: false,
          metadata: { code: 'metadata_required', reason, credential: name },
        });
        expect((await failureOf(replace(world, { precondition: 'absent' }))).code).toBe('precondition_failed');
        expect((await put(world, { metadata })).credential).toMatchObject({ revision: 2, metadata });
      }
    });

    test('cannot be done without the key that it is under', async () => {
      const world = new World();
      await put(world, { metadata });
      world.restart();
      world.down(true);
      expect((await failureOf(replace(world))).code).toBe('keys_unavailable');
      expect(row(world).revision).toBe(1);
    });
  });

  describe('a name that looks like an API key', () => {
    const leaked = 'sk-example-not-a-real-name';
    const shown = 'sha256:b5c67f24';
    const leakedPlace = `${provider}/${leaked}`;

    test('is not created, neither anew nor after a deletion', async () => {
      const world = new World();
      for (const tombstone of [undefined, { deleted_at: '2026-11-21T09:00:00.000Z' }]) {
        if (tombstone) {
          const rest = { provider, name: leaked, revision: 4, write_id: 'w' };
          world.credentials.rows.set(leakedPlace, { ...rest, ...tombstone });
        }
        const failure = await failureOf(put(world, { name: leaked }));
        expect(failure).toMatchObject({ code: 'invalid_request', message: expect.stringContaining(shown) });
        expect(world.audit.events.at(-1)).toMatchObject({ success: false, metadata: { credential: shown } });
      }
      expect(JSON.stringify(world.audit.events)).not.toContain(leaked);
    });

    test('is hidden wherever nothing is stored under it', async () => {
      const world = new World();
      const place = { provider, name: leaked };
      const failures = [
        await failureOf(world.application.revealCredential(caller, { ...place, consistent: false })),
        await failureOf(world.application.deleteCredential(caller, place)),
        await failureOf(world.application.describeCredential({ ...place, consistent: true })),
      ];
      for (const { code, message } of failures) {
        expect([code, message]).toEqual(['credential_not_found', expect.stringContaining(`(${shown})`)]);
      }
      const refused = [
        await failureOf(put(world, { name: leaked, precondition: 'exists' })),
        await failureOf(world.application.deleteCredential(caller, { ...place, precondition: { one_of: [1] } })),
      ];
      expect(refused.map(({ code }) => code)).toEqual(['precondition_failed', 'precondition_failed']);
      world.credentials.down = true;
      expect((await failureOf(put(world, { name: leaked }))).code).toBe('store_unavailable');
      expect((await failureOf(world.application.deleteCredential(caller, place))).code).toBe('store_unavailable');
      expect((await failureOf(world.application.revealCredential(caller, { ...place, consistent: true }))).code).toBe(
        'store_unavailable',
      );
      expect(world.audit.events.map(({ metadata }) => metadata.credential)).toEqual(Array(7).fill(shown));
      expect(JSON.stringify([world.audit.events, failures, refused])).not.toContain(leaked);
    });

    test('that exists is read, replaced and deleted as before', async () => {
      const world = new World();
      await put(world, { name: 'clear' });
      const { ciphertext: _, ...shownRow } = world.credentials.rows.get(`${provider}/clear`) as CredentialRecord;
      world.credentials.rows.set(leakedPlace, { ...shownRow, name: leaked, ciphertext: '' });
      expect((await put(world, { name: leaked })).credential).toMatchObject({ name: leaked, revision: 2 });
      const place = { provider, name: leaked };
      expect((await world.application.revealCredential(caller, { ...place, consistent: true })).api_key).toBe(apiKey);
      expect((await world.application.describeCredential({ ...place, consistent: true })).name).toBe(leaked);
      expect((await failureOf(put(world, { name: leaked, precondition: 'absent' }))).code).toBe('precondition_failed');
      expect(world.audit.events.at(-1)?.metadata.credential).toBe(leaked);
      await world.application.deleteCredential(caller, place);
      expect(world.audit.events.at(-1)).toMatchObject({ success: true, metadata: { credential: leaked } });
    });

    test('says nothing of any other name', async () => {
      const world = new World();
      const failure = await failureOf(world.application.deleteCredential(caller, { provider, name: 'other' }));
      expect(failure.message).toBe('there is no credential of this name');
      expect(world.audit.events.at(-1)?.metadata.credential).toBe('other');
    });
  });

  test('preconditions', async () => {
    const world = new World();
    const refused = async (precondition: unknown) => (await failureOf(put(world, { precondition }))).code;
    expect(await refused('exists')).toBe('precondition_failed');
    expect(await refused({ one_of: [1] })).toBe('precondition_failed');
    await put(world, { precondition: 'absent' });
    expect(await refused('absent')).toBe('precondition_failed');
    expect(await refused({ one_of: [2, 3] })).toBe('precondition_failed');
    expect(await refused({ one_of: [] })).toBe('precondition_failed');
    expect(await refused({ none_of: [1, 7] })).toBe('precondition_failed');
    expect((await put(world, { precondition: { one_of: [7, 1] } })).credential.revision).toBe(2);
    expect((await put(world, { precondition: 'exists' })).credential.revision).toBe(3);
    expect((await put(world, { precondition: { none_of: [2] } })).credential.revision).toBe(4);
    expect((await put(world, { name: 'new', precondition: { none_of: [1] } })).credential.revision).toBe(1);
    expect(world.audit.events.filter((event) => event.metadata.code === 'precondition_failed')).toHaveLength(6);
  });

  test('somebody else is faster: it starts again, and gives up at some time', async () => {
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
    faster(MAX_ATTEMPTS);
    expect((await failureOf(put(world))).code).toBe('conflict');
  });

  describe('somebody else is faster, once', () => {
    /** Between the read and the write of the first attempt. */
    const raced = (world: World, act: (stored: StoredRow | undefined) => StoredRow) => {
      world.credentials.beforePut = () => {
        world.credentials.beforePut = () => undefined;
        const key = `${provider}/${name}`;
        world.credentials.rows.set(key, act(world.credentials.rows.get(key)));
        return undefined;
      };
    };
    let writes = 0;
    const theirs = () => `theirs-${(writes += 1)}`;
    const written = (stored: StoredRow | undefined): StoredRow => ({
      ...(stored as CredentialRecord),
      revision: stored!.revision! + 1,
      write_id: theirs(),
    });
    const deleted = (stored: StoredRow | undefined): StoredRow => ({
      provider,
      name,
      revision: stored!.revision! + 1,
      write_id: theirs(),
      deleted_at: '2026-11-21T09:00:00.000Z',
    });
    const remove = (world: World, precondition: Precondition) =>
      world.application.deleteCredential(caller, { provider, name, precondition });

    test('If-Match: * holds all the same, of PUT and of DELETE', async () => {
      const world = new World();
      await put(world);
      raced(world, written);
      expect(await put(world, { precondition: 'exists' })).toMatchObject({
        credential: { revision: 3 },
        created: false,
      });
      raced(world, written);
      await remove(world, 'exists');
      expect(world.credentials.rows.get(`${provider}/${name}`)).toMatchObject({
        revision: 5,
        deleted_at: expect.anything(),
      });
    });

    test('If-Match: * does not hold where the race has left nothing', async () => {
      for (const change of [
        (world: World) => put(world, { precondition: 'exists' }),
        (world: World) => remove(world, 'exists'),
      ]) {
        const world = new World();
        await put(world);
        raced(world, deleted);
        expect((await failureOf(change(world))).code).toBe('precondition_failed');
        expect(world.credentials.rows.get(`${provider}/${name}`)).toMatchObject({ write_id: `theirs-${writes}` });
      }
    });

    test('a revision does not hold, nor does the absence of what is there now', async () => {
      const world = new World();
      await put(world);
      raced(world, written);
      expect((await failureOf(put(world, { precondition: { one_of: [1] } }))).code).toBe('precondition_failed');
      raced(world, written);
      expect((await failureOf(put(world, { precondition: { none_of: [3] } }))).code).toBe('precondition_failed');
      const found = row(world);
      await remove(world, 'exists');
      raced(world, (tombstone) => ({ ...found, revision: tombstone!.revision! + 1, write_id: theirs() }));
      expect((await failureOf(put(world, { precondition: 'absent' }))).code).toBe('precondition_failed');
    });

    test('a revision that is among those it may be holds, and so does the absence after another deletion', async () => {
      const world = new World();
      await put(world);
      raced(world, written);
      expect((await put(world, { precondition: { one_of: [1, 2] } })).credential.revision).toBe(3);
      await remove(world, 'exists');
      raced(world, deleted);
      expect(await put(world, { precondition: 'absent' })).toMatchObject({
        credential: { revision: 6 },
        created: true,
      });
    });
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
  const remove = (world: World, precondition?: Precondition) =>
    world.application.deleteCredential(caller, { provider, name, ...(precondition ? { precondition } : {}) });

  test('leaves a tombstone; the name goes on with the next revision', async () => {
    const world = new World();
    await put(world);
    expect((await failureOf(remove(world, { one_of: [7] }))).code).toBe('precondition_failed');
    await remove(world, { one_of: [1] });
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
    world.secrets.lose();
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
