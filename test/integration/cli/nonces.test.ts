import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { run } from '../../../cli/run';
import { AUDIT_DIRECTORY } from '../../../local/local-names';
import { LocalProcess, temporaryHome } from '../local/local-process';
import { answered } from '../../reply-body';
import type { Reply } from '../local/signed-request';
import { bareEnvironment } from './bare-environment';

const { home, remove } = temporaryHome();
let server: LocalProcess;

beforeAll(async () => {
  server = await LocalProcess.start(home);
});
afterAll(async () => {
  await server.stop();
  remove();
});

/** What a command tells, on both outputs. */
async function told(...argv: readonly string[]): Promise<string> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const output = Promise.all([buffer(stdout), buffer(stderr)]);
  const env = bareEnvironment({ home, url: server.url }, dirname(home));
  expect(await run(argv, { stdin: Readable.from([]), stdout, stderr, env })).toBe(0);
  stdout.end();
  stderr.end();
  return (await output).join('');
}

/** The lines of events in the journal, and the files beside it. */
function journal(): { events: { id: string; nonce: string }[]; others: string[] } {
  const directory = join(home, AUDIT_DIRECTORY);
  const names = readdirSync(directory);
  const textOf = (name: string) => readFileSync(join(directory, name), 'latin1');
  const isSegment = (name: string) => name.endsWith('.jsonl');
  const lines = names.filter(isSegment).flatMap((name) => textOf(name).split('\n'));
  return {
    events: lines.filter((line) => line.startsWith('{"id":')).map((line) => JSON.parse(line) as never),
    others: names.filter((name) => name.includes('.') && !isSegment(name)).map(textOf),
  };
}

test('the nonce of an event stands in its line of the journal, and in nothing that anybody is told', async () => {
  const openai = '/v1/providers/openai';
  const { body } = await server.call('POST', `${openai}/encrypt`, { plaintext: 'sk-example-not-a-real-key' });
  const calls: Parameters<LocalProcess['call']>[] = [
    ['POST', `${openai}/decrypt`, { ciphertext: body['ciphertext'] }],
    ['POST', `${openai}/decrypt`, { ciphertext: 'kw1.openai.1.x' }],
    ['PUT', `${openai}/credentials/nonces`, { api_key: 'sk-example-not-a-real-key' }],
    ['POST', `${openai}/credentials/nonces/reveal`],
    ['POST', '/v1/providers/google/encrypt', { plaintext: 'x' }, 'openai-only'],
    ['POST', `${openai}/rotate`, {}],
  ];
  const replies: Reply[] = [];
  for (const call of calls) replies.push(await server.call(...call));
  expect(replies.map(({ status }) => status)).toEqual([200, 400, 201, 200, 403, 202]);

  const listed = await server.call('GET', '/v1/audit/events?limit=500');
  const events = listed.body['events'] as { id: string }[];
  replies.push(listed);
  for (const query of ['credential=nonces', 'event_type=decrypt&success=true', 'limit=1', 'success=false']) {
    replies.push(await server.call('GET', `/v1/audit/events?${query}`));
  }
  replies.push(await server.call('GET', `/v1/audit/events/${events[0]?.id ?? ''}`));
  replies.push(await server.call('GET', `${openai}/versions/1/callers`));
  replies.push(await server.call('GET', `${openai}/credentials`), await server.call('GET', '/readyz'));
  const tellings = [
    await told('audit', '--all'),
    await told('audit', '--all', '--json'),
    await told('audit', '--credential', 'nonces', '--json'),
    await told('credential', 'list', 'openai'),
    await told('version', 'callers', 'openai', '1'),
    await told('audit', 'show', events[0]?.id ?? ''),
    await told('audit', 'show', events[0]?.id ?? '', '--json'),
    await told('audit', 'export', `--out=${home}/events`),
    await told('audit', 'export', `--out=${home}/events.csv`, '--csv', '--json'),
    ...['events', 'events.csv'].map((name) => readFileSync(join(home, name), 'utf8')),
  ];

  const { events: written, others } = journal();
  expect(events.length).toBeGreaterThan(8);
  expect(written.map(({ id }) => id)).toEqual(expect.arrayContaining(events.map(({ id }) => id)));
  const nonces = written.map(({ nonce }) => Buffer.from(nonce, 'base64'));
  expect(nonces.every((nonce) => nonce.length === 32)).toBe(true);
  expect(new Set(written.map(({ nonce }) => nonce)).size).toBe(written.length);
  for (const { nonce } of written.slice(0, 3)) {
    const found = await server.call('GET', `/v1/audit/events?request_id=${encodeURIComponent(nonce)}`);
    expect(answered(found).body['events']).toEqual([]);
    replies.push(await server.call('GET', '/v1/audit/events?event_type=audit_read&limit=5'));
  }
  const forms = nonces.flatMap((nonce) =>
    (['base64', 'base64url', 'hex'] as const).map((form) => nonce.toString(form)),
  );
  for (const text of [...replies.map((reply) => reply.text), ...tellings, server.output, ...others]) {
    expect(forms.filter((form) => text.includes(form))).toEqual([]);
    expect(text).not.toContain('nonce"');
  }
});
