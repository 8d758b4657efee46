import { LOCAL_ACCOUNT_ID } from '../../lambdas/core/contract/local-mode';
import type { Answer, Asked } from './client-process';

/** Returns the client's result. */
type Send = (asked: Asked) => Promise<Answer>;

const JSON_TYPE = { 'Content-Type': 'application/json' };
const TEXT = 'sk-example-not-a-real-key';
/** Not ASCII, beyond the basic plane, and what an encoding twice or a wrong length would spoil. */
const CONTEXT = { team: 'Süche — 検索 🔑', note: 'a+b=c&d %2F "q"\\' };

interface Tools {
  readonly send: Send;
  /** Uses the right access key with a wrong secret. */
  readonly sendAsOther: Send;
  /** The server's URL. */
  readonly url: string;
  /** A credential of this client only. */
  readonly name: string;
}

type Step = (tools: Tools) => Promise<void>;

class Unexpected extends Error {
  constructor(
    readonly status: string,
    { text }: Answer,
  ) {
    super(`${status} ${text.slice(0, 160)}`);
  }
}

/** The reply's JSON, if it has this status. */
async function expectStatus(status: string, answered: Promise<Answer>): Promise<Record<string, unknown>> {
  const answer = await answered;
  if (answer.status !== status) throw new Unexpected(answer.status, answer);
  return answer.text === '' ? {} : (JSON.parse(answer.text) as Record<string, unknown>);
}

function expectSame(what: string, found: unknown, wanted: unknown): void {
  if (found !== wanted) throw new Error(`${what} is ${JSON.stringify(found)}`);
}

const post = ({ send, url }: Tools, path: string, body: unknown): Promise<Answer> =>
  send({ method: 'POST', url: `${url}/v1/providers/openai/${path}`, body: JSON.stringify(body), headers: JSON_TYPE });

const credential = ({ url, name }: Tools): string => `${url}/v1/providers/openai/credentials/${name}`;

/** The requests of each client, in this order. */
export const STEPS = {
  'encrypt, decrypt': async (tools) => {
    const { ciphertext } = await expectStatus('200', post(tools, 'encrypt', { plaintext: TEXT, context: CONTEXT }));
    const opened = await expectStatus('200', post(tools, 'decrypt', { ciphertext, context: CONTEXT }));
    expectSame('the text', opened['plaintext'], TEXT);
  },
  'null members': async (tools) => {
    const { ciphertext } = await expectStatus('200', post(tools, 'encrypt', { plaintext: TEXT, context: null }));
    await expectStatus('200', post(tools, 'decrypt', { ciphertext }));
  },
  'PUT if none': async (tools) => {
    const put: Asked = {
      method: 'PUT',
      url: credential(tools),
      body: JSON.stringify({ api_key: TEXT, metadata: { owner: 'Zoë' } }),
      headers: { ...JSON_TYPE, 'If-None-Match': '*' },
    };
    await expectStatus('201', tools.send(put));
    await expectStatus('412', tools.send(put));
  },
  'PUT again': async (tools) => {
    await expectStatus(
      '200',
      tools.send({
        method: 'PUT',
        url: credential(tools),
        body: JSON.stringify({ api_key: `${TEXT}-2`, format: null, metadata: null }),
        headers: JSON_TYPE,
      }),
    );
    const kept = await expectStatus('200', tools.send({ method: 'GET', url: credential(tools) }));
    expectSame('the metadata', JSON.stringify(kept['metadata']), '{"owner":"Zoë"}');
  },
  'POST, no body': async (tools) => {
    const revealed = await expectStatus('200', tools.send({ method: 'POST', url: `${credential(tools)}/reveal` }));
    expectSame('the key', revealed['api_key'], `${TEXT}-2`);
  },
  'POST {} or null': async (tools) => {
    for (const body of ['{}', 'null']) {
      const asked = { method: 'POST', url: `${credential(tools)}/reveal`, body, headers: JSON_TYPE };
      await expectStatus('200', tools.send(asked));
    }
  },
  'POST, empty text': async (tools) => {
    const asked = { method: 'POST', url: `${credential(tools)}/reveal`, body: '', headers: JSON_TYPE };
    await expectStatus('200', tools.send(asked));
  },
  list: async ({ send, url }) => {
    await expectStatus('200', send({ method: 'GET', url: `${url}/v1/providers/openai/credentials?limit=2` }));
  },
  'empty parameter': async ({ send, url }) => {
    await expectStatus('200', send({ method: 'GET', url: `${url}/v1/audit/events?limit=2&cursor=` }));
  },
  'escaped query': async ({ send, url }) => {
    const from = encodeURIComponent(new Date(Date.now() + 3_600_000).toISOString().replace('Z', '123+02:00'));
    const user = encodeURIComponent(`arn:aws:iam::${LOCAL_ACCOUNT_ID}:user/administrator`);
    const asked = `${url}/v1/audit/events?user_id=${user}&limit=2&from=${from}`;
    const { events } = await expectStatus('200', send({ method: 'GET', url: asked }));
    // Of the last hour and by this very user, so that a parameter that was lost or spoilt on the way shows.
    expectSame('the number of events', (events as unknown[]).length, 2);
  },
  'space in query': async ({ send, url }) => {
    // No credential has this name; with a wrong signature it would be a 403.
    await expectStatus('200', send({ method: 'GET', url: `${url}/v1/audit/events?operation=a%20b%2Fc` }));
  },
  'escaped path': async ({ send, url }) => {
    // There is no such call; with a wrong signature it would be a 403.
    await expectStatus('404', send({ method: 'GET', url: `${url}/v1/providers/%40a%20b%3D` }));
  },
  'wrong secret': async ({ sendAsOther, url }) => {
    await expectStatus('403', sendAsOther({ method: 'GET', url: `${url}/v1/providers` }));
  },
  'UNSIGNED-PAYLOAD': async ({ send, url }) => {
    const headers = { 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' };
    await expectStatus('403', send({ method: 'GET', url: `${url}/v1/providers`, headers }));
  },
  DELETE: async (tools) => {
    await expectStatus('204', tools.send({ method: 'DELETE', url: credential(tools) }));
    await expectStatus('404', tools.send({ method: 'GET', url: credential(tools) }));
  },
} as const satisfies Record<string, Step>;

export type StepName = keyof typeof STEPS;
