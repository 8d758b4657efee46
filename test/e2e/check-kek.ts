import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { eventually } from './expectations';
import { invoke, type KekSecret } from './first-kek';
import type { Cloud } from './signed-call';
import { Stop } from './stop';
import { storedKeysets } from './stored-keysets';
import type { Tally } from './tally';

/** The first KEK by the rotation function's four steps, its replicas, and the keysets that bootstrap makes. */
export async function checkKek(
  tally: Tally,
  cloud: Cloud,
  deps: {
    readonly stage: string;
    /** Home first. */
    readonly regions: readonly string[];
    readonly secret: KekSecret;
    readonly providers: readonly string[];
  },
): Promise<void> {
  const { stage, regions, secret, providers } = deps;
  const [home = '', ...replicas] = regions;
  await tally.check(`${home}: replicates the secret`, () => secret.replicateTo(replicas));
  let token = '';
  const rotated = await tally.check(`${home}: rotates the placeholder to a first KEK in four steps`, async () => {
    token = await secret.rotate(`${stage}-rotate-kek`);
    assert((await secret.stages())[token]?.includes('AWSCURRENT'), 'the new version is not current');
  });
  if (!rotated) throw new Stop('Without a first KEK nothing more can be checked.');
  for (const region of regions) {
    await tally.check(`${region}: returns the new KEK`, async () => {
      await eventually(async () => {
        assert.equal(await secret.currentIn(region), token);
      });
    });
  }
  const bootstrap = () => invoke(cloud, home, `${stage}-bootstrap`, { RequestType: 'Create' });
  const stored = async () => ({
    stages: await secret.stages(),
    value: await secret.value(),
    keysets: await storedKeysets(cloud, home, `${stage}-keysets`),
  });
  await tally.check(`${home}: bootstrap makes a keyset for each provider, under the new KEK`, async () => {
    const kek = await secret.value();
    await bootstrap();
    const { keysets, value } = await stored();
    const primary = await secret.primary();
    assert(value === kek, 'the KEK secret has changed');
    assert.deepEqual(
      keysets.map(({ provider, kek_id, revision }) => ({ provider, kek_id, revision })),
      [...providers].sort().map((provider) => ({ provider, kek_id: primary, revision: 1 })),
    );
  });
  await tally.check(`${home}: bootstrap changes neither keysets nor KEK the second time`, async () => {
    const before = await stored();
    await bootstrap();
    // Not deepEqual, whose message would show both.
    assert(isDeepStrictEqual(await stored(), before), 'keysets or the KEK secret have changed');
  });
}
