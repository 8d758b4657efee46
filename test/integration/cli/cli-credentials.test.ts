import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';

/**
 * Every way in which AWS's tools find credentials, with the compiled command: each is a part of its own there, which is parsed
 * only when it is asked for. One server stands for Keyward and for whoever gives out credentials.
 */

const COMMAND = resolve(__dirname, '../../../bin/keyward.cjs');
const SECRET = 'example-not-a-real-secret';
const home = mkdtempSync(join(tmpdir(), 'keyward-credentials-'));
const write = (name: string, content: string): string => {
  const path = join(home, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content, { mode: 0o600 });
  return path;
};

const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString();
const fromSts = (action: string, keyId: string): string =>
  `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result><Credentials>
     <AccessKeyId>${keyId}</AccessKeyId><SecretAccessKey>${SECRET}</SecretAccessKey>
     <SessionToken>example-token</SessionToken><Expiration>${inAnHour()}</Expiration>
   </Credentials></${action}Result></${action}Response>`;

let usedKeyId: string | undefined;
const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
  void text(request).then((body) => {
    const { url = '', headers } = request;
    if (url.startsWith('/v1/')) {
      usedKeyId = /Credential=([^/]+)\//.exec(headers.authorization ?? '')?.[1];
      response.setHeader('content-type', 'application/json').end('{"credentials":[]}');
      return;
    }
    if (url === '/container') {
      const credentials = {
        AccessKeyId: 'CONTAINERKEYIDEXAMPLE',
        SecretAccessKey: SECRET,
        Token: 't',
        Expiration: inAnHour(),
      };
      response.end(JSON.stringify(credentials));
      return;
    }
    if (url.startsWith('/federation/credentials')) {
      const expiration = Date.now() + 3_600_000;
      const roleCredentials = {
        accessKeyId: 'SSOKEYIDEXAMPLEEXAMPLE',
        secretAccessKey: SECRET,
        sessionToken: 't',
        expiration,
      };
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ roleCredentials }));
      return;
    }
    const action = new URLSearchParams(body).get('Action');
    response.setHeader('content-type', 'text/xml');
    if (action === 'AssumeRole') response.end(fromSts(action, 'ASSUMEDKEYIDEXAMPLE'));
    else if (action === 'AssumeRoleWithWebIdentity') response.end(fromSts(action, 'WEBIDENTITYKEYIDEXAMPLE'));
    else response.writeHead(500).end();
  });
});
let url = '';

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(home, { recursive: true, force: true });
});

/** The command in a separate home directory, with only the given variables of AWS in its environment. */
async function list(
  env: Record<string, string>,
  ...options: readonly string[]
): Promise<{ code: number | null; err: string }> {
  usedKeyId = undefined;
  const child = spawn(process.execPath, [COMMAND, 'credential', 'list', 'openai', '--endpoint', url, ...options], {
    cwd: home,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: home, AWS_EC2_METADATA_DISABLED: 'true', AWS_REGION: 'us-east-1', ...env },
  });
  const closed = once(child, 'close');
  const err = await text(child.stderr);
  await closed;
  return { code: child.exitCode, err };
}

const shared = write(
  '.aws/credentials',
  `[default]\naws_access_key_id = DEFAULTKEYIDEXAMPLE\naws_secret_access_key = ${SECRET}
[other]\naws_access_key_id = OTHERKEYIDEXAMPLE\naws_secret_access_key = ${SECRET}\n`,
);
const program = write(
  'process.cjs',
  `process.stdout.write(JSON.stringify({ Version: 1, AccessKeyId: 'PROCESSKEYIDEXAMPLE', SecretAccessKey: '${SECRET}' }))`,
);
write(
  '.aws/config',
  `[profile process]\ncredential_process = "${process.execPath}" "${program}"
[profile role]\nrole_arn = arn:aws:iam::000000000000:role/example\nsource_profile = other
[profile sso]\nsso_session = example\nsso_account_id = 000000000000\nsso_role_name = example
[sso-session example]\nsso_region = us-east-1\nsso_start_url = https://example.invalid/start\n`,
);
const cached = createHash('sha1').update('example').digest('hex');
write(`.aws/sso/cache/${cached}.json`, JSON.stringify({ accessToken: 'example', expiresAt: inAnHour() }));
const identity = write('identity', 'an example, no token');

test.each<[where: string, env: () => Record<string, string>, keyId: string, options: readonly string[]]>([
  [
    'the environment',
    () => ({ AWS_ACCESS_KEY_ID: 'ENVIRONMENTKEYIDEXAMPLE', AWS_SECRET_ACCESS_KEY: SECRET }),
    'ENVIRONMENTKEYIDEXAMPLE',
    [],
  ],
  ['the shared file', () => ({}), 'DEFAULTKEYIDEXAMPLE', []],
  ['a profile of it', () => ({}), 'OTHERKEYIDEXAMPLE', ['--profile', 'other']],
  ['a profile that the environment names', () => ({ AWS_PROFILE: 'other' }), 'OTHERKEYIDEXAMPLE', []],
  ['a program', () => ({}), 'PROCESSKEYIDEXAMPLE', ['--profile', 'process']],
  ['a role', () => ({ AWS_ENDPOINT_URL_STS: url }), 'ASSUMEDKEYIDEXAMPLE', ['--profile', 'role']],
  ['a single sign-on', () => ({ AWS_ENDPOINT_URL_SSO: url }), 'SSOKEYIDEXAMPLEEXAMPLE', ['--profile', 'sso']],
  [
    'a web identity',
    () => ({
      AWS_SHARED_CREDENTIALS_FILE: join(home, 'none'),
      AWS_ENDPOINT_URL_STS: url,
      AWS_WEB_IDENTITY_TOKEN_FILE: identity,
      AWS_ROLE_ARN: 'arn:aws:iam::000000000000:role/example',
    }),
    'WEBIDENTITYKEYIDEXAMPLE',
    [],
  ],
  [
    'a container',
    () => ({ AWS_SHARED_CREDENTIALS_FILE: join(home, 'none'), AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/container` }),
    'CONTAINERKEYIDEXAMPLE',
    [],
  ],
])('%s', async (_, env, keyId, options) => {
  expect(await list({ AWS_SHARED_CREDENTIALS_FILE: shared, ...env() }, ...options)).toEqual({ code: 0, err: '' });
  expect(usedKeyId).toBe(keyId);
});

test('none of them', async () => {
  expect(await list({ AWS_SHARED_CREDENTIALS_FILE: join(home, 'none') })).toEqual({
    code: 2,
    err: 'keyward: usage: no AWS credentials were found: name a profile, set AWS_ACCESS_KEY_ID, or sign in; or set KEYWARD_HOME to the data directory of the local server\n',
  });
  expect(usedKeyId).toBeUndefined();
});
