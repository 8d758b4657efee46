import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mountAws, type AwsEngineUnderTest } from '../contract/vault/aws-under-test';
import { doubleUnderTest } from '../contract/vault/vault-under-test';
import { instantEnvironment, startInstantAws } from '../doubles/start-instant-aws';
import { startVault, type RunningVault } from '../doubles/vault/start-vault';
import { until } from '../until';
import { BundledFunction } from './bundles/bundled-function';
import { sharedBundles } from './bundles/shared-bundles';

/** The deployed bundles as a host outside AWS runs them: their credentials come from Vault, and AWS looks at them. */

const LONG_MS = 3_600_000;
const PROVIDERS = ['openai'];
const PLAINTEXT = 'sk-example-not-a-real-key';

let directory: string;
let ahead = 0;
const now = (): number => Date.now() + ahead;
let vault: RunningVault;
let engine: AwsEngineUnderTest;
let aws: Awaited<ReturnType<typeof startInstantAws>>;
let seen: string[];
let running: BundledFunction[];
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'keyward-vault-credentials-'));
  ahead = 0;
  running = [];
  seen = [];
  vault = await startVault(now);
  const lease = { lease: '10m', lease_max: '1h' };
  engine = await mountAws(doubleUnderTest(vault), { now, stsSeconds: 900, lease });
  aws = await startInstantAws(
    PROVIDERS,
    () => undefined,
    (id, token) => {
      seen.push(id);
      return engine.aws.account.errorOf(id, token);
    },
  );
});
afterEach(async () => {
  await Promise.all(running.map((each) => each.stop()));
  await Promise.all([vault.close(), engine.aws.close(), aws.close()]);
  rmSync(directory, { recursive: true, force: true });
});

async function start(
  name: 'encrypt' | 'decrypt',
  path: string,
  others: Record<string, string> = {},
): Promise<BundledFunction> {
  const {
    AWS_ACCESS_KEY_ID: _id,
    AWS_SECRET_ACCESS_KEY: _secret,
    ...env
  } = instantEnvironment(aws.endpoint, PROVIDERS);
  const file = join(directory, 'secret-id');
  writeFileSync(file, await engine.newSecretId(), { mode: 0o600 });
  const settings = {
    VAULT_ADDR: vault.address,
    VAULT_ROLE_ID: engine.roleId,
    VAULT_SECRET_ID_FILE: file,
    VAULT_AWS_CREDENTIALS: path,
  };
  const started = await BundledFunction.start(process.execPath, await sharedBundles(), name, {
    ...env,
    ...settings,
    ...others,
  });
  running.push(started);
  return started;
}

async function call(
  of: BundledFunction,
  name: string,
  body: object,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const reply = (await of.invoke({
    httpMethod: 'POST',
    path: `/v1/providers/openai/${name}`,
    headers: { 'content-type': 'application/json' },
    multiValueHeaders: { 'content-type': ['application/json'] },
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    body: JSON.stringify(body),
    isBase64Encoded: false,
    requestContext: {
      requestId: `r-${Math.random()}`,
      identity: { userArn: 'arn:aws:iam::111111111111:user/a', sourceIp: '10.0.0.1' },
    },
  })) as { statusCode: number; body: string };
  return { status: reply.statusCode, body: JSON.parse(reply.body) as Record<string, unknown> };
}
const encrypt = (of: BundledFunction) => call(of, 'encrypt', { plaintext: PLAINTEXT });

async function advance(of: BundledFunction, ms: number): Promise<void> {
  ahead += ms;
  await of.advance(ms);
}

test(
  'keys of STS serve, a process that slept wakes with new ones, and without any it is 503',
  async () => {
    const sealing = await start('encrypt', engine.paths.assumed_role);
    const sealed = await encrypt(sealing);
    expect(sealed).toMatchObject({ status: 200, body: { ciphertext: expect.stringMatching(/^kw1\.openai\./) } });
    expect(new Set(seen)).toEqual(new Set(['SESSION-1']));
    const opening = await start('decrypt', engine.paths.federation_token);
    const { ciphertext } = sealed.body;
    expect(await call(opening, 'decrypt', { ciphertext })).toMatchObject({
      status: 200,
      body: { plaintext: PLAINTEXT },
    });

    await advance(sealing, LONG_MS);
    seen.length = 0;
    expect((await encrypt(sealing)).status).toBe(200);
    expect(new Set(seen)).toEqual(new Set(['SESSION-3']));

    vault.service.isSealed = true;
    await advance(sealing, LONG_MS);
    const refused = await encrypt(sealing);
    expect(refused).toMatchObject({ status: 503 });
    expect(refused.body['code']).toBe('audit_unavailable');
    await sealing.says('VaultSealed');
    vault.service.isSealed = false;
    await advance(sealing, 10_000);
    expect((await encrypt(sealing)).status).toBe(200);
    for (const secret of ['secret-of-', 'token-of-', 'SESSION-']) expect(sealing.output).not.toContain(secret);
  },
  LONG_MS,
);

test(
  'keys that AWS takes for expired before their time are taken anew, and no caller notices',
  async () => {
    const sealing = await start('encrypt', engine.paths.assumed_role);
    await encrypt(sealing);
    // The account's clock alone: this process believes in its keys.
    ahead += LONG_MS;
    seen.length = 0;
    expect((await encrypt(sealing)).status).toBe(200);
    expect(new Set(seen)).toEqual(new Set(['SESSION-1', 'SESSION-2']));
  },
  LONG_MS,
);

test(
  'an IAM user is deleted when the host stops the process',
  async () => {
    const sealing = await start('encrypt', engine.paths.iam_user);
    expect((await encrypt(sealing)).status).toBe(200);
    expect(new Set(seen)).toEqual(new Set(['USER-1']));
    expect(await sealing.terminate()).toBe(143);
    expect(engine.aws.account.errorOf('USER-1', undefined)).toBe('UnrecognizedClientException');
  },
  LONG_MS,
);

test.each<[string, Record<string, string>, RegExp]>([
  ['a path', { VAULT_AWS_CREDENTIALS: 'canary' }, /VAULT_AWS_CREDENTIALS must be the path of a role/],
  ['no address', { VAULT_ADDR: '' }, /VAULT_ADDR is not set/],
  ['no secret id', { VAULT_SECRET_ID_FILE: '' }, /VAULT_SECRET_ID is not set, and neither is VAULT_SECRET_ID_FILE/],
  [
    'two secret ids',
    { VAULT_SECRET_ID: 'canary' },
    /VAULT_SECRET_ID and VAULT_SECRET_ID_FILE must not be set together/,
  ],
  [
    'a wrapped one',
    { VAULT_SECRET_ID_FILE: '', VAULT_WRAPPED_SECRET_ID: 'canary' },
    /VAULT_WRAPPED_SECRET_ID is not for functions/,
  ],
  [
    'a role',
    { VAULT_AWS_CREDENTIALS: 'ROLE/none' },
    /VAULT_AWS_CREDENTIALS names a role that the aws engine does not have/,
  ],
  [
    'an engine',
    { VAULT_AWS_CREDENTIALS: 'nothing/sts/none' },
    /VAULT_AWS_CREDENTIALS names a path that the policy of its AppRole does not allow to read/,
  ],
  ['no file', { VAULT_SECRET_ID_FILE: '/nonexistent/canary' }, /VAULT_SECRET_ID_FILE names a file that does not exist/],
])(
  'bad input is one sentence in the log and no answer: %s',
  async (_name, others, sentence) => {
    const path = others['VAULT_AWS_CREDENTIALS']?.replace('ROLE', `${engine.mount}/sts`);
    const sealing = await start('encrypt', engine.paths.assumed_role, {
      ...others,
      ...(path !== undefined && { VAULT_AWS_CREDENTIALS: path }),
    });
    expect((await encrypt(sealing)).status).toBeGreaterThanOrEqual(500);
    await until('the sentence is in the log', () => sentence.test(sealing.output));
    const lines = sealing.output.split('\n').filter((line) => sentence.test(line));
    expect(lines).toHaveLength(1);
    expect(sealing.output).not.toContain('canary');
  },
  LONG_MS,
);
