import { credentialContext, type DamagedCredential } from '../../../lambdas/core/credentials/credential';
import { checkCallerContext } from '../../../lambdas/core/crypto/encryption-context';
import { openHeld } from '../../../lambdas/core/credentials/open-credential';
import { failureOf } from '../keysets/failure-of';
import { DAY_MS, UndoWorld } from './undo-world';

const FIRST = 'first-example-key-1111';
const SECOND = 'second-example-key-2222';
const THIRD = 'third-example-key-3333';
const METADATA = { base_url: 'https://first.example.com', ports: [443] };
const AT = '2026-11-21T09:00:00.000Z';

async function replaced(days?: number): Promise<UndoWorld> {
  const world = new UndoWorld(days);
  await world.put(FIRST, METADATA);
  world.clock.time += 1000;
  await world.put(SECOND, { team: 'search' });
  return world;
}

const codeOf = async (run: Promise<unknown>): Promise<string> => (await failureOf(run)).code;

describe('a value that is replaced', () => {
  test('is kept with its metadata, its hint, its times and its revision, for 30 days, and neither shown nor in clear', async () => {
    const world = await replaced();
    expect(world.previous).toStrictEqual({
      revision: 1,
      replaced_at: '2026-11-21T09:00:01.000Z',
      ciphertext: expect.stringMatching(/^kw1\.openai\.1\./) as string,
      key_version: 1,
      hint: '1111',
      metadata: METADATA,
      created_at: AT,
      updated_at: AT,
    });
    const mark = { revision: 1, replaced_at: '2026-11-21T09:00:01.000Z', expires_at: '2026-12-21T09:00:01.000Z' };
    expect(await world.describe()).toMatchObject({ revision: 2, metadata: { team: 'search' }, previous: mark });
    const { ciphertext: _, ...shown } = world.previous;
    expect(await world.describePrevious()).toStrictEqual({ ...world.place, ...shown, ...mark });
    expect(JSON.stringify([world.row, world.audit.events])).not.toContain('example-key');
    expect(world.noted()).toEqual(['kept', 1, undefined]);
  });

  test('is told of in the list, and in the reply of the change', async () => {
    const world = await replaced();
    const { credential } = await world.put(THIRD);
    expect(credential).toMatchObject({ revision: 3, previous: { revision: 2 } });
    const { credentials } = await world.application.listCredentials({
      provider: 'openai',
      limit: 5,
      consistent: false,
    });
    expect(credentials).toStrictEqual([credential]);
    expect(Object.keys(credential.previous!)).toStrictEqual(['revision', 'replaced_at', 'expires_at']);
  });

  test('is one: the one before it is gone', async () => {
    const world = await replaced();
    await world.put(THIRD);
    expect(world.previous).toMatchObject({ revision: 2, hint: '2222', metadata: { team: 'search' } });
    expect(await codeOf(world.restore(1))).toBe('previous_value_changed');
  });

  test('is sealed under the primary, whatever it was under', async () => {
    const world = new UndoWorld();
    await world.put(FIRST);
    world.publish(world.rotated('openai', 'decrypt_only'));
    world.restart();
    await world.put(SECOND);
    expect(world.live).toMatchObject({ key_version: 2, previous: { key_version: 2 } });
    expect(world.previous.ciphertext).toMatch(/^kw1\.openai\.2\./);
  });

  test('is not kept where a caller sends the very value and metadata again, as the retry of a doubtful PUT does', async () => {
    const world = await replaced();
    const before = world.previous;
    for (const metadata of [{ team: 'search' }, undefined]) {
      await world.put(SECOND, metadata);
      expect(world.previous).toStrictEqual(before);
      expect(world.noted()).toEqual(['left', undefined, undefined]);
    }
    expect(world.row.revision).toBe(4);
    await world.restore(1);
    expect(await world.reveal()).toBe(FIRST);
  });

  test.each([
    ['the metadata', SECOND, { team: 'other' }],
    ['the value', `${SECOND}x`, { team: 'search' }],
    ['the order of members alone', SECOND, undefined],
  ] as const)('is kept or left by %s', async (_what, apiKey, metadata) => {
    const world = new UndoWorld();
    await world.put(FIRST);
    await world.put(SECOND, { team: 'search', a: 1 });
    await world.put(apiKey, metadata ?? { a: 1, team: 'search' });
    expect(world.previous.revision).toBe(metadata === undefined ? 1 : 2);
  });

  test('is not kept where it does not open, and does not displace one that does; the event says so', async () => {
    const world = await replaced();
    const before = world.previous;
    world.edit({ metadata: { team: 'edited' } });
    await world.put(THIRD, {});
    expect(world.previous).toStrictEqual(before);
    expect(world.noted()).toEqual(['lost', undefined, undefined]);
    await world.restore(1);
    expect(await world.reveal()).toBe(FIRST);
    expect(world.previous).toMatchObject({ revision: 3, hint: '3333' });
  });

  test('is not kept either where its row is damaged; nor is a damaged previous value given up for it', async () => {
    const world = await replaced();
    const { write_id, revision, previous } = world.live;
    const damaged: DamagedCredential = {
      ...world.place,
      ...{ write_id, revision, previous: previous! },
      damaged: true,
      key_version: 0,
      row: { revision, write_id, hint: 7 },
    };
    world.credentials.rows.set('openai/default', damaged);
    await world.put(THIRD, {});
    expect(world.previous).toStrictEqual(previous);
    expect(world.noted()).toEqual(['lost', undefined, undefined]);
    world.breakPrevious();
    world.edit({ ciphertext: 'kw1.openai.1.AAAA' });
    await world.put(THIRD, {});
    expect(world.previous).toMatchObject({ damaged: true });
    await world.put(FIRST, {});
    expect(world.previous).toMatchObject({ revision: 4, hint: '3333' });
  });

  test('takes the place of a damaged one once it opens', async () => {
    const world = await replaced();
    world.breakPrevious();
    expect(await world.describe()).not.toHaveProperty('previous');
    expect(await codeOf(world.describePrevious())).toBe('credential_damaged');
    expect(await codeOf(world.restore(1))).toBe('credential_damaged');
    await world.put(THIRD);
    expect(world.previous).toMatchObject({ revision: 2 });
  });

  test('is not written while its keys are out of reach: that would not be a value that does not open', async () => {
    const world = new UndoWorld();
    await world.put(FIRST);
    const before = world.row;
    world.secrets.lose();
    world.restart();
    expect(await codeOf(world.put(SECOND))).toBe('keys_unavailable');
    expect(world.row).toStrictEqual(before);
  });
});

describe('neither value opens in the place of the other', () => {
  test('the previous one as the current one, the current one as the previous one', async () => {
    for (const exchange of ['current', 'previous'] as const) {
      const world = await replaced();
      const { ciphertext, metadata } = world.live;
      if (exchange === 'current') {
        world.edit({ ciphertext: world.previous.ciphertext, metadata: METADATA });
        expect(await codeOf(world.reveal())).toBe('credential_damaged');
      } else {
        world.editPrevious({ ciphertext, metadata });
        expect(await codeOf(world.restore(1))).toBe('credential_damaged');
      }
    }
  });

  test('an earlier previous value in the place of a later one, of the same revision even', async () => {
    const world = await replaced();
    const { ciphertext } = world.previous;
    world.clock.time += 1000;
    await world.restore(1);
    world.editPrevious({ ciphertext });
    expect(await codeOf(world.restore(2))).toBe('credential_damaged');
  });

  test.each([
    ['its age', { replaced_at: '2026-11-21T09:00:02.000Z' }, 1],
    ['its age by a millisecond', { replaced_at: '2026-11-21T09:00:01.001Z' }, 1],
    ['its revision', { revision: 3 }, 3],
    ['its metadata', { metadata: { base_url: 'https://elsewhere.example.com' } }, 1],
  ] as const)('nor does it open with %s edited', async (_what, change, revision) => {
    const world = await replaced();
    world.editPrevious(change);
    const before = world.row;
    expect(await codeOf(world.restore(revision))).toBe('credential_damaged');
    expect(world.row).toStrictEqual(before);
    expect(await world.reveal()).toBe(SECOND);
  });

  test('what is shown of it and bound to nothing does not bring another value', async () => {
    const world = await replaced();
    world.editPrevious({ hint: 'xxxx', key_version: 9 });
    await world.restore(1);
    expect(await world.reveal()).toBe(FIRST);
    expect(await world.describe()).toMatchObject({ hint: '1111', key_version: 1 });
  });

  test('nor by a call that takes a context: these names are no caller’s', async () => {
    const world = await replaced();
    const { metadata } = world.previous;
    const context = credentialContext(world.place.provider, world.place.name, metadata, world.previous);
    expect(context).toMatchObject({ 'keyward:previous': '1 2026-11-21T09:00:01.000Z' });
    for (const [name, value] of Object.entries(context)) {
      expect(() => {
        checkCallerContext({ [name]: value });
      }).toThrow('must not begin with keyward:');
    }
  });
});

describe('a value that is deleted', () => {
  test('is kept with the tombstone, listed, and brought back under a new revision; nothing takes its place', async () => {
    const world = new UndoWorld();
    await world.put(FIRST, METADATA);
    world.clock.time += 1000;
    await world.remove();
    expect(world.row).toMatchObject({ revision: 2, deleted_at: '2026-11-21T09:00:01.000Z', previous: { revision: 1 } });
    expect(world.noted()).toEqual(['kept', 1, undefined]);
    const previous = await world.describePrevious();
    expect(await world.listDeleted()).toStrictEqual({
      deleted: [{ ...world.place, revision: 2, deleted_at: '2026-11-21T09:00:01.000Z', previous }],
    });
    for (const gone of [world.describe(), world.reveal(), world.patch({}), world.remove()]) {
      expect(await codeOf(gone)).toBe('credential_not_found');
    }
    world.clock.time += 1000;
    const restored = await world.restore(1, { precondition: 'absent' });
    expect(restored).toStrictEqual({
      ...world.place,
      hint: '1111',
      key_version: 1,
      revision: 3,
      metadata: METADATA,
      created_at: AT,
      updated_at: '2026-11-21T09:00:02.000Z',
    });
    expect(world.noted()).toEqual([undefined, undefined, 1]);
    expect(await world.reveal()).toBe(FIRST);
    expect(world.row).not.toHaveProperty('previous');
    expect(await world.listDeleted()).toStrictEqual({ deleted: [] });
  });

  test('stays what it is where the name is used anew', async () => {
    const world = new UndoWorld();
    await world.put(FIRST, METADATA);
    await world.remove();
    const before = world.previous;
    expect(await world.put(SECOND, undefined, { precondition: 'absent' })).toMatchObject({
      created: true,
      credential: { revision: 3, metadata: {}, previous: { revision: 1 } },
    });
    expect(world.noted()).toEqual(['left', undefined, undefined]);
    expect(world.previous).toStrictEqual(before);
    await world.restore(1);
    expect(await world.reveal()).toBe(FIRST);
    await world.restore(3);
    expect(await world.reveal()).toBe(SECOND);
  });

  test('displaces the one before it', async () => {
    const world = await replaced();
    await world.remove();
    expect(world.previous).toMatchObject({ revision: 2, hint: '2222' });
    expect(world.noted()).toEqual(['kept', 2, undefined]);
  });

  test('that does not open is lost, and the one before it is what can be restored', async () => {
    const world = await replaced();
    world.edit({ ciphertext: 'no token' });
    await world.remove();
    expect(world.noted()).toEqual(['lost', undefined, undefined]);
    expect(world.previous.revision).toBe(1);
    await world.restore(1);
    expect(await world.reveal()).toBe(FIRST);
  });

  test('is not without the keys that it takes to keep it; with purge it is, and so is one that does not open', async () => {
    const world = await replaced();
    const before = world.row;
    world.secrets.lose();
    world.restart();
    expect(await codeOf(world.remove())).toBe('keys_unavailable');
    expect(world.row).toStrictEqual(before);
    expect(world.lastEvent).toMatchObject({ success: false, metadata: { operation: 'delete_credential' } });
    await world.remove({ purge: true });
    expect(world.row).toStrictEqual({
      ...world.place,
      revision: 3,
      write_id: expect.any(String) as string,
      deleted_at: expect.any(String) as string,
    });
    expect(world.noted()).toEqual(['purged', undefined, undefined]);
    expect(await codeOf(world.restore(1))).toBe('previous_value_not_found');
  });

  test('by its revision, or not', async () => {
    const world = await replaced();
    const of = (revision: number) => ({ precondition: { one_of: [revision] } }) as const;
    expect(await codeOf(world.remove(of(1)))).toBe('precondition_failed');
    await world.remove(of(2));
    expect(await codeOf(world.restore(2, of(3)))).toBe('precondition_failed');
    expect((await world.restore(2, { precondition: 'absent' })).revision).toBe(4);
    expect(await codeOf(world.restore(2, { precondition: 'absent' }))).toBe('precondition_failed');
  });
});

describe('a restoration', () => {
  test('exchanges the two, each with what stood beside it, and is undone by another', async () => {
    const world = await replaced();
    world.clock.time += 1000;
    expect(await world.restore(1)).toMatchObject({
      revision: 3,
      metadata: METADATA,
      created_at: AT,
      updated_at: '2026-11-21T09:00:02.000Z',
      previous: { revision: 2, replaced_at: '2026-11-21T09:00:02.000Z' },
    });
    expect(world.noted()).toEqual(['kept', 2, 1]);
    expect(world.lastEvent).toMatchObject({ event_type: 'encrypt', metadata: { operation: 'restore_credential' } });
    expect(await world.reveal()).toBe(FIRST);
    await world.restore(2);
    expect(await world.describe()).toMatchObject({
      revision: 4,
      metadata: { team: 'search' },
      previous: { revision: 3 },
    });
    expect(await world.reveal()).toBe(SECOND);
  });

  test('of another revision is refused: somebody has replaced it since', async () => {
    const world = await replaced();
    const before = world.row;
    for (const revision of [2, 3, 4]) {
      expect(await codeOf(world.restore(revision))).toBe('previous_value_changed');
    }
    expect(world.row).toStrictEqual(before);
    expect(world.lastEvent).toMatchObject({ success: false, metadata: { operation: 'restore_credential' } });
  });

  test('over a value that does not open leaves none: the one that was restored is not kept a second time', async () => {
    const world = await replaced();
    world.edit({ ciphertext: 'no token' });
    await world.restore(1);
    expect(world.noted()).toEqual(['lost', undefined, 1]);
    expect(await world.reveal()).toBe(FIRST);
    expect(world.row).not.toHaveProperty('previous');
  });

  test('of a name that never was, or has none', async () => {
    const world = new UndoWorld();
    expect(await codeOf(world.restore(1))).toBe('credential_not_found');
    expect(await codeOf(world.describePrevious())).toBe('credential_not_found');
    expect(await codeOf(world.purge())).toBe('credential_not_found');
    await world.put(FIRST);
    expect(await codeOf(world.restore(1))).toBe('previous_value_not_found');
    expect(await codeOf(world.describePrevious())).toBe('previous_value_not_found');
    expect(await codeOf(world.purge())).toBe('previous_value_not_found');
  });

  test('without keys is 503, and changes nothing', async () => {
    const world = await replaced();
    const before = world.row;
    world.secrets.lose();
    world.restart();
    expect(await codeOf(world.restore(1))).toBe('keys_unavailable');
    expect(world.row).toStrictEqual(before);
  });
});

describe('a purge', () => {
  test('ends the previous value under a new revision, without any key; the current one is as it was', async () => {
    const world = await replaced();
    const { previous: _, write_id, ...before } = world.live;
    world.secrets.lose();
    world.restart();
    world.clock.time += 1000;
    await world.purge();
    expect(world.row).toStrictEqual({
      ...before,
      revision: 3,
      write_id: expect.not.stringMatching(write_id) as string,
      updated_at: '2026-11-21T09:00:02.000Z',
    });
    expect(world.lastEvent).toMatchObject({
      event_type: 'config_change',
      metadata: { operation: 'purge_previous_value', revision: 3, outcome: 'written', previous_value: 'purged' },
    });
    expect(world.lastEvent).toMatchObject({ key_version: null, token_sha256: null });
    expect(await codeOf(world.purge())).toBe('previous_value_not_found');
  });

  test('of a deleted credential leaves the tombstone alone', async () => {
    const world = new UndoWorld();
    await world.put(FIRST);
    await world.remove();
    const { previous: _, ...before } = world.row;
    await world.purge({ precondition: 'absent' });
    expect(world.row).toStrictEqual({ ...before, revision: 3, write_id: expect.any(String) as string });
    expect(await world.listDeleted()).toStrictEqual({ deleted: [] });
    expect(await world.put(SECOND)).toMatchObject({ created: true, credential: { revision: 4 } });
  });

  test('takes a damaged one, one whose time is over, and that of a damaged row, whose members stay', async () => {
    const world = await replaced();
    world.breakPrevious();
    await world.purge();
    expect(world.row).not.toHaveProperty('previous');
    await world.put(THIRD);
    world.clock.time += 31 * DAY_MS;
    expect(await codeOf(world.describePrevious())).toBe('previous_value_not_found');
    await world.purge();
    expect(world.row).not.toHaveProperty('previous');
    await world.put(FIRST);
    const { write_id, revision, previous } = world.live;
    const row = { hint: 7, later: 'member' };
    world.credentials.rows.set('openai/default', {
      ...world.place,
      ...{ write_id, revision, previous: previous! },
      damaged: true,
      key_version: 1,
      row,
    });
    await world.purge();
    expect(world.row).toStrictEqual({
      ...world.place,
      revision: revision + 1,
      write_id: expect.any(String) as string,
      damaged: true,
      key_version: 1,
      row,
    });
  });

  test('by a precondition, or not', async () => {
    const world = await replaced();
    expect(await codeOf(world.purge({ precondition: { one_of: [1] } }))).toBe('precondition_failed');
    expect(await codeOf(world.purge({ precondition: 'absent' }))).toBe('precondition_failed');
    await world.purge({ precondition: { one_of: [2] } });
    expect(world.row.revision).toBe(3);
  });
});

describe('the time of a previous value', () => {
  test('ends to the millisecond, for whoever looks, restores or replaces', async () => {
    const world = await replaced();
    const { expires_at } = await world.describePrevious();
    world.clock.time = Date.parse(expires_at) - 1;
    expect(await world.describePrevious()).toMatchObject({ expires_at });
    expect(await world.describe()).toMatchObject({ previous: { expires_at } });
    world.clock.time += 1;
    expect(await codeOf(world.describePrevious())).toBe('previous_value_not_found');
    expect(await codeOf(world.restore(1))).toBe('previous_value_not_found');
    expect(await world.describe()).not.toHaveProperty('previous');
    expect(world.previous.revision).toBe(1);
    await world.patch({});
    expect(world.row).not.toHaveProperty('previous');
    expect(world.noted()).toEqual([undefined, undefined, undefined]);
  });

  test('of a deleted one ends in the same way', async () => {
    const world = new UndoWorld();
    await world.put(FIRST);
    await world.remove();
    world.clock.time += 30 * DAY_MS - 1;
    expect((await world.listDeleted()).deleted).toHaveLength(1);
    world.clock.time += 1;
    expect(await world.listDeleted()).toStrictEqual({ deleted: [] });
    expect(await codeOf(world.restore(1))).toBe('previous_value_not_found');
    await world.put(SECOND);
    expect(world.row).not.toHaveProperty('previous');
  });

  test.each([1, 7, 90])('is what is configured: %i days', async (days) => {
    const world = await replaced(days);
    const { replaced_at, expires_at } = await world.describePrevious();
    expect(Date.parse(expires_at) - Date.parse(replaced_at)).toBe(days * DAY_MS);
  });

  test('of none keeps nothing, opens nothing, and takes no key to delete', async () => {
    const world = await replaced(0);
    expect(world.row).not.toHaveProperty('previous');
    expect(world.noted()).toEqual([undefined, undefined, undefined]);
    await world.put(SECOND);
    expect(world.row).not.toHaveProperty('previous');
    world.secrets.lose();
    world.restart();
    await world.remove();
    expect(world.row).not.toHaveProperty('previous');
    expect(await codeOf(world.restore(3))).toBe('previous_value_not_found');
  });

  test('of none ends what was kept before', async () => {
    const world = await replaced();
    world.keepFor(0);
    expect(await codeOf(world.describePrevious())).toBe('previous_value_not_found');
    expect(await codeOf(world.restore(1))).toBe('previous_value_not_found');
    await world.put(THIRD);
    expect(world.row).not.toHaveProperty('previous');
  });
});

test('what is not there does not open', async () => {
  const world = await replaced();
  const { previous: _, ...row } = world.live;
  const none = undefined as never;
  expect(await codeOf(openHeld(none, row, 'previous', none))).toBe('credential_damaged');
});

test('a row from before there were previous values goes on working', async () => {
  const world = new UndoWorld();
  await world.put(FIRST, METADATA);
  expect(Object.keys(world.row).sort()).toStrictEqual(
    ['provider', 'name', 'revision', 'write_id', 'ciphertext', 'key_version', 'hint', 'metadata']
      .concat(['created_at', 'updated_at'])
      .sort(),
  );
  expect(await world.describe()).not.toHaveProperty('previous');
  await world.put(SECOND);
  expect(world.previous.revision).toBe(1);
});
