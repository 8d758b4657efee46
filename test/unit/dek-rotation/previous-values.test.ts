import type { CredentialRecord, StoredRow } from '../../../lambdas/core/credentials/credential';
import { heldValues } from '../../../lambdas/core/credentials/held-values';
import type { DekRotationMessage } from '../../../lambdas/core/dek-rotation/ports/dek-rotation-queue';
import { DekRotationWorld } from '../../doubles/dek-rotation-world';
import { caller } from '../../doubles/world';

const provider = 'openai';

/** This many credentials, each with a previous value; every third is deleted. */
async function stored(count: number): Promise<DekRotationWorld> {
  const world = new DekRotationWorld();
  await world.store(count);
  for (let at = 0; at < count; at += 1) {
    const name = `key-${at}`;
    if (at % 3 === 2) await world.application.deleteCredential(caller, { provider, name });
    else await world.application.putCredential(caller, { provider, name, api_key: `newer-of-${name}` });
  }
  return world;
}

const rowOf = (world: DekRotationWorld, name: string) => world.credentials.rows.get(`${provider}/${name}`)!;
const edit = (world: DekRotationWorld, name: string, change: object): void => {
  world.credentials.rows.set(`${provider}/${name}`, { ...rowOf(world, name), ...change });
};
const editPrevious = (world: DekRotationWorld, name: string, change: object): void => {
  edit(world, name, { previous: { ...rowOf(world, name).previous, ...change } });
};
const versions = (world: DekRotationWorld) =>
  [...world.credentials.rows.values()].flatMap((row) => heldValues(row).map(({ key_version }) => key_version));

async function rotated(world: DekRotationWorld) {
  const rotation_id = await world.rotate();
  await world.deliver();
  return world.use.describeRotation({ provider, rotation_id });
}

test('moves and counts both values of a row, and the value of a deleted one', async () => {
  const world = await stored(9);
  const revisions = [...world.credentials.rows.values()].map(({ revision }) => revision);
  const view = await rotated(world);
  expect(view).toMatchObject({
    status: 'completed',
    counts: { total: 15, moved: 15, skipped: 0, failed: 0 },
    failures: [],
    previous_failures: [],
  });
  expect(versions(world)).toEqual(Array.from({ length: 15 }, () => 2));
  expect([...world.credentials.rows.values()].map(({ revision }) => revision)).toEqual(revisions);
  world.restart();
  for (const name of ['key-0', 'key-2']) {
    await world.application.restoreCredential(caller, { provider, name, revision: 1 });
    const place = { provider, name, consistent: true };
    expect(await world.application.revealCredential(caller, place)).toMatchObject({ api_key: `secret-of-${name}` });
  }
});

test('moves both values of a row in one write', async () => {
  const world = await stored(1);
  const id = await world.rotate();
  let writes = 0;
  world.credentials.beforePut = () => {
    writes += 1;
    return undefined;
  };
  await world.deliver();
  expect(await world.use.describeRotation({ provider, rotation_id: id })).toMatchObject({ counts: { moved: 2 } });
  expect(writes).toBe(1);
});

test('moves what is stale of a row, and leaves the other value alone', async () => {
  const world = await stored(2);
  await rotated(world);
  world.restart();
  const old = rowOf(world, 'key-0').previous;
  await world.application.patchMetadata(caller, { provider, name: 'key-0', patch: { a: 1 } });
  expect(rowOf(world, 'key-0').previous).toStrictEqual(old);
  world.publish(world.rotated(provider, 'decrypt_only'));
  world.restart();
  await world.application.patchMetadata(caller, { provider, name: 'key-0', patch: { a: 2 } });
  const { ciphertext } = rowOf(world, 'key-0') as CredentialRecord;
  expect(await world.scanner.shardsWith(provider, 1, 2)).not.toEqual([]);
  world.queue.take();
  await world.use.sweep();
  await world.deliver();
  expect(versions(world)).toEqual([3, 3, 3, 3]);
  expect(rowOf(world, 'key-0')).toMatchObject({ ciphertext });
});

test.each([
  ['current', 'previous'],
  ['previous', 'current'],
] as const)('moves the other value of a row where the %s one does not open, and says which', async (broken, other) => {
  const world = await stored(2);
  const damage = { metadata: { edited: true } };
  if (broken === 'current') edit(world, 'key-1', damage);
  else editPrevious(world, 'key-1', damage);
  const dryRun = await world.use.dryRun(caller, { provider });
  expect(dryRun).toMatchObject({
    credentials: 2,
    previous_values: 2,
    by_version: [{ key_version: 1, credentials: 2, previous_values: 2 }],
    undecryptable: broken === 'current' ? ['key-1'] : [],
    undecryptable_previous: broken === 'previous' ? ['key-1'] : [],
    would_move: 3,
  });
  const view = await rotated(world);
  expect(view).toMatchObject({
    status: 'completed_with_failures',
    counts: { total: 4, moved: 3, failed: 1 },
    failures: broken === 'current' ? ['key-1'] : [],
    previous_failures: broken === 'previous' ? ['key-1'] : [],
  });
  const held = heldValues(rowOf(world, 'key-1'));
  expect(held).toEqual([
    { which: 'current', key_version: broken === 'current' ? 1 : 2 },
    { which: 'previous', key_version: broken === 'previous' ? 1 : 2 },
  ]);
  expect(held.find(({ which }) => which === other)?.key_version).toBe(2);
  const failures = world.audit.events.filter(({ event_type }) => event_type === 'failed_decrypt');
  expect(failures.length).toBeGreaterThan(0);
  for (const { metadata } of failures) {
    expect(metadata).toMatchObject({ operation: 'rekey_credentials', credential: 'key-1' });
    expect(metadata.value).toBe(broken === 'previous' ? 'previous' : undefined);
  }
});

test('counts a previous value that somebody has edited away among those that do not open', async () => {
  const world = await stored(3);
  const damaged = { damaged: true, key_version: 0, stored: { revision: 1 } };
  edit(world, 'key-0', { previous: damaged });
  edit(world, 'key-2', { previous: damaged });
  const dryRun = await world.use.dryRun(caller, { provider });
  expect(dryRun).toMatchObject({
    previous_values: 3,
    by_version: [
      { key_version: 0, credentials: 0, previous_values: 2 },
      { key_version: 1, credentials: 2, previous_values: 1 },
    ],
    undecryptable_previous: expect.arrayContaining(['key-0', 'key-2']) as unknown,
  });
  const view = await rotated(world);
  expect(view).toMatchObject({ status: 'completed_with_failures', counts: { moved: 3, failed: 2 } });
  expect([...view.previous_failures].sort()).toEqual(['key-0', 'key-2']);
  expect(rowOf(world, 'key-0').previous).toEqual(damaged);
});

test('moves the previous value of a row that is damaged, by what is left of it; none where nothing is', async () => {
  const world = await stored(3);
  const { write_id, revision } = rowOf(world, 'key-0');
  const damaged = (name: string, left: object): void => {
    const row = rowOf(world, name);
    const place = { provider, name, damaged: true, key_version: 1, row: { hint: 7 }, previous: row.previous };
    world.credentials.rows.set(`${provider}/${name}`, { ...place, ...left } as unknown as StoredRow);
  };
  damaged('key-0', { write_id, revision });
  damaged('key-1', {});
  const view = await rotated(world);
  expect(view.counts).toMatchObject({ total: 5, moved: 2, failed: 3 });
  expect([...view.failures].sort()).toEqual(['key-0', 'key-1']);
  expect(view.previous_failures).toEqual(['key-1']);
  expect(rowOf(world, 'key-0')).toMatchObject({ damaged: true, row: { hint: 7 }, previous: { key_version: 2 } });
});

test('a version is referenced by a previous value alone: it is neither retired nor destroyed', async () => {
  const world = await stored(3);
  editPrevious(world, 'key-2', { metadata: { edited: true } });
  await rotated(world);
  expect(versions(world).filter((version) => version === 1)).toHaveLength(1);
  world.days(8);
  await world.use.sweep();
  expect(world.keyset(provider).versions[1]?.state).toBe('decrypt_only');
  world.restart();
  await world.application.purgePrevious(caller, { provider, name: 'key-2' });
  await world.use.sweep();
  expect(world.keyset(provider).versions[1]?.state).toBe('rewrap_only');
});

test('goes on with what a report of the release before has, which knows no names of previous values', async () => {
  const world = await stored(2);
  editPrevious(world, 'key-0', { metadata: { edited: true } });
  const id = await world.rotate({ emergency: true });
  const messages: DekRotationMessage[] = [];
  for (;;) {
    const next = world.queue.take();
    messages.push(...next.map(({ message }) => message).filter(({ kind }) => kind === 'rekey'));
    if (messages.length > 0) break;
    for (const { message, delaySeconds } of next) {
      world.clock.time += delaySeconds * 1000;
      const again = await world.hand(message);
      if (again !== undefined) world.queue.sent.push({ message, delaySeconds: again });
    }
  }
  world.rotations.beforePut = (row) => {
    Reflect.deleteProperty(row, 'previous_failures');
    return undefined;
  };
  for (const message of messages) await world.hand(message);
  world.rotations.beforePut = () => undefined;
  const shards = await world.rotations.shards(provider, id);
  expect(shards.length).toBeGreaterThan(0);
  for (const shard of shards) expect(shard).not.toHaveProperty('previous_failures');
  expect((await world.use.describeRotation({ provider, rotation_id: id })).previous_failures).toEqual([]);
  world.queue.sent.push(...messages.map((message) => ({ message, delaySeconds: 130 })));
  await world.deliver();
  const view = await world.use.describeRotation({ provider, rotation_id: id });
  expect(view).toMatchObject({ status: 'completed_with_failures', previous_failures: ['key-0'] });
});
