import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ROOT } from '../../../compile/root';
import { connectionOf } from '../../../cli/client/connection';
import { SignedClient } from '../../../cli/client/signed-client';
import { CliError } from '../../../cli/io/cli-error';
import { run } from '../../../cli/run';
import { LocalProcess, temporaryHome } from '../local/local-process';
import { credentialsOf } from '../local/signed-request';
import { bareEnvironment } from './bare-environment';

const SECRET = 'sk-example-cli-canary-not-a-real-key';

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const { home, remove } = temporaryHome();
const elsewhere = dirname(home);
let server: LocalProcess;

const environment = (extra: Record<string, string> = {}): Record<string, string> => ({
  ...bareEnvironment({ home, url: server.url }, elsewhere),
  ...extra,
});

/** The command as package.json's `bin` names it, on plain Node. */
async function spawned(
  argv: readonly string[],
  input: string | Buffer = '',
  extra: Record<string, string> = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [join(ROOT, 'bin/keyward.cjs'), ...argv], {
    cwd: elsewhere,
    env: environment(extra),
  });
  // A command that refuses its arguments ends before it reads.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const closed = once(child, 'close');
  const [out, err] = await Promise.all([buffer(child.stdout), buffer(child.stderr)]);
  await closed;
  return { code: child.exitCode, out: out.toString(), err: err.toString() };
}

/** The same in this process, which is faster. */
async function ran(argv: readonly string[], input = '', extra: Record<string, string> = {}): Promise<Ended> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const output = Promise.all([buffer(stdout), buffer(stderr)]);
  const code = await run(argv, { stdin: Readable.from([Buffer.from(input)]), stdout, stderr, env: environment(extra) });
  stdout.end();
  stderr.end();
  const [out, err] = await output;
  return { code, out: out.toString(), err: err.toString() };
}

const done = (out: unknown): unknown => ({ code: 0, out, err: '' });
const jsonLines = (text: string): Record<string, unknown>[] =>
  text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]));

beforeAll(async () => {
  server = await LocalProcess.start(home);
});
afterAll(async () => {
  await server.stop();
  remove();
});

describe('as a program', () => {
  test('encrypts, decrypts and rewraps by pipes, right after npm start', async () => {
    const sealed = await spawned(['encrypt', 'openai', '--context', 'team=search'], SECRET);
    expect(sealed).toEqual(done(expect.stringMatching(/^\S+\n$/)));
    expect(await spawned(['decrypt', 'openai', '--context', 'team=search'], sealed.out)).toEqual(done(SECRET));
    const moved = await spawned(['rewrap', 'openai', '--context', 'team=search'], sealed.out);
    expect(moved.out).not.toBe(sealed.out);
    expect(await ran(['decrypt', 'openai', '--context', 'team=search'], moved.out)).toEqual(done(SECRET));
  });

  test.each([
    ['PEM', '-----BEGIN OPENSSH PRIVATE KEY-----\nQUJD\n-----END OPENSSH PRIVATE KEY-----\n'],
    ['text with every line end there is', 'a\r\nb\n\rc\r\n\n'],
    ['a byte order mark and characters of four bytes', '\ufeff😀\n'],
  ])('%s comes back byte by byte', async (_, text) => {
    const sealed = await ran(['encrypt', 'openai'], text);
    expect(sealed.err).toBe('');
    const opened = await spawned(['decrypt', 'openai'], sealed.out);
    expect(Buffer.from(opened.out)).toEqual(Buffer.from(text));
    const trimmed = await ran(['encrypt', 'openai', '--trim'], text);
    expect(await ran(['decrypt', 'openai'], trimmed.out)).toEqual(done(text.replace(/\r?\n$/, '')));
  });

  test('a key that is encrypted with a line end is told of, and what is not UTF-8 refused', async () => {
    const sealed = await ran(['encrypt', 'openai'], `${SECRET}\n`);
    expect(sealed).toMatchObject({ code: 0, err: expect.stringMatching(/^keyward: line_end_kept: .*--trim/) });
    expect(await ran(['decrypt', 'openai'], sealed.out)).toEqual(done(`${SECRET}\n`));
    expect((await ran(['encrypt', 'openai', '--trim'], `${SECRET}\n`)).err).toBe('');
    const binary = await spawned(['encrypt', 'openai'], Buffer.from([0x61, 0xff]));
    expect(binary).toEqual({ code: 2, out: '', err: expect.stringContaining('stdin is not UTF-8') });
  });

  test('a secret as an argument is refused and not repeated', async () => {
    const ended = await spawned(['encrypt', 'openai', SECRET]);
    expect(ended).toEqual({ code: 2, out: '', err: expect.stringContaining('never from an argument') });
    expect(ended.err).not.toContain(SECRET);
    expect(server.output).not.toContain(SECRET);
  });

  test('help and version', async () => {
    const help = await spawned(['--help']);
    expect(help).toEqual(done(expect.stringMatching(/credential reveal <provider> <name>[^]*Exit codes:\n {2}0 /)));
    expect(await ran(['--help'])).toEqual(help);
    expect(await ran(['audit', '--help'])).toEqual(done(expect.stringContaining('--success true|false')));
    expect(await ran(['credential', 'put', '--help'])).toEqual(
      done(expect.stringContaining('Reads the API key from stdin')),
    );
    expect(await ran(['--version'])).toEqual(done(expect.stringMatching(/^\d+\.\d+\.\d+\n$/)));
    expect(await ran([])).toMatchObject({ code: 2, out: '' });
  });
});

describe('stored keys', () => {
  const name = ['openai', 'cli-main'];

  test('put, get, list, reveal, delete', async () => {
    const put = await ran(
      ['credential', 'put', ...name, '--metadata', 'team=search', '--if-none-match', '--json'],
      SECRET,
    );
    expect(JSON.parse(put.out)).toMatchObject({ name: 'cli-main', revision: 1, metadata: { team: 'search' } });
    expect((await ran(['credential', 'put', ...name, '--if-none-match'], SECRET)).code).toBe(5);
    expect((await ran(['credential', 'put', ...name, '--if-match', '9'], SECRET)).err).toMatch(
      /^keyward: precondition_failed: .* \(request \S+\)\n$/,
    );
    expect(await ran(['credential', 'put', ...name, '--if-match', '1'], SECRET)).toEqual(
      done(expect.stringMatching(/revision +2\n/)),
    );
    expect(await ran(['credential', 'get', ...name])).toEqual(done(expect.stringMatching(/hint +-key\n/)));
    expect((await ran(['credential', 'list', 'openai'])).out).toMatch(/^NAME +HINT[^]*cli-main +-key/);
    expect(await ran(['credential', 'reveal', ...name])).toEqual(done(SECRET));
    expect(JSON.parse((await ran(['credential', 'reveal', ...name, '--json'])).out)).toMatchObject({ api_key: SECRET });
    expect(await spawned(['credential', 'delete', ...name])).toEqual({
      code: 2,
      out: '',
      err: expect.stringMatching(/^keyward: usage: credential delete must be confirmed: .*--yes/),
    });
    expect((await ran(['credential', 'get', ...name])).code).toBe(0);
    expect(await ran(['credential', 'delete', ...name, '--if-match', '2', '--yes'])).toEqual({
      code: 0,
      out: '',
      err: expect.stringMatching(/^keyward: undo: .*: keyward credential restore openai cli-main\n$/),
    });
    expect(await ran(['credential', 'get', ...name])).toMatchObject({ code: 4, out: '' });
  });

  test('a value that cannot work is not sent, nor a key in the place of a name', async () => {
    const before = server.output;
    for (const value of [`Bearer ${SECRET}`, `"${SECRET}"`, 'sk-****9876', `OPENAI_API_KEY=${SECRET}`, ` ${SECRET}`]) {
      const refused = await ran(['credential', 'put', 'openai', 'cli-unfit'], value);
      expect(refused).toEqual({
        code: 2,
        out: '',
        err: expect.stringMatching(/^keyward: usage: the API key .*--format/),
      });
      expect(refused.err).not.toContain(SECRET);
    }
    expect((await ran(['credential', 'put', 'openai', 'cli-unfit', '--format', 'pem'], SECRET)).code).toBe(2);
    for (const words of [['put'], ['put', '--if-none-match']]) {
      const [word = '', ...options] = words;
      const refused = await ran(['credential', word, 'openai', SECRET, ...options], SECRET);
      expect(refused).toEqual({ code: 2, out: '', err: expect.stringContaining('history') });
    }
    for (const words of [['get'], ['reveal'], ['delete', '--yes'], ['put', '--if-match', '*']]) {
      const [word = '', ...options] = words;
      const refused = await ran(['credential', word, 'openai', SECRET, ...options, '--json'], 'x');
      expect(refused).toMatchObject({ code: 4, out: '' });
      expect(refused.err).toContain('it was not sent');
      expect(refused.err).not.toContain(SECRET);
    }
    expect(server.output.slice(before.length)).not.toContain(SECRET);
  });

  test('--format says what it is meant to be; metadata stays until it is taken away', async () => {
    const text = ['openai', 'cli-text'];
    const put = (options: readonly string[], input: string) =>
      ran(['credential', 'put', ...text, ...options, '--json'], input);
    const first = await put(['--format', 'text', '--metadata', 'team=search'], 'correct horse battery staple');
    expect(JSON.parse(first.out)).toMatchObject({ revision: 1, hint: '', metadata: { team: 'search' } });
    expect(JSON.parse((await put([], SECRET)).out)).toMatchObject({ revision: 2, metadata: { team: 'search' } });
    expect(JSON.parse((await put(['--no-metadata'], SECRET)).out)).toMatchObject({ revision: 3, metadata: {} });
    expect((await ran(['credential', 'reveal', ...text])).out).toBe(SECRET);
  });

  test('a listing says that there is more, or follows to the end', async () => {
    for (const each of ['page-a', 'page-b', 'page-c']) await ran(['credential', 'put', 'google', each], SECRET);
    const some = await ran(['credential', 'list', 'google', '--limit', '1', '--json']);
    expect(jsonLines(some.out)).toHaveLength(1);
    expect(JSON.parse(some.err)).toMatchObject({ code: 'more' });
    const all = await ran(['credential', 'list', 'google', '--limit', '1', '--all', '--json']);
    expect(jsonLines(all.out).map((row) => row['name'])).toEqual(['page-a', 'page-b', 'page-c']);
    expect(all.err).toBe('');
    expect((await ran(['credential', 'list', 'google', '--limit', '1', '--all'])).out.match(/NAME/g)).toHaveLength(1);
  });
});

test('of what is stored one line end is left out after a key, and none after a document', async () => {
  const reveal = async (name: string): Promise<string> => (await ran(['credential', 'reveal', 'openai', name])).out;
  await ran(['credential', 'put', 'openai', 'cli-key'], `${SECRET}\n`);
  expect(await reveal('cli-key')).toBe(SECRET);
  const document = '{\n  "type": "example"\n}\n';
  await ran(['credential', 'put', 'openai', 'cli-document'], document);
  expect(await reveal('cli-document')).toBe(document);
});

test('keys, of all providers and of one', async () => {
  expect(jsonLines((await ran(['keys', '--json'])).out).map((row) => row['provider'])).toEqual(
    expect.arrayContaining(['openai', 'google']),
  );
  expect((await ran(['keys'])).out).toMatch(/^PROVIDER +PRIMARY_VERSION/);
  expect((await ran(['keys', 'openai'])).out).toMatch(/primary_version +1\n/);
});

test('audit, filtered and to the end', async () => {
  for (let count = 0; count < 3; count += 1) await ran(['encrypt', 'anthropic'], SECRET);
  const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
  const filters = ['--provider', 'anthropic', '--type', 'encrypt', '--success', 'true', '--from', hourAgo];
  const all = await ran(['audit', ...filters, '--limit', '2', '--all', '--json']);
  const events = jsonLines(all.out);
  expect(events).toHaveLength(3);
  expect(events[0]).toMatchObject({ event_type: 'encrypt', user_agent: expect.stringMatching(/^keyward-cli\//) });
  const user = String(events[0]?.['user_id']);
  expect(jsonLines((await ran(['audit', ...filters, '--user', user, '--json'])).out)).toHaveLength(3);
  expect(jsonLines((await ran(['audit', ...filters, '--user', `${user}!`, '--json'])).out)).toHaveLength(0);
  const page = await ran(['audit', ...filters, '--limit', '2']);
  expect(page.out.trimEnd().split('\n')).toHaveLength(3);
  expect(page.err).toBe('keyward: more: there may be more; --all shows everything\n');
});

test('audit: of one credential, one request, one operation and one user by his name, since a while', async () => {
  await ran(['credential', 'put', 'google', 'about-me'], SECRET);
  await ran(['credential', 'reveal', 'google', 'about-me'], '', { AWS_PROFILE: 'openai-only' });
  await ran(['credential', 'reveal', 'google', 'about-me']);
  const found = async (...filters: string[]) => {
    const { code, out } = await ran(['audit', '--since', '1h', '--all', '--json', ...filters]);
    expect(code).toBe(0);
    return jsonLines(out);
  };
  const about = await found('--credential', 'about-me');
  expect(about.map((event) => (event['metadata'] as { operation: string }).operation)).toEqual([
    'reveal_credential',
    // The policy of openai-only refuses its user.
    'POST /v1/providers/{provider}/credentials/{name}/reveal',
    'put_credential',
    'put_credential',
  ]);
  const request = String(about[2]?.['request_id']);
  expect((await found('--request-id', request)).map(({ request_id: id }) => id)).toEqual([request, request]);
  expect(await found('--credential', 'about-me', '--operation', 'reveal_credential')).toEqual([about[0]]);
  const refused = await found('--user', 'openai-only', '--type', 'unauthorized_access', '--provider', 'google');
  expect(refused.length).toBeGreaterThan(0);
  const metadata = refused[0]?.['metadata'] as { operation: string };
  expect(await found('--operation', metadata.operation, '--user', 'openai-only')).toContainEqual(refused[0]);
});

test('audit: what is no type is told by the name of the option, and what finds nothing is told why', async () => {
  expect(await ran(['audit', '--type', 'reveal'])).toMatchObject({
    code: 5,
    err: expect.stringMatching(/^keyward: invalid_request: --type: must be one of encrypt, decrypt,/),
  });
  const nothing = await ran(['audit', '--operation', 'reveal', '--provider', 'opneai']);
  expect(nothing).toMatchObject({ code: 0, out: expect.stringMatching(/^TIMESTAMP [^\n]*\n$/) });
  expect(nothing.err).toMatch(
    /^keyward: nothing: no event of the 7 days before now matches: .*\(did you mean reveal_credential\?\); --provider: .* the providers are openai, anthropic, google, global\n$/,
  );
});

describe('exit codes', () => {
  test('3: the policy of another profile', async () => {
    const refused = await ran(['encrypt', 'google', '--profile', 'openai-only', '--json'], SECRET);
    expect(refused).toMatchObject({ code: 3, out: '' });
    expect(JSON.parse(refused.err)).toMatchObject({ code: 'access_denied', request_id: expect.any(String) });
    expect((await ran(['encrypt', 'openai'], SECRET, { AWS_PROFILE: 'openai-only' })).code).toBe(0);
  });

  test('4: no such provider', async () => {
    expect(await ran(['keys', 'nobody'])).toMatchObject({
      code: 4,
      err: expect.stringMatching(/^keyward: provider_not_found: /),
    });
  });

  test('5: what does not open', async () => {
    const wrong = await ran(['decrypt', 'openai'], SECRET);
    expect(wrong).toMatchObject({ code: 5, out: '', err: expect.stringMatching(/^keyward: decryption_failed: /) });
    expect(wrong.err).not.toContain(SECRET);
  });

  test('2: nothing on stdin', async () => {
    expect(await ran(['encrypt', 'openai'])).toMatchObject({ code: 2, out: '' });
  });
});

describe('beside a local server its own credentials are used', () => {
  const FOREIGN = { AWS_ACCESS_KEY_ID: 'FOREIGNKEYIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'not-a-real-secret' };
  const told = (variables: string): string =>
    `keyward: local_credentials: signed with profile default of ${home}/credentials, whatever ${variables} says: a local server knows no other credentials\n`;

  test.each<[string, Record<string, string>]>([
    ['AWS_PROFILE', { AWS_PROFILE: 'of-the-company' }],
    ['AWS_ACCESS_KEY_ID', FOREIGN],
    ['AWS_PROFILE, AWS_ACCESS_KEY_ID', { ...FOREIGN, AWS_PROFILE: 'of-the-company', AWS_SESSION_TOKEN: 'x' }],
    ['AWS_SHARED_CREDENTIALS_FILE', { AWS_SHARED_CREDENTIALS_FILE: join(elsewhere, 'nowhere') }],
    ['AWS_WEB_IDENTITY_TOKEN_FILE', { AWS_WEB_IDENTITY_TOKEN_FILE: 'x', AWS_ROLE_ARN: 'x' }],
    ['AWS_CONTAINER_CREDENTIALS_FULL_URI', { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:9/' }],
  ])('whatever %s says, and it says so', async (variables, env) => {
    const { code, out, err } = await ran(['encrypt', 'google'], SECRET, env);
    expect({ code, err }).toEqual({ code: 0, err: told(variables) });
    expect(out).toMatch(/^kw1\.google\.\S+\n$/);
    const json = await ran(['encrypt', 'google', '--json'], SECRET, env);
    expect(JSON.parse(json.err)).toMatchObject({ code: 'local_credentials' });
  });

  test('as a program, once, on stderr alone', async () => {
    const { code, out, err } = await spawned(['keys', 'openai'], '', { ...FOREIGN, AWS_PROFILE: 'of-the-company' });
    expect({ code, err }).toEqual({ code: 0, err: told('AWS_PROFILE, AWS_ACCESS_KEY_ID') });
    expect(out).not.toContain('credentials');
  });

  test('those of the lesser rights that the environment asks for', async () => {
    const { accessKeyId, secretAccessKey } = credentialsOf(home, 'openai-only');
    const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
    expect(await ran(['encrypt', 'google'], SECRET, env)).toMatchObject({ code: 3 });
    expect(await ran(['encrypt', 'openai'], SECRET, env)).toMatchObject({ code: 0, err: '' });
    expect(await ran(['encrypt', 'google', '--profile', 'default'], SECRET, env)).toMatchObject({ code: 0, err: '' });
    const file = { AWS_SHARED_CREDENTIALS_FILE: join(home, 'credentials'), AWS_PROFILE: 'openai-only' };
    expect(await ran(['encrypt', 'google'], SECRET, file)).toMatchObject({ code: 3 });
    expect(await ran(['encrypt', 'openai'], SECRET, file)).toMatchObject({ code: 0, err: '' });
  });

  test('a profile that is not among them is refused before anything is sent', async () => {
    expect(await ran(['keys', '--profile', 'of-the-company'])).toEqual({
      code: 2,
      out: '',
      err: `keyward: usage: the profile is not in ${home}/credentials, which has default, openai-only; name one of them by --profile\n`,
    });
  });

  test('never for what is not a local server', async () => {
    const { accessKeyId } = credentialsOf(home, 'default');
    const env = { ...FOREIGN, AWS_PROFILE: '' };
    for (const endpoint of ['https://127.0.0.1:9', 'https://localhost:9', 'https://keyward.invalid']) {
      const ended = await spawned(['keys', '--endpoint', endpoint], '', { ...env, AWS_ACCESS_KEY_ID: '' });
      expect(ended).toMatchObject({ code: 2, err: expect.stringContaining('no AWS credentials were found') });
      expect((await spawned(['keys', '--endpoint', endpoint], '', env)).code).toBe(6);
      expect(ended.err).not.toContain(accessKeyId);
    }
  });
});

describe('where the local server has its data elsewhere', () => {
  const nowhere = { KEYWARD_HOME: join(elsewhere, 'nowhere') };

  test.each<[string, Record<string, string>]>([
    ['without a variable', { KEYWARD_HOME: '' }],
    ['whatever AWS_PROFILE says', { KEYWARD_HOME: '', AWS_PROFILE: 'of-the-company' }],
    ['with a wrong one', nowhere],
    ['with one that names a file', { KEYWARD_HOME: __filename }],
  ])('KEYWARD_HOME is named, %s', async (_, env) => {
    const ended = await spawned(['keys'], '', env);
    expect(ended).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('set KEYWARD_HOME to the data directory'),
    });
    expect(ended.err).toContain('npm start');
  });

  test('access keys that the environment names are taken, and in doubt when they are refused', async () => {
    const { accessKeyId, secretAccessKey } = credentialsOf(home, 'openai-only');
    const env = { ...nowhere, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
    expect(await spawned(['encrypt', 'openai'], SECRET, env)).toMatchObject({ code: 0, err: '' });
    const file = { ...nowhere, AWS_SHARED_CREDENTIALS_FILE: join(home, 'credentials'), AWS_PROFILE: 'openai-only' };
    expect((await spawned(['encrypt', 'google', '--profile', 'default'], SECRET, file)).code).toBe(0);
    expect(await spawned(['encrypt', 'google'], SECRET, file)).toMatchObject({
      code: 3,
      err: expect.stringMatching(
        /^keyward: access_denied: .*; the call was signed with AWS credentials, .* KEYWARD_HOME .*\(request /,
      ),
    });
  });

  test('a damaged file is named, and not shown', async () => {
    writeFileSync(join(elsewhere, 'credentials'), SECRET);
    const damaged = await ran(['keys'], '', { KEYWARD_HOME: elsewhere });
    expect(damaged).toMatchObject({ code: 2, err: expect.stringContaining('line 1') });
    expect(damaged.err).not.toContain(SECRET);
  });

  test('a file that cannot be read is named', async () => {
    mkdirSync(join(elsewhere, 'odd/credentials'), { recursive: true });
    expect(await ran(['keys'], '', { KEYWARD_HOME: join(elsewhere, 'odd') })).toMatchObject({
      code: 2,
      err: expect.stringContaining('odd/credentials could not be read (EISDIR)'),
    });
  });
});

describe("a refusal says where this machine's clock is wrong", () => {
  const MINUTE_MS = 60_000;
  const refusedAt = async (offBy: number, profile = 'default'): Promise<string> => {
    const way = {
      connection: connectionOf({ endpoint: server.url }, {}),
      agent: undefined,
      found: { credentials: credentialsOf(home, profile), source: 'a test' },
    };
    const client = new SignedClient(way, () => Date.now() + offBy);
    const thrown: unknown = await client
      .send({ method: 'GET', path: '/v1/providers' })
      .catch((error: unknown) => error);
    return thrown instanceof CliError && thrown.exitCode === 3 ? thrown.detail : String(thrown);
  };

  test.each([
    [-60, 'behind'],
    [6, 'ahead of'],
    [60 * 24 * 400, 'ahead of'],
  ])('by %i minutes', async (minutes, side) => {
    expect(await refusedAt(minutes * MINUTE_MS)).toMatch(
      new RegExp(`; this machine's clock is [0-9]+ (d|h|min) [0-9]+ (h|min|s) ${side} the endpoint's: set it, because`),
    );
  });

  test('and not where it is the policy that refuses', async () => {
    const detail = await refusedAt(0, 'openai-only');
    expect(detail).toContain('policy');
    expect(detail).not.toContain('clock');
  });
});

describe('what is not Keyward', () => {
  const against = async (reply: (response: ServerResponse) => void, argv = ['keys']): Promise<Ended> => {
    const other = createServer((_, response) => {
      reply(response);
    }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    try {
      return await ran([...argv, '--endpoint', `http://127.0.0.1:${(other.address() as AddressInfo).port}/stage/`]);
    } finally {
      other.closeAllConnections();
      other.close();
    }
  };

  test("6: it hangs up, or fails; API Gateway's own words are not repeated", async () => {
    expect(await against((response) => response.destroy())).toMatchObject({
      code: 6,
      err: expect.stringMatching(/^keyward: unreachable: /),
    });
    const failed = await against((response) =>
      response.writeHead(503, { 'x-amzn-requestid': 'abc' }).end(`{"message":"${SECRET}"}`),
    );
    expect(failed).toEqual({
      code: 6,
      out: '',
      err: 'keyward: http_503: the endpoint answered with status 503 (request abc)\n',
    });
  });

  test('1: no JSON, no object, nothing, or a redirection, which is not followed', async () => {
    for (const text of ['<html>', '[]', '']) {
      expect(await against((response) => response.end(text))).toMatchObject({ code: 1, out: '' });
    }
    expect(await against((response) => response.writeHead(302, { location: server.url }).end())).toMatchObject({
      code: 1,
    });
  });

  test('1: a reply without an end is not read to its end', async () => {
    let sent = 0;
    const ended = await against((response) => {
      const more = (): void => {
        while (!response.destroyed && sent < 512 * 2 ** 20) {
          sent += 2 ** 20;
          if (!response.write(Buffer.alloc(2 ** 20, ' '))) break;
        }
      };
      response.on('drain', more).on('error', () => undefined);
      more();
    });
    expect(ended).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^keyward: unexpected_reply: /) });
    expect(sent).toBeLessThan(256 * 2 ** 20);
  });

  test('1: a listing that goes in circles comes to an end', async () => {
    const page = JSON.stringify({ credentials: [], next_cursor: 'again' });
    const ended = await against((response) => response.end(page), ['credential', 'list', 'openai', '--all']);
    expect(ended).toMatchObject({ code: 1, err: 'keyward: unexpected_reply: the same page came twice\n' });
  });

  test('6: nobody there', async () => {
    const gone = createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address() as AddressInfo;
    gone.close();
    await once(gone, 'close');
    expect(await ran(['keys', '--endpoint', `http://127.0.0.1:${port}`])).toMatchObject({ code: 6 });
  });

  test('2: plain http to another machine, before anything is read or sent', async () => {
    expect(await ran(['encrypt', 'openai', '--endpoint', 'http://keyward.example.com'], SECRET)).toMatchObject({
      code: 2,
      out: '',
    });
  });
});
