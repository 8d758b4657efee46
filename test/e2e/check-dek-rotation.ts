import assert from 'node:assert/strict';
import type { RegionalApi } from './caller';
import { eventually, expectStatus } from './expectations';
import { invoke } from './first-kek';
import type { Cloud, Keys } from './signed-call';
import type { Tally } from './tally';

const PLAINTEXT = 'sk-example-from-before-the-leak';
const PATH = '/v1/providers/openai';
const CREDENTIAL = `${PATH}/credentials/moves-to-the-new-key`;

/**
 * A DEK that has leaked: an emergency rotation through the gateway. The new version is the primary when it answers, tokens of
 * the old one are refused and rewrapped, and what is stored moves over the queue.
 */
export async function checkDekRotation(
  tally: Tally,
  cloud: Cloud,
  deps: {
    readonly stage: string;
    /** Home first. */
    readonly apis: readonly RegionalApi[];
    /** May do all with openai in all regions. */
    readonly openai: Keys;
    /** May rotate and read keysets. */
    readonly operator: Keys;
  },
): Promise<void> {
  const { stage, apis, openai, operator } = deps;
  const [home] = apis;
  assert(home !== undefined);
  let token = '';
  let rotation = '';
  const rotated = await tally.check(`${home.region}: an emergency promotes version 2 before it answers`, async () => {
    const sealed = await home.call(openai, 'POST', `${PATH}/encrypt`, { plaintext: PLAINTEXT });
    token = String(expectStatus(sealed, 200).body['ciphertext']);
    assert(token.startsWith('kw1.openai.1.'), 'not a token of version 1');
    expectStatus(await home.call(openai, 'PUT', CREDENTIAL, { api_key: PLAINTEXT }), 201);
    const dryRun = expectStatus(await home.call(operator, 'POST', `${PATH}/rotate`, { dry_run: true }), 200).body;
    assert(Number(dryRun['would_move']) >= 1 && dryRun['to_version'] === 2, JSON.stringify(dryRun));
    const request = { emergency: true, reason: 'end-to-end test' };
    const { body } = expectStatus(await home.call(operator, 'POST', `${PATH}/rotate`, request), 202);
    rotation = `${PATH}/rotations/${String(body['rotation_id'])}`;
    assert.deepEqual([body['status'], body['version'], body['from_version']], ['rekeying', 2, 1]);
    const keyset = expectStatus(await home.call(operator, 'GET', PATH), 200).body;
    assert.equal(keyset['primary_version'], 2);
  });
  if (!rotated) return;
  await tally.check(`${home.region}: whoever may use openai may not rotate it, nor see its rotations`, async () => {
    expectStatus(await home.call(openai, 'POST', `${PATH}/rotate`, { emergency: true }), 403);
    expectStatus(await home.call(openai, 'GET', rotation), 403);
  });
  for (const api of apis) {
    await tally.check(`${api.region}: refuses a token of version 1, rewraps it to 2, and opens that`, async () => {
      await eventually(async () => {
        const { body } = expectStatus(await api.call(openai, 'POST', `${PATH}/decrypt`, { ciphertext: token }), 409);
        assert.equal(body['code'], 'key_version_retired');
      });
      let lifted = '';
      await eventually(async () => {
        const { body } = expectStatus(await api.call(openai, 'POST', `${PATH}/rewrap`, { ciphertext: token }), 200);
        lifted = String(body['ciphertext']);
        assert(lifted.startsWith('kw1.openai.2.'), 'not a token of version 2');
      });
      const { body } = expectStatus(await api.call(openai, 'POST', `${PATH}/decrypt`, { ciphertext: lifted }), 200);
      assert.equal(body['plaintext'], PLAINTEXT);
    });
  }
  await tally.check(`${home.region}: the worker moves what is stored, shard by shard, and ends`, async () => {
    await eventually(async () => {
      const { body } = expectStatus(await home.call(operator, 'GET', rotation), 200);
      assert.equal(body['status'], 'completed', JSON.stringify(body));
      const counts = body['counts'] as Readonly<Record<string, number>>;
      assert(Number(counts['moved']) >= 1 && counts['failed'] === 0, JSON.stringify(counts));
    });
    const { body } = expectStatus(await home.call(openai, 'POST', `${CREDENTIAL}/reveal`), 200);
    assert.equal(body['api_key'], PLAINTEXT);
  });
  for (const api of apis.slice(1)) {
    await tally.check(`${api.region}: shows the rotation and its policy as home has them`, async () => {
      const shown = async (of: RegionalApi): Promise<unknown> => {
        const { status, counts } = expectStatus(await of.call(operator, 'GET', rotation), 200).body;
        const policy = expectStatus(await of.call(operator, 'GET', `${PATH}/rotation-policy`), 200).body;
        return { status, counts, policy };
      };
      assert.deepEqual(await shown(api), await shown(home));
    });
  }
  await tally.check(`${home.region}: the sweep may do all of its round, and leaves nothing undone`, async () => {
    assert.deepEqual(await invoke(cloud, home.region, `${stage}-sweep`, { keyward: 'sweep' }), { failures: [] });
  });
}
