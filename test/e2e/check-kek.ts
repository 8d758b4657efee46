import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { invoke, KekSecret } from './first-kek';
import type { Cloud } from './signed-call';
import { Stop } from './stop';
import type { Tally } from './tally';

const PATIENCE_MS = 30_000;

/** The first KEK by the rotation function's four steps, its replicas, and the keysets that bootstrap makes. */
export async function checkKek(
  tally: Tally,
  cloud: Cloud,
  { stage, regions }: { stage: string; regions: readonly string[] },
): Promise<void> {
  const [home = '', ...replicas] = regions;
  const secret = new KekSecret(cloud, home, `${stage}/kek`);
  await tally.check(`${home}: replicates the secret`, () => secret.replicateTo(replicas));
  let token = '';
  const rotated = await tally.check(`${home}: rotates the placeholder to a first KEK in four steps`, async () => {
    token = await secret.rotate(`${stage}-rotate-kek`);
    assert((await secret.stages())[token]?.includes('AWSCURRENT'), 'the new version is not current');
  });
  if (!rotated) throw new Stop('Without a first KEK nothing more can be checked.');
  for (const region of regions) {
    await tally.check(`${region}: returns the new KEK`, async () => {
      const until = Date.now() + PATIENCE_MS;
      while ((await secret.currentIn(region)) !== token && Date.now() < until) await delay(250);
      assert.equal(await secret.currentIn(region), token);
    });
  }
  const bootstrap = () => invoke(cloud, home, `${stage}-bootstrap`, { RequestType: 'Create' });
  await tally.check(`${home}: bootstrap makes the keysets, and changes nothing the second time`, async () => {
    await bootstrap();
    await bootstrap();
  });
}
