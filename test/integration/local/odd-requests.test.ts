import { once } from 'node:events';
import { MAX_HEADER_BYTES, MAX_HEADERS } from '../../../lambdas/core/contract/limits';
import { until } from '../../until';
import { readAll, toBytes, toReply, type Sent } from './raw-http';
import { serveGateway, type ServedGateway } from './served-gateway';

/** Requests that no ordinary client sends: too many headers, requests in requests, other protocols. */

const CREDENTIAL = { method: 'PUT', path: '/v1/providers/openai/credentials/a', body: '{"api_key":"sk-example"}' };
const UNREADABLE = { status: 400, body: { code: 'invalid_request', detail: 'the request is not valid HTTP/1.1' } };

let served: ServedGateway;
beforeEach(async () => {
  served = await serveGateway();
});
afterEach(async () => {
  await served.close();
});

const plus = (sent: Sent, headers: readonly [string, string][]): Sent => ({
  ...sent,
  headers: [...sent.headers, ...headers],
});
const filler = (count: number, name = (index: number) => `x-${index}`): [string, string][] =>
  Array.from({ length: count }, (_, index) => [name(index), '1']);

describe('headers', () => {
  const tooMany = {
    status: 431,
    body: { code: 'headers_too_large', detail: 'the request may have at most 100 headers' },
  };

  test('of a hundred are all taken, each one handed on', async () => {
    const sent = await served.sign(CREDENTIAL);
    const room = MAX_HEADERS - sent.headers.length;
    expect((await served.exchange(toBytes(plus(sent, filler(room))))).status).toBe(200);
    // The signature is not passed on.
    expect(Object.keys(served.events[0]!.multiValueHeaders)).toHaveLength(MAX_HEADERS - 1);
    expect(await served.exchange(toBytes(plus(sent, filler(room + 1))))).toMatchObject(tooMany);
    expect(served.events).toHaveLength(1);
  });

  test.each([
    ['101', 101],
    ['1,000, as many as Node keeps by itself,', 1000],
    ['1,100', 1100],
    ['2,000', 2000],
    ['3,000', 3000],
  ])('of %s before a condition are refused, and nobody is asked', async (_, count) => {
    const sent = await served.sign(CREDENTIAL);
    const headers: [string, string][] = [...filler(count, (index) => index.toString(36)), ['if-none-match', '*']];
    const reply = await served.exchange(toBytes(plus(sent, headers)));
    expect(reply).toMatchObject(tooMany);
    expect(reply.head).toMatch(/connection: close/i);
    expect([served.events, served.audit.events]).toEqual([[], []]);
    expect(served.logger.lines).toMatchObject([{ level: 'warn', fields: { code: 'headers_too_large' } }]);
  });

  test('count each time they occur, and on what anyone may have, too', async () => {
    const same = Array.from({ length: 100 }, () => 'X-Same: 1');
    for (const target of ['/healthz', '/docs', '/v1/providers']) {
      expect(await served.ask('GET', target, same)).toMatchObject(tooMany);
    }
  });

  test('that are too many are refused before the body is asked for', async () => {
    const head = `PUT ${CREDENTIAL.path} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9\r\n`;
    const lines = filler(100).map(([name, value]) => `${name}: ${value}\r\n`);
    expect(await served.exchange(`${head}${lines.join('')}\r\n`)).toMatchObject(tooMany);
  });

  test('may have as many bytes as API Gateway takes', async () => {
    const line = 'GET /healthz HTTP/1.1'.length;
    const room = MAX_HEADER_BYTES - line - 'x'.length - 'close'.length;
    expect((await served.ask('GET', '/healthz', [`X: ${'y'.repeat(room)}`])).status).toBe(200);
    const reply = await served.ask('GET', '/healthz', [`X: ${'y'.repeat(room + 1)}`]);
    expect(reply).toMatchObject({ status: 431, body: { code: 'headers_too_large' } });
    expect(reply.body['detail']).toBe('request line and header values may have at most 10240 bytes');
    expect((await served.ask('GET', `/healthz?${'y'.repeat(MAX_HEADER_BYTES)}`)).status).toBe(431);
  });

  test('that Node itself does not read are answered as the others', async () => {
    const reply = await served.ask('GET', '/healthz', [`X: ${'y'.repeat(200_000)}`]);
    expect(reply).toMatchObject({ status: 431, body: { status: 431, code: 'headers_too_large' } });
    expect(reply.head).toMatch(/^content-type: application\/problem\+json$/m);
    expect(reply.head).toMatch(/^date: .* GMT$/m);
    expect(served.logger.lines).toMatchObject([
      { level: 'warn', message: 'request refused: its headers are too large', fields: { code: 'headers_too_large' } },
    ]);
  });

  test('behind a body that came in chunks set no condition and count for nothing', async () => {
    const { headers, body, ...rest } = await served.sign(CREDENTIAL);
    const chunk = `${body.length.toString(16)}\r\n${body.toString()}\r\n`;
    const trailers = `0\r\nIf-None-Match: *\r\nAuthorization: x\r\n${'X: 1\r\n'.repeat(200)}\r\n`;
    const sent: Sent = {
      ...rest,
      headers: [...headers.filter(([name]) => name !== 'content-length'), ['transfer-encoding', 'chunked']],
      body: Buffer.from(chunk + trailers),
    };
    expect((await served.exchange(toBytes(sent))).status).toBe(200);
    expect(Object.keys(served.events[0]!.headers)).not.toContain('If-None-Match');
  });
});

describe('one request that could be read as two', () => {
  const inner = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';

  test.each([
    ['a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['chunks and a length', 'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'Content-Length: 0\r\nContent-Length: 35\r\n\r\n'],
    ['one length twice', 'Content-Length: 0\r\nContent-Length: 0\r\n\r\n'],
    ['a list of lengths', 'Content-Length: 0, 0\r\n\r\n'],
    ['a signed length', 'Content-Length: +0\r\n\r\n'],
    ['a negative length', 'Content-Length: -1\r\n\r\n'],
    ['another coding', 'Transfer-Encoding: xchunked\r\n\r\n'],
    ['chunks that are not last', 'Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n'],
    ['a space before the colon', 'Content-Length : 0\r\n\r\n'],
    ['a folded header', 'Content-Length: 0\r\n X: 1\r\n\r\n'],
    ['a bare line feed in a header', 'X: 1\nContent-Length: 0\r\n\r\n'],
    ['a null in a header', 'X: \0\r\n\r\n'],
    ['a chunk size that is none', 'Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n'],
  ])('by %s reaches nobody twice', async (_, tail) => {
    const reply = await served.exchange(`POST /v1/providers HTTP/1.1\r\nHost: x\r\n${tail}${inner}`);
    expect(reply.status).toBe(400);
    // No second answer, and nothing was passed on.
    expect(`${reply.head}${reply.text}`.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(served.events).toEqual([]);
  });

  test.each(['GET', 'HEAD'])('%s with a body, of what anyone may have, is one', async (method) => {
    const socket = await served.open();
    const reply = readAll(socket);
    socket.write(
      `${method} /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: ${inner.length}\r\n\r\n${inner}` +
        'GET /robots.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );
    expect((await reply).match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
    expect(served.events).toHaveLength(1);
  });
});

test.each([
  ['no Host', '1.1', [], 400],
  ['two', '1.1', ['Host: a', 'Host: b'], 400],
  ['the same twice', '1.1', ['Host: a', 'host: a'], 400],
  ['an empty one', '1.1', ['Host:'], 200],
  ['none, in a version that has none', '1.0', [], 200],
  ['two, in a version that has none', '1.0', ['Host: a', 'Host: b'], 400],
])('a request with %s', async (_, version, hosts, status) => {
  const head = [`GET /healthz HTTP/${version}`, ...hosts, 'Connection: close', '', ''].join('\r\n');
  const reply = await served.exchange(head);
  expect(reply.status).toBe(status);
  if (status === 400) expect(reply.body).toMatchObject({ code: 'invalid_request', detail: 'Host: must be there once' });
});

describe('a target', () => {
  test.each([
    '//',
    '//healthz',
    '/%2e',
    '/healthz/',
    '/healthz/..',
    '/./healthz',
    '/%68ealthz',
    '/healthz%3fx',
    '/healthz;x',
    '/docs%2f',
    '/docs/..',
    '/docs/../v1/providers',
    'http://x/healthz',
    'http://x/',
    '*',
  ])('%s is no way to what anyone may have', async (target) => {
    expect(await served.ask('GET', target)).toMatchObject({ status: 403, body: { code: 'access_denied' } });
    expect(served.events).toEqual([]);
    expect(served.audit.events).toHaveLength(1);
  });
});

describe('what is no HTTP/1.1', () => {
  test.each([
    ['nonsense', 'nonsense\r\n\r\n'],
    ['a method in lower case', 'get / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a method that nobody knows', 'HACK / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['no version that there is', 'GET / HTTP/9.9\r\nHost: x\r\n\r\n'],
  ])('%s is a problem document, and a line that has nothing of it', async (_, bytes) => {
    const reply = await served.exchange(bytes);
    expect(reply).toMatchObject(UNREADABLE);
    expect(served.logger.lines).toMatchObject([
      {
        level: 'warn',
        message: 'request refused: it is not valid HTTP/1.1 (RFC 9112)',
        fields: { request_id: reply.body['request_id'], code: 'invalid_request' },
      },
    ]);
    expect(served.audit.events).toEqual([]);
  });

  test('TLS is told apart in the log', async () => {
    await served.exchange(Buffer.from([0x16, 0x03, 0x01, 0x00, 0x05, 1, 0, 0, 1, 0]));
    expect(served.logger.lines).toMatchObject([
      { message: 'request refused: it came by TLS, and this server speaks http:// alone' },
    ]);
  });

  test('behind requests that wait for their answers takes none of them away, and is not taken for one', async () => {
    const append = served.audit.append.bind(served.audit);
    const releases: (() => void)[] = [];
    served.audit.append = async (event) => {
      await new Promise<void>((resolve) => releases.push(resolve));
      await append(event);
    };
    const socket = await served.open();
    const reply = readAll(socket);
    const request = 'GET /v1/providers HTTP/1.1\r\nHost: x\r\n\r\n';
    socket.write(`${request}${request}nonsense\r\n\r\n`);
    await until('two refusals wait for the audit log', () => releases.length === 2);
    releases.forEach((release) => {
      release();
    });
    const text = await reply;
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 403', 'HTTP/1.1 403']);
    expect(text.match(/^connection: .*$/gim)?.at(-1)).toMatch(/close/);
    expect(served.logger.lines.map(({ message }) => message)).toContain(
      'request refused: it is not valid HTTP/1.1 (RFC 9112)',
    );
  });

  test('within the body of a request behind one that waits ends both', async () => {
    served.audit.append = () => new Promise(() => undefined);
    const socket = await served.open();
    const reply = readAll(socket);
    socket.write('GET /v1/providers HTTP/1.1\r\nHost: x\r\n\r\n');
    socket.write('POST /v1/providers HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n');
    expect(await reply).toBe('');
  });

  test('however often it comes on one connection, is answered once, and the connection ends', async () => {
    const socket = await served.open();
    const ended = readAll(socket);
    const first = once(socket, 'data');
    socket.write('nonsense\r\n\r\n');
    await first;
    for (let each = 0; each < 5; each++) socket.write('nonsense\r\n\r\n');
    expect(toReply(await ended)).toMatchObject(UNREADABLE);
    expect(served.logger.lines).toHaveLength(1);
  });

  test('a flood of it is some lines', async () => {
    for (let each = 0; each < 80; each++) await served.exchange('nonsense\r\n\r\n');
    // The minute may change meanwhile.
    expect(served.logger.lines.length).toBeGreaterThanOrEqual(31);
    expect(served.logger.lines.length).toBeLessThanOrEqual(63);
  });
});
