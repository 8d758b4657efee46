import { fromCredentialItem, toCredentialItem } from '../../../lambdas/adapters/aws/dynamodb/credential-item';
import type { CredentialRecord, PreviousValue } from '../../../lambdas/core/credentials/credential';
import { DekRotationWorld } from '../../doubles/dek-rotation-world';
import { caller } from '../../doubles/world';

const PLACE = { provider: 'openai', name: 'key-0' };
const KEY = 'openai/key-0';
const read = { ...PLACE, consistent: true };

/**
 * After a rotation, whose last minutes an invocation of the worker of before had: it goes on with the code that it began with, for up
 * to five minutes after a deployment (docs/operations.md, "Upgrade"). It knows `ciphertext` and `key_version`, and writes all other
 * members back as they are, so that the index has the row under the new version alone.
 */
async function halfMoved(): Promise<DekRotationWorld> {
  const world = new DekRotationWorld();
  for (const api_key of ['first-example', 'second-example']) {
    await world.application.putCredential(caller, { ...PLACE, api_key, metadata: {} });
  }
  const before = toCredentialItem(world.credentials.rows.get(KEY) as CredentialRecord);
  await world.rotate();
  await world.deliver();
  const { ciphertext, key_version } = world.credentials.rows.get(KEY) as CredentialRecord;
  expect([before['key_version'], key_version]).toEqual([1, 2]);
  const written = { ...before, ciphertext, key_version, write_id: 'of-the-release-before' };
  world.credentials.rows.set(KEY, fromCredentialItem(PLACE.provider, PLACE.name, written));
  world.scanner.hint = [];
  return world;
}

const versionsOf = (world: DekRotationWorld): readonly number[] => {
  const { key_version, previous } = world.credentials.rows.get(KEY) as CredentialRecord;
  return [key_version, (previous as PreviousValue).key_version];
};

test('both values open all the same: a token names its key', async () => {
  const { application } = await halfMoved();
  expect(await application.revealCredential(caller, read)).toMatchObject({ api_key: 'second-example' });
  await application.restoreCredential(caller, { ...PLACE, revision: 1 });
  expect(await application.revealCredential(caller, read)).toMatchObject({ api_key: 'first-example' });
});

test('the sweep has moved what the index does not list before the old version is retired', async () => {
  const world = await halfMoved();
  world.days(8);
  await world.use.sweep();
  expect(world.metrics.of('version_referenced')).toBe(1);
  expect(world.keyset('openai').versions[1]!.state).toBe('decrypt_only');
  const moves = world.queue.take().filter(({ message }) => message.kind === 'rekey');
  expect(moves).toEqual([
    { message: expect.objectContaining({ provider: 'openai', rotation_id: null }) as unknown, delaySeconds: 0 },
  ]);
  expect(versionsOf(world)).not.toEqual([2, 2]);
  world.queue.sent.push(...moves);
  await world.deliver();
  expect(versionsOf(world)).toEqual([2, 2]);
  await world.use.sweep();
  expect(world.keyset('openai').versions[1]!.state).toBe('rewrap_only');
  world.restart();
  await world.application.restoreCredential(caller, { ...PLACE, revision: 1 });
  expect(await world.application.revealCredential(caller, read)).toMatchObject({ api_key: 'first-example' });
});
