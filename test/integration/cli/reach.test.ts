import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { ROOT } from '../../../compile/root';
import { SignedClient } from '../../../cli/client/signed-client';
import { connectionOf } from '../../../cli/client/connection';
import { run } from '../../../cli/run';
import { CliError } from '../../../cli/io/cli-error';
import { Sink } from '../../doubles/cli-stage';
import { ConnectProxy } from '../../doubles/connect-proxy';
import { makeCertificate, type Certified } from '../../doubles/make-certificate';

/**
 * How the command line gets to an endpoint, or says why it does not: through proxies, with authorities of one's own, past servers that
 * refuse, hang, hang up, or speak something else. On real sockets.
 */

const directory = mkdtempSync(join(tmpdir(), 'keyward-reach-'));
const write = (name: string, text: string): string => {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
};
const HOST = 'keyward.example.test';
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'EXAMPLEKEYIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'not-a-real-secret' };
const authority = makeCertificate({ name: 'authority of a test', isAuthority: true });
const bundle = write('authority.pem', `what stands before\n${authority.cert}`);
const certified = makeCertificate({ name: HOST, hosts: [HOST, 'localhost'], by: authority });

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function keys(endpoint: string, env: Record<string, string> = {}, ...more: string[]): Promise<Ended> {
  const stdout = new Sink();
  const stderr = new Sink();
  const argv = ['keys', '--endpoint', endpoint, '--json', ...more];
  const all = { ...CREDENTIALS, KEYWARD_HOME: join(directory, 'none'), ...env };
  // The search for AWS credentials reads the environment of the process.
  Object.assign(process.env, CREDENTIALS);
  const code = await run(argv, { stdin: Readable.from([]), stdout, stderr, env: all });
  return { code, out: stdout.text, err: stderr.text };
}

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** Listens on a free port of this machine until the end of the test. */
async function listening(server: Server | TlsServer): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A deployment that answers every call and records the requested hosts. */
async function deployment(by: Certified = certified): Promise<{ port: number; hosts: string[]; signed: string[] }> {
  const hosts: string[] = [];
  const signed: string[] = [];
  const server = createTlsServer({ key: by.key, cert: by.cert }, ({ headers }, response) => {
    hosts.push(headers.host ?? '');
    signed.push(headers.authorization ?? '');
    response.setHeader('content-type', 'application/json').end('{"providers":[]}');
  });
  server.on('tlsClientError', () => undefined);
  return { port: await listening(server), hosts, signed };
}

async function proxyTo(port: number, tls?: Certified): Promise<ConnectProxy> {
  const proxy = await ConnectProxy.start(() => port, tls);
  closers.push(() => {
    proxy.stop();
  });
  return proxy;
}

const ANSWERED: Ended = { code: 0, out: '', err: '' };
/** The one line on stderr about an endpoint that did not answer. */
const refusedWith = (detail: string | RegExp): object => ({
  code: 6,
  out: '',
  err: expect.stringMatching(
    detail instanceof RegExp ? detail : new RegExp(`^{"code":"unreachable","detail":"[^"]*${detail}[^"]*"}\n$`),
  ),
});

describe('an endpoint that does not answer is named, with the reason', () => {
  test('nothing listens there: refused, on this machine by every name of it', async () => {
    const server = createServer();
    const port = await listening(server);
    server.close();
    await once(server, 'close');
    for (const host of ['127.0.0.1', 'localhost', '[::1]']) {
      expect(await keys(`http://${host}:${port}`)).toMatchObject({
        code: 6,
        err: expect.stringMatching(
          /"unreachable","detail":"http:\S+ did not answer: .*; npm start starts the local server; for one with another PORT give --endpoint or KEYWARD_ENDPOINT"/,
        ),
      });
    }
    expect(await keys(`http://127.0.0.1:${port}`)).toEqual(refusedWith('connection refused'));
    const remote = await keys(`https://127.0.0.1:${port}`);
    expect(remote).toEqual(refusedWith(`https://127.0.0.1:${port} did not answer: connection refused`));
    expect(remote.err).not.toContain('npm start');
  });

  test('localhost leads to the local server, which listens on 127.0.0.1 alone', async () => {
    const port = await listening(
      createHttpServer((_, response) => response.setHeader('content-type', 'application/json').end('{"providers":[]}')),
    );
    expect(await keys(`http://localhost:${port}`)).toEqual(ANSWERED);
  });

  test('a name without an address', async () => {
    expect(await keys('https://keyward.invalid')).toMatchObject({
      code: 6,
      err: expect.stringMatching(
        /https:\/\/keyward\.invalid did not answer: (unknown host|its name could not be looked up)/,
      ),
    });
  });

  test.each<[string, string, () => Certified]>([
    ['expired', 'certificate expired', () => inThePast()],
    ['not valid yet', 'certificate not valid yet', () => inTheFuture()],
    ['self-signed', 'self-signed certificate', () => makeCertificate({ name: HOST, hosts: ['localhost'] })],
    ['of an authority that nobody knows', 'unknown certificate authority; .*AWS_CA_BUNDLE', () => certifiedByAnother()],
    ['for another name', 'certificate for another host name', () => forAnotherName()],
  ])('its certificate is %s', async (_, reason, made) => {
    const { port, hosts } = await deployment(made());
    expect(await keys(`https://localhost:${port}`, { AWS_CA_BUNDLE: bundle })).toEqual(refusedWith(reason));
    expect(hosts).toEqual([]);
  });

  test('it hangs up: before a reply, within one, within TLS', async () => {
    const hangUp = await listening(createServer((socket) => socket.once('data', () => socket.destroy())));
    expect(await keys(`http://127.0.0.1:${hangUp}`)).toEqual(refusedWith('connection closed'));
    expect(await keys(`https://127.0.0.1:${hangUp}`)).toEqual(refusedWith('connection closed'));
    const half = await listening(
      createServer((socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{'))),
    );
    expect(await keys(`http://127.0.0.1:${half}`)).toEqual(refusedWith('connection closed'));
  });

  test('it hangs up on what changes something: nobody knows whether that was carried out', async () => {
    const hangUp = await listening(createServer((socket) => socket.once('data', () => socket.destroy())));
    const client = new SignedClient({
      connection: connectionOf({ endpoint: `http://127.0.0.1:${hangUp}` }, {}),
      agent: undefined,
      found: { credentials: { accessKeyId: 'EXAMPLEKEYIDEXAMPLE', secretAccessKey: 'example' }, source: 'a test' },
    });
    const path = '/v1/providers/openai/credentials/main';
    for (const method of ['PUT', 'POST', 'DELETE'] as const) {
      await expect(client.send({ method, path })).rejects.toMatchObject({
        exitCode: 6,
        detail: expect.stringMatching(
          /reply was complete; it is not known whether the call was carried out; npm start/,
        ),
      });
    }
    await expect(client.send({ method: 'GET', path })).rejects.toMatchObject({
      detail: expect.not.stringContaining('carried out'),
    });
  });

  test('a local server is meant, by https and without credentials of AWS', async () => {
    const saved = { ...process.env };
    try {
      for (const name of Object.keys(CREDENTIALS)) Reflect.deleteProperty(process.env, name);
      Object.assign(process.env, { HOME: directory, AWS_EC2_METADATA_DISABLED: 'true' });
      const [stdout, stderr] = [new Sink(), new Sink()];
      const argv = ['keys', '--endpoint', 'https://localhost:8787'];
      expect(await run(argv, { stdin: Readable.from([]), stdout, stderr, env: {} })).toBe(2);
      expect(stderr.text).toMatch(
        /no AWS credentials were found: .*; or a local server is named by http:\/\/localhost:8787\n$/,
      );
    } finally {
      process.env = saved;
    }
  });

  test('it is named as the local server prints where the API is, with /v1', async () => {
    const port = await listening(
      createHttpServer((_, response) =>
        response
          .writeHead(404, { 'content-type': 'application/problem+json' })
          .end('{"code":"route_not_found","detail":"there is no such route"}'),
      ),
    );
    const hint = 'name the endpoint without the /v1 at its end';
    for (const end of ['/v1', '/v1/', '/prod/v1']) {
      const { code, err } = await keys(`http://127.0.0.1:${port}${end}`);
      expect([code, JSON.parse(err)]).toMatchObject([4, { detail: `there is no such route; ${hint}` }]);
    }
    expect((await keys(`http://127.0.0.1:${port}/prod`)).err).not.toContain(hint);
  });

  test('it speaks something else', async () => {
    const ssh = await listening(createServer((socket) => socket.end('SSH-2.0-example\r\n')));
    expect(await keys(`http://127.0.0.1:${ssh}`)).toEqual(refusedWith('does not speak HTTP'));
    expect(await keys(`https://127.0.0.1:${ssh}`)).toEqual(refusedWith('TLS'));
    const plain = await listening(createHttpServer((_, response) => response.end()));
    for (const host of ['127.0.0.1', 'localhost']) {
      expect(await keys(`https://${host}:${plain}`)).toEqual(
        refusedWith(`the server there does not speak TLS; a local server is named by http://${host}:${plain}`),
      );
    }
    const { port } = await deployment();
    expect(await keys(`http://127.0.0.1:${port}`)).toMatchObject({ code: 6, out: '' });
  });

  test('it takes the connection, and says nothing', async () => {
    const silent = await listening(createServer());
    const failure = async (endpoint: string, limits: { connectMs?: number; replyMs: number }): Promise<string> => {
      const way = {
        connection: connectionOf({ endpoint }, {}),
        agent: undefined,
        found: { credentials: { accessKeyId: 'EXAMPLEKEYIDEXAMPLE', secretAccessKey: 'example' }, source: 'a test' },
      };
      const sent = new SignedClient(way, Date.now, limits).send({ method: 'GET', path: '/v1/providers' });
      const thrown: unknown = await sent.catch((error: unknown) => error);
      return thrown instanceof CliError && thrown.exitCode === 6 ? thrown.detail : String(thrown);
    };
    expect(await failure(`http://127.0.0.1:${silent}`, { replyMs: 200 })).toMatch(
      /^http:\S+ did not answer: timed out, no whole reply within 1 seconds; it is not known whether the call was carried out$/,
    );
    expect(await failure(`https://127.0.0.1:${silent}`, { connectMs: 200, replyMs: 600_000 })).toMatch(
      /did not answer: timed out: no connection was made$/,
    );
  });
});

const inThePast = (): Certified =>
  makeCertificate({ name: HOST, hosts: ['localhost'], by: authority, from: new Date(0), to: new Date(86_400_000) });
const inTheFuture = (): Certified =>
  makeCertificate({
    name: HOST,
    hosts: ['localhost'],
    by: authority,
    from: new Date('2048-01-01'),
    to: new Date('2049-01-01'),
  });
const certifiedByAnother = (): Certified =>
  makeCertificate({
    name: HOST,
    hosts: ['localhost'],
    by: makeCertificate({ name: 'another authority', isAuthority: true }),
  });
const forAnotherName = (): Certified => makeCertificate({ name: HOST, hosts: ['other.example.test'], by: authority });

describe('authorities', () => {
  test('AWS_CA_BUNDLE, and beside it NODE_EXTRA_CA_CERTS', async () => {
    const { port } = await deployment();
    const endpoint = `https://localhost:${port}`;
    expect(await keys(endpoint)).toEqual(refusedWith('unknown certificate authority'));
    expect(await keys(endpoint, { AWS_CA_BUNDLE: bundle })).toEqual(ANSWERED);
    const others = write('others.pem', makeCertificate({ name: 'another', isAuthority: true }).cert);
    expect(await keys(endpoint, { AWS_CA_BUNDLE: others })).toEqual(refusedWith('unknown certificate authority'));
    expect(await keys(endpoint, { AWS_CA_BUNDLE: others, NODE_EXTRA_CA_CERTS: bundle })).toEqual(ANSWERED);
  });

  test.each<[string, () => string, string]>([
    ['is missing', () => join(directory, 'nowhere.pem'), 'is missing'],
    ['is a directory', () => directory, 'cannot be read (EISDIR)'],
    ['holds none', () => write('none.pem', 'nothing\n'), 'holds no certificate in PEM'],
    ['is empty', () => write('empty.pem', ''), 'holds no certificate in PEM'],
    [
      'is damaged',
      () => write('damaged.pem', `${authority.cert}${authority.cert.replace(/\n.{9}/, '\nAAAAAAAAA')}`),
      'holds a certificate that is damaged',
    ],
  ])('the file that AWS_CA_BUNDLE names %s', async (_, path, detail) => {
    const file = path();
    const ended = await keys('https://localhost:9', { AWS_CA_BUNDLE: file });
    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(JSON.parse(ended.err)).toEqual({
      code: 'usage',
      detail: `the file that AWS_CA_BUNDLE names, ${file}, ${detail}`,
    });
    // A local server has no certificate.
    expect((await keys('http://127.0.0.1:9', { AWS_CA_BUNDLE: file })).code).toBe(6);
  });
});

test('what the service says in members of a body is said in options, too', async () => {
  const problem = { code: 'metadata_required', detail: 'send metadata', request_id: 'r-1' };
  const port = await listening(
    createHttpServer((_, response) =>
      response.writeHead(409, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem)),
    ),
  );
  const [stdout, stderr] = [new Sink(), new Sink()];
  const argv = ['credential', 'put', 'openai', 'main', '--json', '--endpoint', `http://127.0.0.1:${port}`];
  const env = { ...CREDENTIALS, KEYWARD_HOME: join(directory, 'none') };
  Object.assign(process.env, CREDENTIALS);
  expect(await run(argv, { stdin: Readable.from([Buffer.from('sk-example')]), stdout, stderr, env })).toBe(5);
  expect(JSON.parse(stderr.text)).toEqual({
    ...problem,
    detail: 'send metadata; here by --metadata NAME=VALUE, or --no-metadata',
  });
});

describe('proxies', () => {
  const REMOTE = `https://${HOST}`;

  test.each(['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'])('%s', async (variable) => {
    const { port, hosts } = await deployment();
    const proxy = await proxyTo(port);
    expect(await keys(REMOTE, { [variable]: proxy.url, AWS_CA_BUNDLE: bundle })).toEqual(ANSWERED);
    expect(proxy.asked).toEqual([{ target: `${HOST}:443`, authorization: undefined }]);
    expect(hosts).toEqual([HOST]);
  });

  test('without a scheme, with a user and a password that are not shown, with another port', async () => {
    const { port, hosts } = await deployment();
    const proxy = await proxyTo(port);
    const env = { AWS_CA_BUNDLE: bundle };
    const given = `us%40er:p%3Ass@localhost:${proxy.port}`;
    expect(await keys(`${REMOTE}:8443/prod`, { ...env, HTTPS_PROXY: given })).toEqual(ANSWERED);
    expect(await keys(REMOTE, { ...env, HTTPS_PROXY: `http://${given}/` })).toEqual(ANSWERED);
    const authorization = `Basic ${Buffer.from('us@er:p:ss').toString('base64')}`;
    expect(proxy.asked).toEqual([
      { target: `${HOST}:8443`, authorization },
      { target: `${HOST}:443`, authorization },
    ]);
    expect(hosts).toEqual([`${HOST}:8443`, HOST]);
    proxy.refuseWith = 407;
    const refused = await keys(REMOTE, { HTTPS_PROXY: `http://${given}` });
    expect(refused).toEqual(
      refusedWith(`${REMOTE} could not be asked: proxy http://localhost:${proxy.port} .HTTPS_PROXY.: it needs a user`),
    );
    expect(refused.err).not.toMatch(/us@er|us%40er|p:ss|p%3Ass/);
  });

  test('one that speaks TLS', async () => {
    const { port } = await deployment();
    const proxy = await proxyTo(port, certified);
    expect(await keys(REMOTE, { HTTPS_PROXY: proxy.url, AWS_CA_BUNDLE: bundle })).toEqual(ANSWERED);
    expect(proxy.asked).toHaveLength(1);
    expect(await keys(REMOTE, { HTTPS_PROXY: proxy.url })).toEqual(
      refusedWith(`proxy ${proxy.url} .HTTPS_PROXY.: unknown certificate authority`),
    );
  });

  test.each([
    [403, 'does not allow this connection'],
    [502, 'it could not connect .502.'],
    [418, 'it refused to connect .418.'],
    [302, 'it refused to connect .302.'],
  ])('that answers %i, which is not the answer of the endpoint', async (status, reason) => {
    const proxy = await proxyTo(9);
    proxy.refuseWith = status;
    expect(await keys(REMOTE, { HTTPS_PROXY: proxy.url })).toEqual(
      refusedWith(`${REMOTE} could not be asked.*${reason}`),
    );
  });

  test('that is not there, is nobody, hangs up, or breaks off after it has connected', async () => {
    const gone = await proxyTo(9);
    const { url } = gone;
    gone.stop();
    expect(await keys(REMOTE, { HTTPS_PROXY: url })).toEqual(refusedWith('proxy .*HTTPS_PROXY.*connection refused'));
    expect((await keys(REMOTE, { HTTPS_PROXY: 'http://proxy.invalid:3128' })).err).toMatch(
      /proxy http:\/\/proxy\.invalid:3128 \(HTTPS_PROXY\): (unknown host|its name could not)/,
    );
    const hangUp = await listening(createServer((socket) => socket.once('data', () => socket.destroy())));
    expect(await keys(REMOTE, { HTTPS_PROXY: `localhost:${hangUp}` })).toEqual(
      refusedWith('proxy .*connection closed'),
    );
    const toNobody = await proxyTo(hangUp);
    expect(await keys(REMOTE, { HTTPS_PROXY: toNobody.url })).toEqual(
      refusedWith(`${REMOTE} did not answer: connection closed`),
    );
  });

  test('that says nothing is given up, and named', async () => {
    const { tunnelAgent } = await import('../../../cli/client/tunnel-agent');
    const { sendRequest } = await import('../../../cli/client/send-request');
    const proxy = await proxyTo(9);
    proxy.isSilent = true;
    const request = {
      method: 'GET',
      url: new URL(REMOTE),
      headers: {},
      agent: tunnelAgent({ HTTPS_PROXY: proxy.url }),
    };
    const never = new AbortController();
    await expect(sendRequest({ ...request, signal: never.signal, connectLimitMs: 200 }, 1)).rejects.toMatchObject({
      name: 'ProxyFailure',
      reason: { text: 'timed out: no connection was made' },
    });
    const stop = new AbortController();
    const given = sendRequest({ ...request, signal: stop.signal, connectLimitMs: 600_000 }, 1);
    while (proxy.asked.length < 2) await new Promise(setImmediate);
    stop.abort();
    await expect(given).rejects.toThrow();
  });

  test('not for this machine, nor where NO_PROXY says so', async () => {
    const { port, hosts } = await deployment();
    const proxy = await proxyTo(port);
    proxy.refuseWith = 403;
    const env = { HTTPS_PROXY: proxy.url, AWS_CA_BUNDLE: bundle };
    expect(await keys(`https://localhost:${port}`, env)).toEqual(ANSWERED);
    expect(hosts).toHaveLength(1);
    const local = await listening(createHttpServer((_, response) => response.end('{"providers":[]}')));
    for (const variable of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY']) {
      expect(await keys(`http://127.0.0.1:${local}`, { [variable]: 'nonsense://x' })).toEqual(ANSWERED);
    }
    const excepted = await keys('https://keyward.invalid', { ...env, NO_PROXY: 'other,.invalid' });
    expect(excepted.err).toMatch(/https:\/\/keyward\.invalid did not answer/);
    expect(proxy.asked).toEqual([]);
  });

  test.each(['socks5://localhost:1080', 'http://', '://', 'http://:3128'])('%s is none', async (text) => {
    expect(await keys(REMOTE, { HTTPS_PROXY: text })).toMatchObject({
      code: 2,
      err: expect.stringContaining('HTTPS_PROXY must be a URL'),
    });
  });
});

test('who gives out credentials is asked through the proxy, too: a role of STS, a single sign-on', async () => {
  const STS = 'sts.us-east-1.amazonaws.com';
  const SSO = 'portal.sso.us-east-1.amazonaws.com';
  const inAnHour = Date.now() + 3_600_000;
  const role = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
      <AccessKeyId>ASSUMEDKEYIDEXAMPLE</AccessKeyId><SecretAccessKey>not-a-real-secret</SecretAccessKey>
      <SessionToken>example</SessionToken><Expiration>${new Date(inAnHour).toISOString()}</Expiration>
    </Credentials></AssumeRoleResult></AssumeRoleResponse>`;
  const roleCredentials = {
    accessKeyId: 'SSOKEYIDEXAMPLEEXAMPLE',
    secretAccessKey: 'not-a-real-secret',
    sessionToken: 'example',
    expiration: inAnHour,
  };
  const signedBy: unknown[] = [];
  const { key, cert } = makeCertificate({ name: HOST, hosts: [HOST, STS, SSO], by: authority });
  const port = await listening(
    createTlsServer({ key, cert }, ({ headers }, response) => {
      const json = (value: unknown): unknown =>
        response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
      if (headers.host === STS) response.setHeader('content-type', 'text/xml').end(role);
      else if (headers.host === SSO) json({ roleCredentials });
      else {
        signedBy.push(/Credential=([^/]+)/.exec(headers.authorization ?? '')?.[1]);
        json({ providers: [] });
      }
    }),
  );
  const proxy = await proxyTo(port);
  mkdirSync(join(directory, '.aws/sso/cache'), { recursive: true });
  write(
    '.aws/credentials',
    '[source]\naws_access_key_id = SOURCEKEYIDEXAMPLE\naws_secret_access_key = not-a-real-secret\n',
  );
  write(
    '.aws/config',
    `[profile role]\nrole_arn = arn:aws:iam::000000000000:role/example\nsource_profile = source\nregion = us-east-1
[profile sso]\nsso_session = example\nsso_account_id = 000000000000\nsso_role_name = example
[sso-session example]\nsso_region = us-east-1\nsso_start_url = https://example.invalid/start\n`,
  );
  write(
    `.aws/sso/cache/${createHash('sha1').update('example').digest('hex')}.json`,
    JSON.stringify({ accessToken: 'example', expiresAt: new Date(inAnHour).toISOString() }),
  );
  for (const [profile, host, keyId] of [
    ['role', STS, 'ASSUMEDKEYIDEXAMPLE'],
    ['sso', SSO, 'SSOKEYIDEXAMPLEEXAMPLE'],
  ] as const) {
    proxy.asked.length = 0;
    const argv = [
      join(ROOT, 'bin/keyward.cjs'),
      'keys',
      '--endpoint',
      `https://${HOST}`,
      '--profile',
      profile,
      '--json',
    ];
    const child = spawn(process.execPath, argv, {
      env: {
        PATH: process.env['PATH'],
        HOME: directory,
        AWS_REGION: 'us-east-1',
        AWS_EC2_METADATA_DISABLED: 'true',
        HTTPS_PROXY: proxy.url,
        AWS_CA_BUNDLE: bundle,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const closed = once(child, 'close');
    expect(await text(child.stderr)).toBe('');
    await closed;
    expect(proxy.asked.map(({ target }) => target)).toEqual([`${host}:443`, `${HOST}:443`]);
    expect(signedBy.at(-1)).toBe(keyId);
  }
});
