import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { sendRequest, type HttpReply } from '../../../cli/client/send-request';

interface Received {
  readonly method: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly socket: Socket;
}

const received: Received[] = [];
let answer: (response: ServerResponse) => void;
const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
  void text(request).then((body) => {
    const { method, headers, socket } = request;
    received.push({ method, headers, body, socket });
    answer(response);
  });
});

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
beforeEach(() => {
  received.length = 0;
  answer = (response) => response.end('{}');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const given = new AbortController().signal;
const request = (method: string, body?: string, signal = given): Promise<HttpReply> => {
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1?a=%20b`);
  const headers = { 'user-agent': 'test', 'content-type': 'application/json' };
  return sendRequest({ method, url, headers, signal, ...(body !== undefined && { body }) }, 100);
};

test.each(['GET', 'DELETE', 'POST', 'PUT'])(
  '%s: what was signed is sent, with the length of what there is',
  async (method) => {
    await request(method, 'é{}');
    expect(received).toMatchObject([
      { method, body: 'é{}', headers: { 'content-length': '4', 'user-agent': 'test', 'accept-encoding': 'identity' } },
    ]);
  },
);

test('a request without a body has none', async () => {
  await request('GET');
  expect(received).toMatchObject([{ body: '' }]);
  expect(received[0]?.headers).not.toHaveProperty('transfer-encoding');
});

test('the status, headers and text of a reply, in whatever pieces it comes', async () => {
  answer = (response) => {
    response.writeHead(207, { 'X-Request-Id': 'r-1' });
    response.write(Buffer.from([0xc3]));
    setImmediate(() => response.end(Buffer.from([0xa9])));
  };
  const { status, headers, text: shown } = await request('GET');
  expect([status, headers['x-request-id'], shown]).toEqual([207, 'r-1', 'é']);
});

test('a redirection is a reply', async () => {
  answer = (response) => response.writeHead(302, { location: '/elsewhere' }).end();
  expect(await request('GET')).toMatchObject({ status: 302, text: '' });
  expect(received).toHaveLength(1);
});

test.each([
  ['more than is wanted', Buffer.alloc(101, 'a'), undefined],
  ['all that is wanted', Buffer.alloc(100, 'a'), 'a'.repeat(100)],
  ['what is not UTF-8', Buffer.from([0xff]), undefined],
])('%s', async (_, bytes, shown) => {
  answer = (response) => response.end(bytes);
  expect((await request('GET')).text).toBe(shown);
});

test.each<[string, (response: ServerResponse) => void]>([
  ['no reply', (response) => response.destroy()],
  [
    'half a reply',
    (response) => response.writeHead(200, { 'content-length': '9' }).write('{}', () => response.destroy()),
  ],
  ['a chunked reply that breaks off', (response) => response.write('{}', () => response.destroy())],
])('%s is a failure', async (_, breakOff) => {
  answer = breakOff;
  await expect(request('GET')).rejects.toThrow();
});

test.each<[string, (response: ServerResponse) => void]>([
  ['before a reply', () => undefined],
  ['within a reply', (response) => response.write('{')],
])('is given up %s', async (_, begin) => {
  const giveUp = new AbortController();
  answer = (response) => {
    begin(response);
    giveUp.abort();
  };
  await expect(request('POST', '{}', giveUp.signal)).rejects.toThrow();
});

test('a header that cannot be sent is a failure like any other', async () => {
  const url = new URL('http://127.0.0.1:9');
  const broken = { method: 'GET', url, headers: { 'if-match': 'a\nb' }, signal: given };
  await expect(sendRequest(broken, 1)).rejects.toThrow();
});

test('a reply that is longer in coming than a connection is kept', async () => {
  answer = (response) => {
    void delay(1_500).then(() => response.end('late'));
  };
  expect((await request('GET')).text).toBe('late');
});

test('a connection is for the next request, and not for one after a pause', async () => {
  // On a busy machine there is a pause between some of them.
  for (let times = 0; times < 20; times += 1) await request('GET');
  const used = received.map(({ socket }) => socket);
  expect(new Set(used).size).toBeLessThan(20);
  const last = used.at(-1)!;
  // The client closes it: the server would keep it longer.
  if (!last.destroyed) await once(last, 'close');
  await request('GET');
  expect(received.at(-1)!.socket).not.toBe(last);
});
