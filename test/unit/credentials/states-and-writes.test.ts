import { fromCredentialItem, toCredentialItem } from '../../../lambdas/adapters/aws/dynamodb/credential-item';
import { credentialShard, credentialShardAt } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-tables';
import type { StoredRow } from '../../../lambdas/core/credentials/credential';
import { heldValues } from '../../../lambdas/core/credentials/held-values';
import { KeywardError } from '../../../lambdas/core/errors/errors';
import { DekRotationWorld } from '../../doubles/dek-rotation-world';
import { asStored } from '../../doubles/stores/as-stored';
import { caller } from '../../doubles/world';
import { byTurns } from '../../turn';

const provider = 'openai';
const name = 'default';
const KEY = `${provider}/${name}`;
const FIRST = 'sk-example-first-0000';
const SECOND = 'sk-example-second-1111';
const THIRD = 'sk-example-third-2222';

type Item = Record<string, unknown>;

/** The state of the current value, and the damage of the row. */
const CURRENT = {
  absent: undefined,
  deleted: undefined,
  opens: (item: Item) => item,
  closed: (item: Item) => ({ ...item, metadata: '{"base_url":"https://elsewhere.invalid"}' }),
  damaged: (item: Item) => ({ ...item, hint: [] }),
  'without write_id': ({ write_id: _, ...item }: Item) => item,
  'without revision': ({ revision: _, ...item }: Item) => item,
  'without either': ({ write_id: _, revision: __, ...item }: Item) => item,
  'moved by the release before': undefined,
};
type Current = keyof typeof CURRENT;

const PREVIOUS = {
  none: undefined,
  intact: (previous: Item) => previous,
  expired: (previous: Item) => previous,
  closed: (previous: Item) => ({ ...previous, metadata: '{"base_url":"https://elsewhere.invalid"}' }),
  younger: (previous: Item) => ({ ...previous, replaced_at: '2027-06-01T00:00:00.000Z' }),
  damaged: (previous: Item) => ({ ...previous, hint: [] }),
};
type Previous = keyof typeof PREVIOUS;

/** The row after a write, by the values that open; `closed`: one that does not. */
interface Held {
  readonly current: string | undefined;
  readonly previous: string | undefined;
}

const ACTIONS = {
  'put with metadata': (world: DekRotationWorld) => put(world, { api_key: THIRD, metadata: { team: 'new' } }),
  'put without metadata': (world: DekRotationWorld) => put(world, { api_key: THIRD }),
  'put the same': (world: DekRotationWorld) => put(world, { api_key: SECOND, metadata: { n: 2 } }),
  patch: (world: DekRotationWorld) =>
    world.application.patchMetadata(caller, { provider, name, patch: { team: 'patched' } }),
  delete: (world: DekRotationWorld) => world.application.deleteCredential(caller, { provider, name }),
  'delete and purge': (world: DekRotationWorld) =>
    world.application.deleteCredential(caller, { provider, name, purge: true }),
  restore: (world: DekRotationWorld) => world.application.restoreCredential(caller, { provider, name, revision: 1 }),
  'restore another': (world: DekRotationWorld) =>
    world.application.restoreCredential(caller, { provider, name, revision: 9 }),
  purge: (world: DekRotationWorld) => world.application.purgePrevious(caller, { provider, name }),
  rekey: async (world: DekRotationWorld) => {
    await world.use.rekeyShard({ kind: 'rekey', provider, rotation_id: null, shard }, Infinity);
  },
  expire: async (world: DekRotationWorld) => {
    await world.use.expirePrevious({ provider, shard }, Infinity);
  },
};
type Action = keyof typeof ACTIONS;

const shard = Array.from({ length: 16 }, (_, index) => index).find(
  (index) => credentialShardAt(provider, index) === credentialShard(provider, name),
)!;

const put = (world: DekRotationWorld, command: { api_key: string; metadata?: object }) =>
  world.application.putCredential(caller, { provider, name, ...command } as never);

const rowOf = (world: DekRotationWorld): StoredRow | undefined => world.credentials.rows.get(KEY);

/** The row as the table returns it. */
function settle(world: DekRotationWorld): void {
  const row = rowOf(world);
  if (row === undefined) return;
  world.credentials.rows.set(KEY, asStored(fromCredentialItem(provider, name, toCredentialItem(row as never))));
}

/** A world whose row has this state and damage, under the version before the primary. */
async function worldWith(current: Current, previous: Previous): Promise<DekRotationWorld> {
  const world = new DekRotationWorld();
  const isDeleted = current === 'deleted';
  if (current !== 'absent') {
    if (previous !== 'none' || isDeleted) await put(world, { api_key: FIRST, metadata: { n: 1 } });
    if (isDeleted) await world.application.deleteCredential(caller, { provider, name, purge: previous === 'none' });
    else await put(world, { api_key: SECOND, metadata: { n: 2 } });
    let item: Item = toCredentialItem(rowOf(world) as never);
    if (previous !== 'none') item = { ...item, previous: PREVIOUS[previous](item['previous'] as Item) };
    item = CURRENT[current]?.(item) ?? item;
    world.credentials.rows.set(KEY, asStored(fromCredentialItem(provider, name, item)));
  }
  if (previous === 'expired') world.days(31);
  world.publish(world.rotated(provider, 'decrypt_only'));
  world.restart();
  if (current === 'moved by the release before') {
    // The older release opened the current value and left unknown members unchanged.
    const row = rowOf(world) as never as Item;
    await ACTIONS.rekey(world);
    const { ciphertext, write_id: writeId } = rowOf(world) as never as Item;
    const stale = previous === 'none' ? {} : { current_key_version: 1 };
    const item = { ...toCredentialItem(row as never), ciphertext, write_id: writeId, key_version: 2, ...stale };
    world.credentials.rows.set(KEY, asStored(fromCredentialItem(provider, name, item)));
  }
  world.audit.events.length = 0;
  return world;
}

/** The expected result of a write, or the code of its refusal; and its outcome event's member about the previous value. */
interface Expected extends Held {
  readonly code?: string;
  readonly noted?: string | undefined;
}

function expected(current: Current, previous: Previous, action: Action): Expected {
  const opens = current === 'opens' || current === 'moved by the release before';
  const isThere = current !== 'absent' && current !== 'deleted';
  const held = {
    none: undefined,
    intact: FIRST,
    expired: FIRST,
    closed: 'closed',
    younger: 'closed',
    damaged: 'closed',
  }[previous];
  const before: Held = {
    current: isThere ? (opens ? SECOND : 'closed') : undefined,
    previous: current === 'absent' ? undefined : held,
  };
  const refused = (code: string): Expected => ({ ...before, code });
  // A write repairs a row that has lost only its id.
  const written = current === 'without write_id' ? { ...before, current: SECOND } : before;
  const left = previous === 'expired' ? undefined : before.previous;
  const noted = left === undefined ? undefined : 'left';
  const kept = opens ? { previous: SECOND, noted: 'kept' } : { previous: left, noted: isThere ? 'lost' : noted };
  if (action === 'rekey') return held === FIRST ? written : before;
  if (action === 'expire') {
    return previous === 'expired' && current !== 'without either' ? { ...written, previous: undefined } : before;
  }
  if (current === 'without revision' || current === 'without either') return refused('credential_damaged');
  const isWithoutCurrent = !isThere && !action.startsWith('put') && !/^(restore|purge)/.test(action);
  if (isWithoutCurrent || (current === 'absent' && !action.startsWith('put'))) return refused('credential_not_found');
  switch (action) {
    case 'put with metadata':
      return { current: THIRD, ...kept };
    case 'put without metadata':
      return isThere && !opens ? refused('metadata_required') : { current: THIRD, ...kept };
    case 'put the same':
      return opens ? { current: SECOND, previous: left, noted } : { current: SECOND, ...kept };
    case 'patch':
      return opens ? { current: SECOND, previous: left, noted } : refused('credential_damaged');
    case 'delete':
      return { current: undefined, ...kept };
    case 'delete and purge':
      return { current: undefined, previous: undefined, noted: 'purged' };
    case 'purge':
      return previous === 'none'
        ? refused('previous_value_not_found')
        : { ...written, previous: undefined, noted: 'purged' };
    default: {
      if (previous === 'damaged') return refused('credential_damaged');
      if (previous === 'none' || previous === 'expired') return refused('previous_value_not_found');
      if (action === 'restore another') return refused('previous_value_changed');
      if (held !== FIRST) return refused('credential_damaged');
      const exchanged = opens ? { previous: SECOND, noted: 'kept' } : { noted: isThere ? 'lost' : undefined };
      return { current: FIRST, previous: undefined, ...exchanged };
    }
  }
}

/** Both stored values, each opened in the current one's place. */
async function heldIn(world: DekRotationWorld): Promise<Held> {
  const row = rowOf(world);
  if (row === undefined) return { current: undefined, previous: undefined };
  const which = heldValues(row).map((value) => value.which);
  const query = { provider, name, consistent: true };
  const current = await codeOr(world.application.revealCredential(caller, query).then(({ api_key }) => api_key));
  // The clock of a reader to whom nothing is expired: the test checks stored values, not replies.
  world.previousValueDays = 10_000;
  world.restart();
  world.credentials.rows.set(KEY, { ...row, revision: row.revision ?? 7, write_id: row.write_id ?? 'lost' });
  const revision = (row.previous as { revision?: number } | undefined)?.revision ?? 1;
  const events = world.audit.events.length;
  const previous = await codeOr(
    world.application
      .restoreCredential(caller, { provider, name, revision })
      .then(() => world.application.revealCredential(caller, query))
      .then(({ api_key }) => api_key),
  );
  world.credentials.rows.set(KEY, row);
  world.audit.events.length = events;
  return {
    current: which.includes('current') ? current : undefined,
    previous: which.includes('previous') ? previous : undefined,
  };
}

const codeOr = (work: Promise<string>): Promise<string> =>
  work.catch((thrown: unknown) => (thrown instanceof KeywardError ? 'closed' : Promise.reject(thrown as Error)));

const codeOf = (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => undefined,
    (thrown: unknown) => (thrown as KeywardError).code,
  );

const all = <T extends string>(of: Record<T, unknown>): T[] => Object.keys(of) as T[];
const CASES = all(CURRENT).flatMap((current) =>
  all(PREVIOUS)
    .filter((previous) => current !== 'absent' || previous === 'none')
    .flatMap((previous) => all(ACTIONS).map((action) => [current, previous, action] as const)),
);

test.each(byTurns(CASES, CASES.length))(
  'the current value: %s; the previous one: %s; %s',
  async (current, previous, action) => {
    const world = await worldWith(current, previous);
    const before = asStored({ row: rowOf(world) }).row;
    const wanted = expected(current, previous, action);
    expect(await codeOf(ACTIONS[action](world))).toBe(wanted.code);
    settle(world);
    const row = rowOf(world);

    if (wanted.code !== undefined) {
      // One outcome has the reason, and the row is unchanged.
      expect(row).toEqual(before);
      expect(world.audit.events).toHaveLength(1);
      expect(world.audit.events[0]).toMatchObject({
        success: false,
        metadata: { code: wanted.code, credential: name },
      });
    } else if (action !== 'rekey' && action !== 'expire') {
      expect(row?.revision).toBe((before?.revision ?? 0) + 1);
      expect(row?.write_id).not.toBe(before?.write_id);
      const outcome = world.audit.events.at(-1);
      expect(outcome?.metadata).toMatchObject({ phase: 'outcome', outcome: 'written', revision: row?.revision });
      expect(outcome?.metadata.previous_value).toBe(wanted.noted);
      expect(outcome?.metadata.previous_revision).toBe(wanted.noted === 'kept' ? before?.revision : undefined);
    } else {
      expect(row?.revision).toBe(before?.revision);
    }

    if (row !== undefined) {
      // The table returns it unchanged, and the index has its oldest value.
      const item = toCredentialItem(row as never);
      expect(fromCredentialItem(provider, name, item)).toEqual(row);
      const versions = heldValues(row).map(({ key_version: version }) => version);
      expect(item['key_version']).toBe(versions.length === 0 ? undefined : Math.min(...versions));
      if (action === 'rekey' && !current.startsWith('without')) {
        const stale = versions.filter((version) => version !== 2).length;
        expect(stale).toBe([wanted.current, wanted.previous].filter((value) => value === 'closed').length);
      }
    }

    // A rotation would count the values, and name those that do not open.
    const dryRun = await world.use.dryRun(caller, { provider });
    const count = (value: string | undefined) => (value === undefined ? 0 : 1);
    expect(dryRun).toMatchObject({
      credentials: count(wanted.current),
      previous_values: count(wanted.previous),
      undecryptable: wanted.current === 'closed' ? [name] : [],
      undecryptable_previous: wanted.previous === 'closed' ? [name] : [],
    });

    expect(await heldIn(world)).toEqual({ current: wanted.current, previous: wanted.previous });
    expect(JSON.stringify(world.audit.events)).not.toMatch(/sk-example/);
  },
);

test('a value whose version somebody has edited to that of the primary is moved: the token names its own', async () => {
  const world = await worldWith('opens', 'intact');
  const item: Item = toCredentialItem(rowOf(world) as never);
  const previous = { ...(item['previous'] as Item), key_version: 2 };
  const edited = { ...item, key_version: 2, current_key_version: 2, previous };
  world.credentials.rows.set(KEY, asStored(fromCredentialItem(provider, name, edited)));
  const sealedUnder = (): unknown[] => {
    const { ciphertext, previous: kept } = toCredentialItem(rowOf(world) as never) as { previous: Item } & Item;
    return [ciphertext, kept['ciphertext']].map((token) => String(token).split('.')[2]);
  };
  expect(sealedUnder()).toEqual(['1', '1']);
  await ACTIONS.rekey(world);
  expect(sealedUnder()).toEqual(['2', '2']);
  expect(await heldIn(world)).toEqual({ current: SECOND, previous: FIRST });
});

test('a previous value that somebody has edited is told as damaged, by whoever asks for it', async () => {
  const world = await worldWith('deleted', 'damaged');
  const described = world.application.describePrevious({ provider, name, consistent: true });
  expect(await codeOf(described)).toBe('credential_damaged');
  expect(await codeOf(ACTIONS.restore(world))).toBe('credential_damaged');
  expect(await world.application.listDeletedCredentials({ provider, limit: 5, consistent: true })).toEqual({
    deleted: [],
    damaged: [name],
  });
});

test('a row that no condition can name holds up nothing that is to be erased', async () => {
  const world = await worldWith('without either', 'expired');
  const other = Array.from({ length: 1000 }, (_, index) => `other-${index}`).find(
    (each) => credentialShard(provider, each) === credentialShard(provider, name),
  )!;
  for (const apiKey of [FIRST, SECOND]) {
    await world.application.putCredential(caller, { provider, name: other, api_key: apiKey, metadata: {} });
  }
  world.days(31);
  await ACTIONS.expire(world);
  expect(rowOf(world)?.previous).toBeDefined();
  expect(world.credentials.rows.get(`${provider}/${other}`)?.previous).toBeUndefined();
});
