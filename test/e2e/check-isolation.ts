import assert from 'node:assert/strict';
import type { Reply, RegionalApi } from './caller';
import type { Deployed } from './checks';
import { eventually, expectStatus } from './expectations';
import { isInLog } from './function-log';
import type { Cloud } from './signed-call';
import type { Tally } from './tally';

const openaiPath = '/v1/providers/openai';
const googlePath = '/v1/providers/google';
/** IAM's own words, which no function uses: MiniStack hands them on instead of the gateway's problem document. */
const NOT_ALLOWED = /is not authorized to perform: execute-api:Invoke/;
/** What the gateway's problem documents say (lib/api/gateway-problems.ts). */
const NOT_SIGNED = /the request carries no valid AWS Signature Version 4|the request is not signed/;

/** What nobody may do: each refusal by the one that is to refuse, the gateway or the function behind it. */
export async function checkIsolation(
  tally: Tally,
  cloud: Cloud,
  { stage, apis, openai, google, operator }: Deployed,
  stored: {
    /** A request to decrypt a token of openai. */
    readonly sealed: { readonly ciphertext: string; readonly context: object };
    readonly plaintext: string;
    /** The name of a credential of openai. */
    readonly credential: string;
  },
): Promise<void> {
  const { sealed, plaintext, credential } = stored;
  const [home] = apis;
  assert(home !== undefined);
  /** Whether a function's log has the request that this answers. */
  const wasServed = (api: RegionalApi, functionName: string, { body }: Reply): Promise<boolean> => {
    const id = body['request_id'];
    assert(typeof id === 'string' && id.length > 8, 'the reply has no request id');
    return isInLog(cloud, api.region, `${stage}-${functionName}`, id);
  };
  /** That a function's log has a request which came later, and not the refused one. */
  const expectNotServed = async (functionName: string, refused: Reply, control: Reply): Promise<void> => {
    await eventually(async () => {
      assert(
        await wasServed(home, functionName, control),
        `the log of ${functionName} does not have the control request`,
      );
    });
    assert(!(await wasServed(home, functionName, refused)), `${functionName} has served the request`);
  };

  for (const api of apis) {
    await tally.check(`${api.region}: whoever may use google alone gets google, and no openai`, async () => {
      expectStatus(await api.call(google, 'POST', `${googlePath}/encrypt`, { plaintext }), 200);
      expectRefused(await api.call(google, 'POST', `${openaiPath}/decrypt`, sealed), NOT_ALLOWED);
      expectRefused(await api.call(google, 'POST', `${openaiPath}/credentials/${credential}/reveal`), NOT_ALLOWED);
      expectRefused(await api.call(openai, 'POST', `${googlePath}/encrypt`, { plaintext }), NOT_ALLOWED);
    });
  }
  await tally.check(`${home.region}: a token of openai does not open as one of google`, async () => {
    const { body } = expectStatus(await home.call(google, 'POST', `${googlePath}/decrypt`, sealed), 400);
    assert.equal(body['code'], 'decryption_failed');
  });
  await tally.check(`${home.region}: dot segments do not lead from google to openai`, async () => {
    const path = `${googlePath}/../openai/decrypt`;
    const reply = await home.call(google, 'POST', path, sealed);
    assert(reply.status >= 400 && reply.status < 500, `answered ${reply.status}`);
    // It was signed as it has to be: whoever refused it, it was not for the signature.
    assert(!/carries no valid/.test(reply.text), 'refused for its signature');
    assert(!reply.text.includes(plaintext), 'the plaintext is in the reply');
  });
  for (const [method, path] of [
    ['POST', `${googlePath}/credentials/../reveal`],
    ['GET', `${googlePath}/credentials/..`],
    ['GET', `${googlePath}/credentials/.`],
  ] as const) {
    await tally.check(`${home.region}: ${method} ${path} passes the gateway, and the function refuses it`, async () => {
      const reply = expectStatus(await home.call(google, method, path), 404);
      assert.equal(reply.body['code'], 'route_not_found');
      await eventually(async () => {
        assert(await wasServed(home, 'credentials', reply), 'the function has not seen it');
      });
    });
  }
  await tally.check(`${home.region}: an operator cannot decrypt, a service cannot read the audit log`, async () => {
    expectRefused(await home.call(operator, 'POST', `${openaiPath}/decrypt`, sealed), NOT_ALLOWED);
    expectRefused(await home.call(openai, 'GET', '/v1/audit/events'), NOT_ALLOWED);
  });
  await tally.check(`${home.region}: without a signature, or with a body that was not signed, nothing`, async () => {
    const stolen = { ...openai, secretAccessKey: 'example-wrong-secret' };
    const path = `${openaiPath}/decrypt`;
    for (const reply of [
      await home.callTampered(openai, path, { ciphertext: 'another' }, sealed),
      await home.call(stolen, 'POST', path, sealed),
      await home.call(undefined, 'POST', path, sealed),
    ]) {
      expectRefused(reply, NOT_SIGNED);
      const control = await home.call(openai, 'POST', path, { ciphertext: 'kw1.openai.1.AAAA' });
      expectStatus(control, 400);
      await expectNotServed('decrypt', reply, control);
    }
  });
}

/** By the gateway, in words that tell it from the function. */
function expectRefused(reply: Reply, words: RegExp): void {
  expectStatus(reply, 403);
  assert(words.test(reply.text), `refused for another reason: ${reply.text.slice(0, 300)}`);
}
