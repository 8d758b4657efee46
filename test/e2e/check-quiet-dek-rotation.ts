import assert from 'node:assert/strict';
import type { RegionalApi } from './caller';
import { eventually, expectStatus } from './expectations';
import type { Keys } from './signed-call';
import type { Tally } from './tally';

const PLAINTEXT = 'sk-example-that-nobody-has-leaked';
const PATH = '/v1/providers/google';
const CREDENTIAL = `${PATH}/credentials/moves-without-haste`;
/** The real time: 62 seconds for those who hold a copy, and 20 for a write to be seen everywhere. */
const PUBLISHED_MS = 82_000;

interface Deployed {
  /** Home first. */
  readonly apis: readonly RegionalApi[];
  /** May do all with google in all regions. */
  readonly google: Keys;
  /** May rotate and read keysets. */
  readonly operator: Keys;
}

/** What was started: the rotation's path, and a token of the version before. */
export interface QuietDekRotation {
  readonly path: string;
  readonly token: string;
}

/** Starts a rotation without an emergency; other checks may run while it waits. Undefined where that failed. */
export async function startQuietDekRotation(tally: Tally, deps: Deployed): Promise<QuietDekRotation | undefined> {
  const [home] = deps.apis;
  assert(home !== undefined);
  let started: QuietDekRotation | undefined;
  await tally.check(
    `${home.region}: a rotation without an emergency publishes version 2, and seals with 1`,
    async () => {
      const sealed = expectStatus(
        await home.call(deps.google, 'POST', `${PATH}/encrypt`, { plaintext: PLAINTEXT }),
        200,
      );
      const token = String(sealed.body['ciphertext']);
      const stored = { api_key: PLAINTEXT, metadata: { team: 'search', owners: ['a', 'b'] } };
      expectStatus(await home.call(deps.google, 'PUT', CREDENTIAL, stored), 201);
      const { body } = expectStatus(await home.call(deps.operator, 'POST', `${PATH}/rotate`, {}), 202);
      assert.deepEqual([body['status'], body['version'], body['from_version']], ['publishing', 2, 1]);
      const keyset = expectStatus(await home.call(deps.operator, 'GET', PATH), 200).body;
      assert.equal(keyset['primary_version'], 1);
      started = { path: `${PATH}/rotations/${String(body['rotation_id'])}`, token };
    },
  );
  return started;
}

/** Waits for its end: each region has proved and acknowledged by itself, no sooner than the protocol says, and nothing broke. */
export async function checkQuietDekRotation(tally: Tally, deps: Deployed, started: QuietDekRotation): Promise<void> {
  const { apis, google, operator } = deps;
  const [home] = apis;
  assert(home !== undefined);
  await tally.check(`${home.region}: it ends by itself, once every region has proved version 2`, async () => {
    await eventually(async () => {
      const { body } = expectStatus(await home.call(operator, 'GET', started.path), 200);
      assert.equal(body['status'], 'completed', JSON.stringify(body));
    });
    const { body } = expectStatus(await home.call(operator, 'GET', started.path), 200);
    const time = (member: string): number => Date.parse(String(body[member]));
    assert(time('promoted_at') - time('started_at') >= PUBLISHED_MS, JSON.stringify(body));
    const regions = body['regions'] as { region: string; proved_at: string | null; acknowledged_at: string | null }[];
    assert.deepEqual(regions.map(({ region }) => region).sort(), apis.map(({ region }) => region).sort());
    for (const { region, proved_at: proved, acknowledged_at: acknowledged } of regions) {
      assert(proved !== null && Date.parse(proved) <= time('promoted_at'), `${region} had not proved it`);
      assert(acknowledged !== null && Date.parse(acknowledged) >= time('promoted_at'), `${region} does not have it`);
    }
    assert.deepEqual(body['unproved_regions'], []);
  });
  for (const api of apis) {
    await tally.check(`${api.region}: a token of version 1 opens during the grace, and sealing uses 2`, async () => {
      await eventually(async () => {
        const { body } = expectStatus(await api.call(google, 'POST', `${PATH}/encrypt`, { plaintext: PLAINTEXT }), 200);
        assert(String(body['ciphertext']).startsWith('kw1.google.2.'), 'not a token of version 2');
      });
      const opened = await api.call(google, 'POST', `${PATH}/decrypt`, { ciphertext: started.token });
      const { body } = expectStatus(opened, 200);
      assert.deepEqual([body['plaintext'], body['rewrap_recommended']], [PLAINTEXT, true]);
      const revealed = expectStatus(await api.call(google, 'POST', `${CREDENTIAL}/reveal`), 200).body;
      assert.deepEqual([revealed['api_key'], revealed['key_version']], [PLAINTEXT, 2]);
      assert.deepEqual(revealed['metadata'], { team: 'search', owners: ['a', 'b'] });
    });
  }
}
