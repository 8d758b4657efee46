import { keysUnavailable } from '../../../lambdas/core/errors/errors';
import type { SealingGuard } from '../../../lambdas/core/keysets/ports/sealing-guard';
import { AuditTrail } from '../../../lambdas/core/audit/audit-trail';
import { createEnsureKeysets } from '../../../lambdas/core/kek-rotation/ensure-keysets';
import { testRandomness } from '../../doubles/memory-ports';
import { DekRotationWorld } from '../../doubles/dek-rotation-world';
import { caller } from '../../doubles/world';
import { failureOf } from './failure-of';

const STOPPED = { code: 'keys_unavailable', reason: 'sealing_stopped' };
const openai = { provider: 'openai', context: {} };

/** A world with a token and a credential in it, and a guard that refuses from then on. */
async function stoppedWorld() {
  const world = new DekRotationWorld();
  let isStopped = false;
  const sealing: SealingGuard = {
    assertMaySeal: () => (isStopped ? Promise.reject(keysUnavailable('sealing_stopped')) : Promise.resolve()),
  };
  world.sealing = sealing;
  world.restart();
  const { ciphertext } = await world.application.encrypt(caller, { ...openai, plaintext: 'x' });
  await world.store(1);
  const use = world.compose({ sealing });
  isStopped = true;
  return { world, use, ciphertext, sealing, resume: () => (isStopped = false) };
}

test('nothing is sealed, and the refusals are on record; opening, looking, and deleting for good go on', async () => {
  const { world, ciphertext, resume } = await stoppedWorld();
  const { application, audit } = world;
  const named = { provider: 'openai', name: 'key-0' };
  const put = { ...named, api_key: 'other', metadata: {} };
  const before = structuredClone(world.credentials.rows);
  for (const refused of [
    application.encrypt(caller, { ...openai, plaintext: 'x' }),
    application.rewrap(caller, { ...openai, ciphertext }),
    application.putCredential(caller, put),
    application.patchMetadata(caller, { provider: 'openai', name: 'key-0', patch: {} }),
    // A deleted value is kept, sealed again.
    application.deleteCredential(caller, named),
  ]) {
    expect(await failureOf(refused)).toMatchObject(STOPPED);
    expect(audit.events.at(-1)).toMatchObject({ success: false, metadata: { reason: 'sealing_stopped' } });
  }
  expect(world.credentials.rows).toEqual(before);
  expect(await application.decrypt(caller, { ...openai, ciphertext })).toMatchObject({ plaintext: 'x' });
  expect(await application.revealCredential(caller, { ...named, consistent: true })).toMatchObject({ revision: 1 });
  await application.deleteCredential(caller, { ...named, purge: true });
  expect(await application.checkReadiness()).toMatchObject({
    ready: false,
    audit: true,
    providers: [
      { provider: 'openai', ready: false, code: 'keys_unavailable' },
      { provider: 'google', ready: false },
    ],
  });
  resume();
  await application.encrypt(caller, { ...openai, plaintext: 'x' });
  expect(await application.checkReadiness()).toMatchObject({ ready: true });
});

test('no keyset is written: no rotation, no policy; what changes nothing is answered', async () => {
  const { world, use, resume } = await stoppedWorld();
  const before = world.keyset('openai');
  const rotate = () => use.rotate(caller, { provider: 'openai', emergency: false });
  expect(await failureOf(rotate())).toMatchObject(STOPPED);
  const policy = { enabled: true, interval_days: 60, grace_period_days: 7 } as const;
  expect(await failureOf(use.changePolicy(caller, { provider: 'openai', ...policy }))).toMatchObject(STOPPED);
  expect(world.keyset('openai')).toEqual(before);
  const { enabled, interval_days, grace_period_days } = before.rotation_policy;
  await use.changePolicy(caller, { provider: 'openai', enabled, interval_days, grace_period_days });
  resume();
  await rotate();
  expect(world.keyset('openai').revision).toBe(before.revision + 1);
});

test('a provider gets its keyset once sealing is safe', async () => {
  const { world, sealing, resume } = await stoppedWorld();
  const { audit, clock, secrets, home: keysets, credentials, metrics } = world;
  const randomness = testRandomness;
  const trail = new AuditTrail({ sink: audit, clock, randomness, metrics, region: 'us-east-1' });
  const ensure = createEnsureKeysets({ keysets, credentials, audit, secrets, sealing, trail, clock, randomness });
  const failed = { provider: 'anthropic', status: 'failed', ...STOPPED };
  expect(await ensure(['openai', 'anthropic'], 'keyward:test')).toEqual([
    { provider: 'openai', status: 'ready' },
    failed,
  ]);
  resume();
  expect(await ensure(['anthropic'], 'keyward:test')).toEqual([{ provider: 'anthropic', status: 'created' }]);
});
