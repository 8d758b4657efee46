import { spawn } from 'node:child_process';
import { createServer as createHttp, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { ROOT } from '../../../compile/root';
import { VaultCalls } from '../../../lambdas/adapters/vault/vault-calls';
import { createVaultTransport, type VaultTransportOptions } from '../../../lambdas/adapters/vault/vault-transport';
import type { KeywardError } from '../../../lambdas/core/errors/errors';
import { AMPLE_MS } from '../../ample-limits';
import { closeServer } from '../../doubles/close-server';
import { makeCertificate, type Certified } from '../../doubles/make-certificate';
import { RecordingFailures } from '../../doubles/recording-failures';
import { until } from '../../until';

/** The way to Vault over TLS, and servers that answer anything but what they should. */

const DAY_MS = 86_400_000;
const TOKEN = 'canary-token';

let servers: Server[];
let seen: IncomingMessage[];
let failures: RecordingFailures;
beforeEach(() => {
  [servers, seen, failures] = [[], [], new RecordingFailures()];
});
afterEach(() => Promise.all(servers.map(closeServer)));

const fine: RequestListener = (_, response) => response.end('{"data":{}}');

/** @returns the port */
async function serve(answer: RequestListener = fine, certified?: Certified, host = '127.0.0.1'): Promise<number> {
  const noted: RequestListener = (request, response) => {
    seen.push(request);
    answer(request, response);
  };
  const server = certified === undefined ? createHttp(noted) : createHttps(certified, noted);
  servers.push(server);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}

function call(address: string, options: Partial<VaultTransportOptions> = {}) {
  const transport = createVaultTransport({
    url: new URL(address),
    namespace: undefined,
    ca: undefined,
    tlsServerName: undefined,
    timeoutMs: AMPLE_MS,
    ...options,
  });
  const calls = new VaultCalls({ transport, region: 'us-east-1', failures });
  return calls.send({ operation: 'kv read', method: 'GET', path: 'secret/data/keyward/kek', token: TOKEN });
}

/** The name of the failure, without a word of the server's. */
async function failureOf(reply: Promise<unknown>, kind = 'outage'): Promise<string> {
  const thrown: unknown = await reply.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toMatchObject({ code: 'store_unavailable', outside: { service: 'Vault', kind } });
  expect(inspect([thrown, failures.noted], { depth: Infinity })).not.toContain('canary');
  return (thrown as KeywardError).outside!.name;
}

describe('TLS', () => {
  const authority = makeCertificate({ name: 'Test authority', isAuthority: true });
  const other = makeCertificate({ name: 'Another authority', isAuthority: true });
  const of = (hosts: readonly string[], more: { readonly from?: Date; readonly to?: Date } = {}): Certified =>
    makeCertificate({ name: 'vault', hosts, by: authority, ...more });
  const ca = authority.cert;

  test('a certificate of the configured authority, for the host', async () => {
    const port = await serve(fine, of(['localhost']));
    await expect(call(`https://localhost:${port}`, { ca })).resolves.toEqual({ status: 200, body: { data: {} } });
    expect(seen[0]?.headers['x-vault-token']).toBe(TOKEN);
  });

  test('one for another host, if VAULT_TLS_SERVER_NAME says so', async () => {
    const port = await serve(fine, of(['vault.internal']));
    await expect(call(`https://127.0.0.1:${port}`, { ca, tlsServerName: 'vault.internal' })).resolves.toMatchObject({
      status: 200,
    });
  });

  test('several authorities in one text', async () => {
    const port = await serve(fine, of(['localhost']));
    const both = `${other.cert}${authority.cert}`;
    await expect(call(`https://localhost:${port}`, { ca: both })).resolves.toMatchObject({ status: 200 });
  });

  test.each<[string, Certified, Partial<VaultTransportOptions>, RegExp]>([
    ['another authority', of(['localhost']), { ca: other.cert }, /UNABLE_TO_VERIFY|CERT|ISSUER|SIGNATURE/],
    ['none, and so those of Node.js', of(['localhost']), {}, /UNABLE_TO_VERIFY|CERT|ISSUER/],
    ['another name', of(['vault.internal']), { ca }, /ALTNAME/],
    ['another VAULT_TLS_SERVER_NAME', of(['localhost']), { ca, tlsServerName: 'vault.internal' }, /ALTNAME/],
    ['a certificate that has expired', of(['localhost'], { to: new Date(Date.now() - DAY_MS / 2) }), { ca }, /EXPIRED/],
    [
      'one that is not valid yet',
      of(['localhost'], { from: new Date(Date.now() + DAY_MS / 2) }),
      { ca },
      /NOT_YET_VALID/,
    ],
    ['one that it signed itself', makeCertificate({ name: 'localhost', hosts: ['localhost'] }), { ca }, /SELF_SIGNED/],
  ])(
    '%s: nothing is sent, and it does not count as an outage, which passes',
    async (_name, certified, options, name) => {
      const port = await serve(fine, certified);
      expect(await failureOf(call(`https://localhost:${port}`, options), 'refused')).toMatch(name);
      expect(seen).toEqual([]);
    },
  );

  test('a switch of Node.js that was meant for other programs does not switch the check off', async () => {
    const port = await serve(fine, of(['localhost']));
    const sent = `createVaultTransport({ url: new URL('https://localhost:${port}'), timeoutMs: ${AMPLE_MS} })
      .send({ method: 'GET', path: 'x', token: 'x' })`;
    const child = spawn(
      process.execPath,
      [
        '--require',
        require.resolve('tsx/cjs'),
        '-e',
        `const { createVaultTransport } = require('./lambdas/adapters/vault/vault-transport.ts');
         ${sent}.then(() => console.log('sent'), ({ code }) => console.log(code));`,
      ],
      {
        cwd: ROOT,
        env: { ...process.env, NODE_TLS_REJECT_UNAUTHORIZED: '0' },
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    expect(await text(child.stdout)).toMatch(/VERIFY|ISSUER|CERT/);
    expect(seen).toEqual([]);
  });

  test('a server that speaks no TLS, and one that speaks nothing else', async () => {
    const plain = await serve();
    expect(await failureOf(call(`https://localhost:${plain}`, { ca }))).toMatch(/SSL|EPROTO|ECONNRESET/);
    const secure = await serve(fine, of(['localhost']));
    expect(await failureOf(call(`http://localhost:${secure}`))).toMatch(/ECONNRESET|HPE/);
    expect(seen).toEqual([]);
  });
});

test('the loopback of version 6', async () => {
  const port = await serve(fine, undefined, '::1').catch((thrown: unknown) => {
    // A machine without it can listen there no more than anybody can reach it.
    expect(thrown).toMatchObject({ code: expect.stringMatching(/EADDRNOTAVAIL|EAFNOSUPPORT/) });
  });
  if (port !== undefined) await expect(call(`http://[::1]:${port}`)).resolves.toMatchObject({ status: 200 });
});

test('namespace, token and the request header go with each call, after the path of the address', async () => {
  const port = await serve();
  await call(`http://127.0.0.1:${port}/behind/a/proxy/`, { namespace: 'admin/team' });
  expect(seen[0]).toMatchObject({
    url: '/behind/a/proxy/v1/secret/data/keyward/kek',
    headers: { 'x-vault-namespace': 'admin/team', 'x-vault-token': TOKEN, 'x-vault-request': 'true' },
  });
});

describe('a redirect', () => {
  test.each([301, 302, 303, 307, 308])('%d is not followed: the token would go with it', async (status) => {
    const elsewhere = await serve();
    const port = await serve((_, response) => {
      response.writeHead(status, { location: `http://127.0.0.1:${elsewhere}/v1/secret/data/keyward/kek` }).end();
    });
    expect(await failureOf(call(`http://127.0.0.1:${port}`))).toBe(
      status === 307 ? 'VaultStandby' : 'VaultServerError',
    );
    expect(seen).toHaveLength(1);
  });
});

describe('an answer that is none', () => {
  const SHORT_MS = 300;
  const named = async (answer: RequestListener, timeoutMs = AMPLE_MS): Promise<string> =>
    failureOf(call(`http://127.0.0.1:${await serve(answer)}`, { timeoutMs }));

  test('never comes', async () => {
    expect(await named(() => undefined, SHORT_MS)).toMatch(/TimeoutError|AbortError/);
  });

  test('comes byte by byte beyond the time limit, which is of the whole exchange', async () => {
    let timer: NodeJS.Timeout | undefined;
    const slow: RequestListener = (_, response) => {
      response.writeHead(200);
      timer = setInterval(() => response.write(' '), 10);
    };
    expect(await named(slow, SHORT_MS)).toMatch(/TimeoutError|AbortError|ECONNRESET/);
    clearInterval(timer);
  });

  test('never ends, and is left after four megabytes', async () => {
    const megabyte = Buffer.alloc(1_048_576, 'a');
    let [sent, left] = [0, false];
    const huge: RequestListener = (_, response) => {
      response.on('close', () => {
        left = true;
      });
      const more = (): void => {
        while (!left && response.write(megabyte)) sent += 1;
        sent += 1;
      };
      response.on('drain', more);
      more();
    };
    expect(await named(huge)).toBe('UnusableAnswer');
    await until('the connection is closed', () => left);
    // What the system buffers on both sides is sent, too.
    expect(sent).toBeLessThan(64);
  });

  test.each([
    ['a page', '<html>canary</html>'],
    ['a text', 'canary'],
    ['half of it', '{"data":{"canary'],
    ['an array', '["canary"]'],
    ['a string', '"canary"'],
    ['a number', '7'],
    ['null', 'null'],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d, 0x7d])],
  ])('is %s', async (_name, body) => {
    expect(await named((_, response) => response.end(body))).toBe('UnusableAnswer');
  });

  test.each([
    ['is cut off', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"data":{}}', /ECONNRESET/],
    ['is no HTTP', 'canary\r\n\r\n', /HPE_/],
    ['has endless headers', `HTTP/1.1 200 OK\r\nx: ${'canary'.repeat(20_000)}\r\n\r\n{}`, /HPE_|other/],
  ])('%s', async (_name, bytes, name) => {
    const raw: RequestListener = ({ socket }) => socket.end(bytes);
    expect(await named(raw)).toMatch(name);
  });
});
