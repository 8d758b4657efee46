import assert from 'node:assert/strict';
import type { RegionalApi } from './caller';
import { eventually, expectStatus } from './expectations';
import type { KekSecret } from './first-kek';
import type { Cloud, Keys } from './signed-call';
import { storedKeysets } from './stored-keysets';
import type { Tally } from './tally';

const PLAINTEXT = 'sk-example-from-before-the-rotation';
const PATH = '/v1/providers/openai';

/** A second KEK for a deployment in use: the queue calls rewrap-deks, and what was encrypted before still opens. */
export async function checkKekRotation(
  tally: Tally,
  cloud: Cloud,
  deps: {
    readonly stage: string;
    readonly secret: KekSecret;
    /** Home first. */
    readonly apis: readonly RegionalApi[];
    /** May encrypt and decrypt for openai in all regions. */
    readonly openai: Keys;
  },
): Promise<void> {
  const { stage, secret, apis, openai } = deps;
  const [home] = apis;
  assert(home !== undefined);
  const table = `${stage}-keysets`;
  const encrypt = async (plaintext: string): Promise<string> => {
    const { body } = expectStatus(await home.call(openai, 'POST', `${PATH}/encrypt`, { plaintext }), 200);
    return String(body['ciphertext']);
  };
  const expectDecrypts = async (api: RegionalApi, ciphertext: string, plaintext: string): Promise<void> => {
    const { body } = expectStatus(await api.call(openai, 'POST', `${PATH}/decrypt`, { ciphertext }), 200);
    assert.equal(body['plaintext'], plaintext);
  };

  const before = await storedKeysets(cloud, home.region, table);
  const old = await secret.primary();
  let token = '';
  let primary = '';
  const rotated = await tally.check(`${home.region}: rotates to a second KEK, and keeps the first`, async () => {
    assert(before.length > 0 && before.every(({ kek_id }) => kek_id === old), 'a keyset is not under the first KEK');
    token = await encrypt(PLAINTEXT);
    const version = await secret.rotate(`${stage}-rotate-kek`);
    assert((await secret.stages())[version]?.includes('AWSCURRENT'), 'the new version is not current');
    primary = await secret.primary();
    assert.notEqual(primary, old);
    assert((await secret.kekIds()).includes(old), 'the first KEK is gone');
  });
  if (!rotated) return;
  for (const { region } of apis) {
    await tally.check(`${region}: rewrap-deks has moved every keyset to it, once`, async () => {
      await eventually(async () => {
        const after = await storedKeysets(cloud, region, table);
        assert.deepEqual(
          after.map(({ provider, kek_id, revision }) => ({ provider, kek_id, revision })),
          before.map(({ provider, revision }) => ({ provider, kek_id: primary, revision: revision + 1 })),
        );
      });
    });
  }
  for (const api of apis) {
    await tally.check(`${api.region}: decrypts a token from before the rotation, and a new one`, async () => {
      await eventually(() => expectDecrypts(api, token, PLAINTEXT));
      const fresh = await encrypt(`${PLAINTEXT}-2`);
      await expectDecrypts(api, fresh, `${PLAINTEXT}-2`);
    });
  }
}
