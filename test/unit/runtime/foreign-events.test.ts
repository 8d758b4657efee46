import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ENVIRONMENT } from '../../../lambdas/core/contract/environment';
import { API_FUNCTIONS, OPERATIONS_FUNCTIONS } from '../../../lambdas/core/contract/functions';

type Handler = (event: unknown) => Promise<unknown>;

const LAMBDAS = join(__dirname, '../../../lambdas');
const FUNCTIONS = readdirSync(LAMBDAS, { recursive: true, encoding: 'utf8' })
  .filter((file) => /^[a-z-]+[/\\]handler\.ts$/.test(file))
  .map((file) => file.replace(/[/\\]handler\.ts$/, ''));

const CANARY = 'sk-example-canary-not-a-real-key';

/** Events of no function: nothing, another service's event, or a valid event with one wrong member. */
const FOREIGN: readonly (readonly [string, unknown])[] = [
  ['nothing', undefined],
  ['null', null],
  ['a text', CANARY],
  ['a list', [CANARY]],
  ['an object', { canary: CANARY }],
  ['a message of S3', { Records: [{ messageId: 'm', body: CANARY, eventSource: 'aws:s3', s3: { key: CANARY } }] }],
  ['a queue message without an id', { Records: [{ body: CANARY, eventSource: 'aws:sqs' }] }],
  ['a batch of no messages', { Records: [] }],
  ['another event of EventBridge', { source: CANARY, 'detail-type': CANARY, detail: { canary: CANARY } }],
  ['payload format 2.0', { version: '2.0', rawPath: '/', body: CANARY, requestContext: { http: { method: 'GET' } } }],
  ['another step', { Step: CANARY, SecretId: CANARY, ClientRequestToken: CANARY }],
  ['another resource', { RequestType: CANARY, ResourceProperties: { canary: CANARY } }],
  [
    'a prototype',
    JSON.parse(`{"__proto__": {"Step": "createSecret", "RequestType": "Create"}, "canary": "${CANARY}"}`),
  ],
];

const KEPT = { ...process.env };
const written: string[] = [];

beforeEach(() => {
  written.length = 0;
  for (const name of Object.values(ENVIRONMENT)) process.env[name] = name.endsWith('_DAYS') ? '30' : 'some-name';
  process.env[ENVIRONMENT.region] = 'us-east-1';
  process.env[ENVIRONMENT.regions] = 'us-east-1,eu-west-1';
  process.env[ENVIRONMENT.secretsProvider] = 'aws';
  process.env[ENVIRONMENT.kekMovingFrom] = '';
  process.env[ENVIRONMENT.providers] = 'openai';
  process.env[ENVIRONMENT.logOwner] = '111111111111';
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      written.push(String(text));
      return true;
    });
  }
});
afterEach(() => {
  jest.restoreAllMocks();
  process.env = { ...KEPT };
});

test('there are functions to ask', () => {
  expect(FUNCTIONS).toEqual(expect.arrayContaining([...API_FUNCTIONS, ...OPERATIONS_FUNCTIONS]));
});

test.each(FUNCTIONS)('%s refuses every event that is not its own, and writes nothing of it', async (name) => {
  const { handler } = (await import(join(LAMBDAS, name, 'handler'))) as { handler: Handler };
  for (const [what, event] of FOREIGN) {
    written.length = 0;
    const outcome = await handler(event).catch((thrown: unknown) => thrown);
    const told = outcome instanceof Error ? outcome.message : JSON.stringify(outcome);
    // A refusal is a reply behind the API, elsewhere an error.
    expect([what, told]).toEqual([
      what,
      expect.stringMatching(/^\{"statusCode":400,|^[a-z-]+ refused the event: not an event of this function$/),
    ]);
    const log = written.join('');
    expect([what, log]).toEqual([what, expect.stringContaining('event refused')]);
    expect(log + told).not.toContain(CANARY);
  }
});
