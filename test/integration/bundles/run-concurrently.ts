import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { stretchLimits } from './stretch-limits';

/**
 * A worker thread as a host that runs one function process for many requests has them: loads bundles and keeps so many requests under
 * way at once, each by a caller of its own with a text and a context of its own. Judges each reply by what its own request wanted, and
 * says what the audit log has to hold.
 */

export interface ConcurrentRun {
  /** The files of the bundles, by function. */
  readonly bundles: Readonly<Record<'encrypt' | 'decrypt' | 'rewrap' | 'credentials', string>>;
  /** Prefix of all names of this thread. */
  readonly thread: string;
  readonly requests: number;
  readonly atOnce: number;
}

export interface ConcurrentResult {
  /** The number of answered requests. */
  readonly answered: readonly string[];
  /** Replies that differ from what their requests expect. */
  readonly wrong: readonly string[];
  /** The required events, in the form of {@link describeEvent}. */
  readonly events: readonly string[];
  readonly refusals: number;
}

/** An event by actor, action and object. */
export const describeEvent = (event: {
  request: string | undefined;
  user: string | undefined;
  address: string | undefined;
  agent: string | undefined;
  type: string | undefined;
  subject: string | undefined;
}): string => JSON.stringify(event);

interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Who asks, what for. */
interface Asker {
  readonly name: string;
  readonly user: string;
  readonly address: string;
  readonly agent: string;
}

type Handler = (event: unknown, context: object) => Promise<{ statusCode: number; body: string }>;
type FunctionOf = keyof ConcurrentRun['bundles'];

const PROVIDER = 'openai';
/** How many times a function's limits a busy machine takes. */
const PATIENCE = 600;

async function run({ bundles, thread, requests, atOnce }: ConcurrentRun): Promise<ConcurrentResult> {
  // Not an import: the bundler would pull the handlers into this file.
  const load = module.require.bind(module) as (path: string) => { handler: Handler };
  const handlers = Object.fromEntries(
    Object.entries(bundles).map(([name, path]) => [name, load(path).handler]),
  ) as Record<FunctionOf, Handler>;
  const answered: string[] = [];
  const wrong: string[] = [];
  const events: string[] = [];
  let refusals = 0;
  let left = requests;

  const ask = async (to: FunctionOf, asker: Asker, call: string, method: string, path: string, body?: unknown) => {
    left -= 1;
    const request = `${asker.name}-${call}`;
    const reply = await handlers[to](eventOf(asker, request, method, path, body), { awsRequestId: request });
    answered.push(request);
    const text = reply.body === '' ? {} : (JSON.parse(reply.body) as Reply['body']);
    const expect = (wanted: object): void => {
      const shown = { ...wanted, request_id: request };
      const isProblem = reply.statusCode >= 400;
      const got = isProblem
        ? { ...text, ...(text['request_id'] === request && { request_id: request }) }
        : { ...text, request_id: request };
      for (const [name, value] of Object.entries(shown)) {
        if (JSON.stringify((got as Record<string, unknown>)[name]) !== JSON.stringify(value)) {
          wrong.push(`${request}: ${name} is ${JSON.stringify((got as Record<string, unknown>)[name])}`);
        }
      }
    };
    const record = (type: string, subject: string): void => {
      const { user, address, agent } = asker;
      events.push(describeEvent({ request, user, address, agent, type, subject }));
    };
    return { body: text, status: reply.statusCode, expect, record };
  };
  const at = (call: string): string => `/v1/providers/${PROVIDER}/${call}`;

  /** The calls of one caller, one after the other. */
  const act = async (asker: Asker): Promise<void> => {
    const plaintext = `sk-example-not-a-real-key-${asker.name}`;
    const context = { owner: asker.name };
    const sealed = await ask('encrypt', asker, 'encrypt', 'POST', at('encrypt'), { plaintext, context });
    const ciphertext = String(sealed.body['ciphertext']);
    sealed.record('encrypt', sha256(ciphertext));

    const opened = await ask('decrypt', asker, 'decrypt', 'POST', at('decrypt'), { ciphertext, context });
    opened.expect({ plaintext });
    opened.record('decrypt', sha256(ciphertext));

    const refused = await ask('decrypt', asker, 'refused', 'POST', at('decrypt'), {
      ciphertext,
      context: { owner: `not ${asker.name}` },
    });
    refused.expect({ code: 'decryption_failed', status: 400 });
    refused.record('failed_decrypt', sha256(ciphertext));
    refusals += 1;

    const moved = await ask('rewrap', asker, 'rewrap', 'POST', at('rewrap'), { ciphertext, context });
    const newer = String(moved.body['ciphertext']);
    moved.record('rewrap', sha256(ciphertext));

    const items = [ciphertext, newer, ciphertext].map((each, index) => ({
      ciphertext: each,
      context: index === 2 ? { owner: 'nobody' } : context,
      reference: `${asker.name}-${index}`,
    }));
    const batch = await ask('decrypt', asker, 'batch', 'POST', at('decrypt-batch'), { items });
    const results = (batch.body['results'] ?? []) as readonly Readonly<Record<string, unknown>>[];
    const got = results.map((result) => [
      result['reference'],
      result['plaintext'] ?? (result['error'] as { code?: unknown }).code,
    ]);
    const wanted = items.map(({ reference }, index) => [reference, index === 2 ? 'decryption_failed' : plaintext]);
    if (JSON.stringify(got) !== JSON.stringify(wanted)) wrong.push(`${asker.name}: a batch has ${JSON.stringify(got)}`);
    items.forEach(({ ciphertext: each }, index) => {
      batch.record(index === 2 ? 'failed_decrypt' : 'decrypt', sha256(each));
    });
    refusals += 1;

    const credential = at(`credentials/${asker.name}`);
    const stored = await ask('credentials', asker, 'put', 'PUT', credential, {
      api_key: plaintext,
      metadata: { owner: asker.name },
    });
    stored.expect({ name: asker.name, metadata: { owner: asker.name } });
    // The intent and the outcome.
    for (let event = 0; event < 2; event += 1) stored.record('encrypt', asker.name);
    const revealed = await ask('credentials', asker, 'reveal', 'POST', `${credential}/reveal`);
    revealed.expect({ api_key: plaintext, name: asker.name });
    revealed.record('decrypt', asker.name);
  };

  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left > 0) {
        const number = next++;
        await act(askerOf(thread, number));
      }
    }),
  );
  return { answered, wrong, events, refusals };
}

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

const askerOf = (thread: string, number: number): Asker => {
  const name = `${thread}-${number}`;
  return {
    name,
    user: `arn:aws:sts::111111111111:assumed-role/service-${name}/session-${name}`,
    address: `10.${thread.length}.${(number >> 8) & 255}.${number & 255}`,
    agent: `agent/${name}`,
  };
};

/** The event that API Gateway makes of a request which it has authenticated (payload format 1.0). */
const eventOf = (asker: Asker, requestId: string, httpMethod: string, path: string, body: unknown): unknown => ({
  httpMethod,
  path,
  headers: { 'content-type': 'application/json' },
  multiValueHeaders: { 'content-type': ['application/json'] },
  queryStringParameters: null,
  multiValueQueryStringParameters: null,
  body: body === undefined ? null : JSON.stringify(body),
  isBase64Encoded: false,
  requestContext: {
    requestId,
    identity: { sourceIp: asker.address, userAgent: asker.agent, userArn: asker.user },
  },
});

if (parentPort !== null) {
  stretchLimits(PATIENCE);
  // The age from which an event is not sent again is measured by the wall clock.
  const startedAt = Date.now();
  const realNow = Date.now;
  Date.now = () => startedAt + (realNow() - startedAt) / PATIENCE;
  void run(workerData as ConcurrentRun).then((result) => {
    // After the parent has read the earlier output.
    process.stdout.write('\n', () => parentPort?.postMessage(result));
  });
}
