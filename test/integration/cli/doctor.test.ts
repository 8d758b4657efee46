import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { checkEndpoint } from '../../../cli/doctor/check-endpoint';
import { connectionOf } from '../../../cli/client/connection';
import { run } from '../../../cli/run';
import { version } from '../../../package.json';
import { Sink } from '../../doubles/cli-stage';
import { makeCertificate } from '../../doubles/make-certificate';
import { LocalProcess, temporaryHome } from '../local/local-process';

/** What `keyward doctor` finds, of a local server as it runs, of none, and of what stands for a deployment and for AWS. */

type Line = Readonly<Record<'check' | 'status' | 'detail', string>> & { readonly remedy?: string };

const directory = mkdtempSync(join(tmpdir(), 'keyward-doctor-'));
const { home, remove } = temporaryHome();
let server: LocalProcess;
beforeAll(async () => {
  server = await LocalProcess.start(home);
});
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});
afterAll(async () => {
  await server.stop();
  remove();
  rmSync(directory, { recursive: true, force: true });
});

async function ran(
  argv: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; out: string; err: string }> {
  const [stdout, stderr] = [new Sink(), new Sink()];
  const all = { KEYWARD_HOME: home, KEYWARD_ENDPOINT: server.url, ...env };
  const code = await run(['doctor', ...argv], { stdin: Readable.from([]), stdout, stderr, env: all });
  return { code, out: stdout.text, err: stderr.text };
}

async function found(
  argv: string[],
  env?: Record<string, string>,
): Promise<{ code: number; lines: Record<string, Line> }> {
  const { code, out } = await ran([...argv, '--json'], env);
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  expect(lines.map(({ check }) => check)).toEqual([
    'endpoint',
    'clock',
    'credentials',
    'permissions',
    'readiness',
    'versions',
  ]);
  return { code, lines: Object.fromEntries(lines.map((line) => [line.check, line])) };
}

const statuses = (lines: Record<string, Line>): string =>
  Object.values(lines)
    .map(({ status }) => status)
    .join(' ');

async function listening(one: Server | TlsServer): Promise<number> {
  const sockets = new Set<Socket>();
  one.on('connection', (socket: Socket) => sockets.add(socket));
  one.listen(0, '127.0.0.1');
  await once(one, 'listening');
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    one.close();
  });
  return (one.address() as AddressInfo).port;
}

const json = (response: ServerResponse, value: unknown): unknown =>
  response.setHeader('content-type', 'application/json').end(JSON.stringify(value));

describe('beside a local server', () => {
  test('all is well: a line each, and nothing is written down of it', async () => {
    const events = async (): Promise<unknown[]> =>
      (await server.call('GET', '/v1/audit/events?limit=100')).body['events'] as unknown[];
    const before = (await events()).length;
    const { code, out, err } = await ran([]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.split('\n')).toEqual([
      expect.stringMatching(/^ok {4}endpoint {5}http:\/\/127\.0\.0\.1:[0-9]+ answers in [0-9]+ ms$/),
      expect.stringMatching(/^ok {4}clock {8}this machine's and the endpoint's agree within [0-9]+ s$/),
      `ok    credentials  administrator, by profile default of ${home}/credentials`,
      'ok    permissions  openai: all; anthropic: all; google: all; global: all; as an operator: keysets, rotations, kek, audit',
      'ok    readiness    openai, anthropic, google, global encrypt and decrypt, the audit log answers',
      `ok    versions     keyward ${version}, Node ${process.version}, server ${version}`,
      '',
    ]);
    // The first of these reads is an event, too.
    expect((await events()).length).toBe(before + 1);
  });

  test('of somebody who may do little', async () => {
    const { code, lines } = await found(['--profile', 'openai-only']);
    expect({ code, statuses: statuses(lines) }).toEqual({ code: 0, statuses: 'ok ok ok ok warn ok' });
    expect(lines['permissions']?.detail).toMatch(/^openai: all; anthropic: nothing; .*; as an operator: rotations$/);
    expect(lines['credentials']?.detail).toMatch(/^openai-only, /);
  });

  test('what the environment says of other credentials is told', async () => {
    const { code, lines } = await found(['openai'], { AWS_PROFILE: 'of-the-company' });
    expect(code).toBe(0);
    expect(lines['credentials']?.detail).toContain('whatever AWS_PROFILE says');
  });

  test.each<[string, string[], Record<string, string>, number, string]>([
    ['no such provider', ['nosuch'], {}, 4, 'ok ok ok fail ok ok'],
    ['no such profile', ['--profile', 'nobody'], {}, 2, 'ok ok fail warn warn ok'],
    ['no data directory', [], { KEYWARD_HOME: '/nowhere' }, 2, 'ok ok fail warn warn ok'],
    ['no server', ['--endpoint', 'http://127.0.0.1:9'], {}, 6, 'fail warn ok warn warn ok'],
    ['an endpoint that cannot be', ['--endpoint', 'http://example.com'], {}, 2, 'fail warn warn warn warn ok'],
  ])('%s', async (_, argv, env, exitCode, wanted) => {
    const { code, lines } = await found(argv, env);
    expect({ code, statuses: statuses(lines) }).toEqual({ code: exitCode, statuses: wanted });
    expect((await ran(argv, env)).err).toMatch(/^keyward: not_well: failed: /);
  });

  test('access keys of elsewhere, and a user whom no file names', async () => {
    const other = join(directory, 'credentials');
    writeFileSync(
      other,
      '[default]\naws_access_key_id = EXAMPLEKEYIDEXAMPLE\naws_secret_access_key = not-a-real-secret\n',
    );
    const { code, lines } = await found([], { KEYWARD_HOME: directory });
    expect(code).toBe(3);
    expect(statuses(lines)).toBe('ok ok warn fail warn ok');
    expect(lines['credentials']?.detail).toContain('principals.json');
  });
});

describe('of what only looks like one', () => {
  const withDate = (offBy: number) =>
    createHttpServer({}, (_, response) => {
      response.setHeader('date', new Date(Date.now() + offBy).toUTCString());
      json(response, { status: 'ok' });
    });

  test.each([
    [600_000, 'fail', /^this machine's clock is (10 min 0|9 min 59) s behind the endpoint's$/],
    [-600_000, 'fail', /ahead of/],
    [120_000, 'warn', /^this machine's is .* behind the endpoint's$/],
  ])('its clock is %i ms ahead', async (offBy, status, detail) => {
    const { lines } = await found(['--endpoint', `http://127.0.0.1:${await listening(withDate(offBy))}`]);
    expect(lines['clock']).toMatchObject({ status, detail: expect.stringMatching(detail), remedy: expect.any(String) });
  });

  test('it is another program, or one without a clock', async () => {
    const other = createHttpServer((_, response) => {
      response.sendDate = false;
      response.writeHead(404).end('<html>');
    });
    const { code, lines } = await found(['--endpoint', `http://127.0.0.1:${await listening(other)}`]);
    expect(code).toBe(1);
    expect(lines['endpoint']).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('does not seem to be Keyward'),
    });
    expect(lines['clock']).toMatchObject({ status: 'warn' });
  });

  test('it is of another version', async () => {
    const other = createHttpServer(({ url }, response) =>
      json(
        response,
        url === '/openapi.json' ? { openapi: '3.1.0', info: { title: 'x', version: '99.0.0' } } : { status: 'ok' },
      ),
    );
    const { lines } = await found(['--endpoint', `http://127.0.0.1:${await listening(other)}`]);
    expect(lines['versions']).toMatchObject({ status: 'warn', detail: expect.stringContaining('server 99.0.0') });
  });

  test('it takes the connection, and says nothing', async () => {
    const connection = connectionOf({ endpoint: `http://127.0.0.1:${await listening(createServer())}` }, {});
    const never = new AbortController().signal;
    const asking = { connection, agent: undefined, signal: never, clock: Date.now, limitMs: 200 };
    expect(await checkEndpoint(asking)).toMatchObject([
      { status: 'fail', detail: expect.stringContaining('timed out'), exitCode: 6 },
      { status: 'warn' },
    ]);
  });
});

describe('of a deployment', () => {
  const authority = makeCertificate({ name: 'authority of a test', isAuthority: true });
  const bundle = join(directory, 'authority.pem');
  writeFileSync(bundle, authority.cert);
  const ARN = 'arn:aws:sts::000000000000:assumed-role/operator/example';

  /** One server for Keyward and for STS, which is told apart by its path. */
  async function examined(
    sts: [status: number, text: string],
    env: Record<string, string> = {},
  ): Promise<{ code: number; lines: Record<string, Line> }> {
    const { key, cert } = makeCertificate({ name: 'localhost', hosts: ['localhost'], by: authority });
    const port = await listening(
      createTlsServer({ key, cert }, ({ url = '' }, response) => {
        if (url.startsWith('/sts')) response.writeHead(sts[0]).end(sts[1]);
        else if (url.includes('/healthz')) json(response, { status: 'ok' });
        else if (url.includes('/readyz')) json(response, { ready: true, providers: [{ provider: 'openai' }] });
        else json(response, { providers: [{ provider: 'openai' }] });
      }),
    );
    const credentials = { AWS_ACCESS_KEY_ID: 'EXAMPLEKEYIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'not-a-real-secret' };
    // What finds credentials reads the environment of the process.
    Object.assign(process.env, credentials);
    return found(['--endpoint', `https://localhost:${port}/prod`], {
      ...credentials,
      AWS_CA_BUNDLE: bundle,
      AWS_ENDPOINT_URL_STS: `https://localhost:${port}/sts`,
      ...env,
    });
  }

  test('whose credentials they are AWS says', async () => {
    const { code, lines } = await examined([
      200,
      `<GetCallerIdentityResult><Arn>${ARN}</Arn></GetCallerIdentityResult>`,
    ]);
    expect({ code, statuses: statuses(lines) }).toEqual({ code: 0, statuses: 'ok ok ok ok ok ok' });
    expect(lines['credentials']?.detail).toBe(`${ARN}, by AWS_ACCESS_KEY_ID`);
    expect(lines['versions']?.detail).toBe(`keyward ${version}, Node ${process.version}`);
  });

  test('or why AWS could not be asked, be it a proxy', async () => {
    const closed = createServer();
    const port = await listening(closed);
    closed.close();
    const elsewhere = { AWS_ENDPOINT_URL_STS: 'https://sts.example.test', HTTPS_PROXY: `http://127.0.0.1:${port}` };
    const { lines } = await examined([200, ''], elsewhere);
    expect(lines['credentials']).toMatchObject({
      status: 'warn',
      detail: expect.stringMatching(/sts\.example\.test: proxy http:\S+ \(HTTPS_PROXY\): connection refused/),
    });
  });

  test.each<[number, string, string, string]>([
    [
      403,
      '<Error><Code>ExpiredToken</Code><Message>echo</Message></Error>',
      'fail',
      'they have expired: sign in again',
    ],
    [403, '<Error><Code>InvalidClientTokenId</Code></Error>', 'fail', 'there is no such access key'],
    [500, 'echo', 'warn', 'AWS did not say whose they are: AWS STS answered with status 500'],
  ])('and where it says %i %s', async (status, text, wanted, detail) => {
    const { lines } = await examined([status, text]);
    expect(lines['credentials']).toMatchObject({ status: wanted, detail: expect.stringContaining(detail) });
    expect(lines['credentials']?.detail).not.toContain('echo');
  });
});
