import assert from 'node:assert/strict';
import type { RegionalApi } from './caller';
import { eventually, expectStatus } from './expectations';
import { queryApi } from './query-api';
import type { Cloud, Keys } from './signed-call';
import { Stop } from './stop';
import type { Tally } from './tally';

const PATH = '/v1/providers/openai';

/**
 * The home region's API goes as the handbook says ("Delete"): its policies are detached, then its stack is deleted while the one
 * with the alarms that notify its topic stays, and the other regions go on. The last check: nothing is there after it.
 */
export async function checkDeletion(
  tally: Tally,
  cloud: Cloud,
  deps: {
    readonly stage: string;
    readonly account: string;
    /** Home first. */
    readonly apis: readonly RegionalApi[];
    /** May encrypt and decrypt for openai in all regions. */
    readonly openai: Keys;
    /** Users, with the policies of the deployment that each of them has, by name. */
    readonly attached: ReadonlyMap<string, readonly string[]>;
  },
): Promise<void> {
  const { stage, account, apis, openai, attached } = deps;
  const [home, other] = apis;
  assert(home !== undefined && other !== undefined);
  const stack = `${stage}-api-${home.region}`;
  const cloudFormation = (action: string): Promise<string> =>
    queryApi(
      cloud,
      { service: 'cloudformation', region: home.region, version: '2010-05-15', action },
      { StackName: stack },
    );
  await tally.check(`${home.region}: deletes ${stack} alone, while ${stage}-operations stays`, async () => {
    for (const [user, policies] of attached) {
      for (const policy of policies.filter((each) => each.startsWith(`${stage}-${home.region}-`))) {
        await queryApi(
          cloud,
          { service: 'iam', region: home.region, version: '2010-05-08', action: 'DetachUserPolicy' },
          { UserName: user, PolicyArn: `arn:aws:iam::${account}:policy/${policy}` },
        );
      }
    }
    await cloudFormation('DeleteStack');
    await eventually(async () => {
      assert(await isGone(cloudFormation), `${stack} is still there`);
    });
    assert.notEqual((await home.call(undefined, 'GET', '/healthz')).status, 200);
  });
  await tally.check(`${other.region}: goes on without it`, async () => {
    const sealed = expectStatus(await other.call(openai, 'POST', `${PATH}/encrypt`, { plaintext: 'example' }), 200);
    const { ciphertext } = sealed.body;
    const { body } = expectStatus(await other.call(openai, 'POST', `${PATH}/decrypt`, { ciphertext }), 200);
    assert.equal(body['plaintext'], 'example');
  });
}

/** A deleted stack is not found by its name. */
async function isGone(cloudFormation: (action: string) => Promise<string>): Promise<boolean> {
  try {
    const description = await cloudFormation('DescribeStacks');
    if (description.includes('DELETE_FAILED')) throw new Stop(`The stack was not deleted: ${description}`);
    return description.includes('DELETE_COMPLETE');
  } catch (thrown) {
    if (thrown instanceof Stop && thrown.message.includes('does not exist')) return true;
    throw thrown;
  }
}
