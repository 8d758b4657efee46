import assert from 'node:assert/strict';
import type { RegionalApi } from './caller';
import { checkIsolation } from './check-isolation';
import { checkPreviousValue } from './check-previous-value';
import { eventually, expectStatus } from './expectations';
import type { Cloud, Keys } from './signed-call';
import type { Tally } from './tally';

export interface Deployed {
  readonly stage: string;
  /** Home first. */
  readonly apis: readonly RegionalApi[];
  /** May do all with openai in all regions. */
  readonly openai: Keys;
  /** May decrypt and store for google in all regions. */
  readonly google: Keys;
  /** May list keysets, rotate and read the audit log, and nothing else. */
  readonly operator: Keys;
  readonly providers: readonly string[];
}

const PLAINTEXT = 'sk-example-not-a-real-key';
const CONTEXT = { tenant: 'example' };
const NAME = 'end-to-end';

const openaiPath = '/v1/providers/openai';

/** Drives the deployment through its gateways, as its callers do. */
export async function checkApi(tally: Tally, cloud: Cloud, deployed: Deployed): Promise<void> {
  const [home] = deployed.apis;
  assert(home !== undefined);
  await checkHealth(tally, deployed);
  const token = await checkTokens(tally, deployed, home);
  await checkCredentials(tally, deployed, home);
  await checkPreviousValue(tally, deployed, home);
  await checkIsolation(tally, cloud, deployed, {
    sealed: { ciphertext: token, context: CONTEXT },
    plaintext: PLAINTEXT,
    credential: NAME,
  });
  await checkAudit(tally, deployed);
}

async function checkHealth(tally: Tally, { apis, operator, providers }: Deployed): Promise<void> {
  for (const api of apis) {
    await tally.check(`${api.region}: alive without a signature, and ready`, async () => {
      expectStatus(await api.call(undefined, 'GET', '/healthz'), 200);
      expectStatus(await api.call(undefined, 'HEAD', '/healthz'), 200);
      await eventually(async () => expectStatus(await api.call(operator, 'GET', '/readyz'), 200));
    });
    await tally.check(`${api.region}: shows a keyset for each provider`, async () => {
      await eventually(async () => {
        const { text } = expectStatus(await api.call(operator, 'GET', '/v1/providers'), 200);
        for (const provider of providers) assert(text.includes(`"provider":"${provider}"`), `no keyset of ${provider}`);
      });
    });
  }
}

async function checkTokens(tally: Tally, { apis, openai }: Deployed, home: RegionalApi): Promise<string> {
  let token = '';
  await tally.check(`${home.region}: encrypts`, async () => {
    const request = { plaintext: PLAINTEXT, context: CONTEXT };
    const { body } = expectStatus(await home.call(openai, 'POST', `${openaiPath}/encrypt`, request), 200);
    token = String(body['ciphertext']);
    assert(token.startsWith('kw1.openai.1.'), 'not a token of openai');
  });
  for (const api of apis) {
    await tally.check(`${api.region}: decrypts what ${home.region} encrypted`, async () => {
      const request = { ciphertext: token, context: CONTEXT };
      const { body } = expectStatus(await api.call(openai, 'POST', `${openaiPath}/decrypt`, request), 200);
      assert.equal(body['plaintext'], PLAINTEXT);
    });
  }
  await tally.check(`${home.region}: refuses a token under another context`, async () => {
    const request = { ciphertext: token, context: { tenant: 'another' } };
    const { body } = expectStatus(await home.call(openai, 'POST', `${openaiPath}/decrypt`, request), 400);
    assert.equal(body['code'], 'decryption_failed');
  });
  return token;
}

async function checkCredentials(tally: Tally, { apis, openai }: Deployed, home: RegionalApi): Promise<void> {
  const path = `${openaiPath}/credentials/${NAME}`;
  await tally.check(`${home.region}: stores a credential, and does not show its key`, async () => {
    const { text } = expectStatus(await home.call(openai, 'PUT', path, { api_key: PLAINTEXT }), 201);
    assert(!text.includes(PLAINTEXT), 'the key is in the reply');
  });
  for (const api of apis) {
    await tally.check(`${api.region}: reveals it`, async () => {
      await eventually(async () => {
        const { body } = expectStatus(await api.call(openai, 'POST', `${path}/reveal`), 200);
        assert.equal(body['api_key'], PLAINTEXT);
      });
    });
  }
  const replica = apis.at(-1);
  await tally.check(`${replica?.region ?? ''}: replaces it, written at home, and reads it there`, async () => {
    assert(replica !== undefined);
    expectStatus(await replica.call(openai, 'PUT', path, { api_key: `${PLAINTEXT}-2` }), 200);
    const { body } = expectStatus(await home.call(openai, 'POST', `${path}/reveal`), 200);
    assert.equal(body['api_key'], `${PLAINTEXT}-2`);
  });
}

interface AuditEvent {
  readonly event_type: string;
  readonly region: string;
  readonly provider: string | null;
  readonly user_id: string;
  readonly success: boolean;
}

async function checkAudit(tally: Tally, { apis, operator }: Deployed): Promise<void> {
  for (const reader of apis) {
    await tally.check(`${reader.region}: reads back who decrypted in each region, and what was refused`, async () => {
      await eventually(async () => {
        const query = '/v1/audit/events?provider=openai&limit=100';
        const { text, body } = expectStatus(await reader.call(operator, 'GET', query), 200);
        const events = body['events'] as readonly AuditEvent[];
        for (const { region } of apis) {
          const found = events.some(
            (event) =>
              event.event_type === 'decrypt' &&
              event.success &&
              event.region === region &&
              event.user_id.endsWith(':user/end-to-end-openai'),
          );
          assert(found, `no decrypt of ${region} among ${events.length} events`);
        }
        assert(
          events.some((event) => event.event_type === 'failed_decrypt' && !event.success),
          'no failed decrypt',
        );
        assert(!text.includes(PLAINTEXT), 'the plaintext is in the audit log');
      });
    });
  }
}
