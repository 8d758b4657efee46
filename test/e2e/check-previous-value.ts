import assert from 'node:assert/strict';
import type { RegionalApi } from './caller';
import type { Deployed } from './checks';
import { eventually, expectStatus } from './expectations';
import type { Tally } from './tally';

const PATH = '/v1/providers/openai/credentials/end-to-end-undo';
const KEY = 'sk-example-not-a-real-key-undo';

/** A key that was overwritten comes back, by whichever region's API; another provider's caller can neither look nor change. */
export async function checkPreviousValue(
  tally: Tally,
  { apis, openai, google }: Deployed,
  home: RegionalApi,
): Promise<void> {
  const replica = apis.at(-1);
  assert(replica !== undefined);
  const revealed = async (api: RegionalApi): Promise<unknown> =>
    expectStatus(await api.call(openai, 'POST', `${PATH}/reveal?consistent=true`), 200).body['api_key'];
  await tally.check(`${replica.region}: describes the value that was replaced at home`, async () => {
    expectStatus(await home.call(openai, 'PUT', PATH, { api_key: KEY, metadata: { team: 'search' } }), 201);
    expectStatus(await home.call(openai, 'PUT', PATH, { api_key: `${KEY}-wrong` }), 200);
    await eventually(async () => {
      const { body, text } = expectStatus(await replica.call(openai, 'GET', `${PATH}/previous`), 200);
      assert.equal(body['revision'], 1);
      assert(!text.includes(KEY), 'the key is in the reply');
    });
  });
  await tally.check(`${replica.region}: brings it back, and it is current at home`, async () => {
    expectStatus(await replica.call(openai, 'POST', `${PATH}/restore`, { revision: 1 }), 200);
    assert.equal(await revealed(home), KEY);
  });
  await tally.check(
    `${home.region}: changes metadata without the key, which another provider's caller may not`,
    async () => {
      const patch = { metadata: { team: null, base_url: 'https://api.example.com/v1' } };
      expectStatus(await home.call(google, 'PATCH', PATH, patch), 403);
      expectStatus(await home.call(google, 'GET', `${PATH}/previous`), 403);
      expectStatus(await home.call(google, 'POST', `${PATH}/restore`, { revision: 2 }), 403);
      expectStatus(await home.call(google, 'POST', `${PATH}/purge`), 403);
      const { body } = expectStatus(await home.call(openai, 'PATCH', PATH, patch), 200);
      assert.deepEqual(body['metadata'], { base_url: 'https://api.example.com/v1' });
      assert.equal(await revealed(replica), KEY);
    },
  );
  await tally.check(`${home.region}: restores what was deleted, and purges`, async () => {
    expectStatus(await home.call(openai, 'DELETE', PATH), 204);
    const { text } = expectStatus(
      await home.call(openai, 'GET', '/v1/providers/openai/credentials?deleted=true&consistent=true'),
      200,
    );
    assert(text.includes('"name":"end-to-end-undo"'), 'it is not among the deleted ones');
    expectStatus(await home.call(openai, 'POST', `${PATH}/restore`, { revision: 4 }), 200);
    assert.equal(await revealed(home), KEY);
    expectStatus(await home.call(openai, 'DELETE', `${PATH}?previous=purge`), 204);
    expectStatus(await home.call(openai, 'GET', `${PATH}/previous?consistent=true`), 404);
  });
}
