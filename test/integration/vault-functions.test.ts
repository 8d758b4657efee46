import { startSts, type RunningSts } from '../doubles/start-sts';
import { startVault, type RunningVault } from '../doubles/vault/start-vault';
import {
  doubleUnderTest,
  LOOKING_ROTATOR_POLICY,
  makeRotator,
  preparePaths,
  READER_POLICY,
  type Rotator,
  type VaultUnderTest,
} from '../contract/vault/vault-under-test';
import { until } from '../until';
import { actNamed, KEY, type Notes } from './wiring/acts';
import { startRegionVaults, type RegionVaults } from './wiring/region-vaults';
import { REPLICA } from './wiring/outages';
import { sqsEvent } from './wiring/sqs-event';
import { useBundles } from './wiring/use-bundles';
import { HOME, KEK_INTERVAL_DAYS, REGIONS, signer, WiredDeployment } from './wiring/wired-deployment';

/** The functions as they are deployed, with their KEK in Vault: one Vault for each region, of which a replica follows home's. */

const DAY_MS = 86_400_000;
/** A timeout for a busy machine. */
const LONG_MS = 600_000;
const SECRET = 'vault/keyward';
const CREATE = { RequestType: 'Create', ResourceProperties: { ServiceToken: 'x' }, LogicalResourceId: 'x' };
const NOTES: Notes = { provider: 'openai', token: '', rotation: '' };

const bundles = useBundles();
let vault: RunningVault;
let rotator: Rotator;
let wired: WiredDeployment;
let regional: RegionVaults;

const under = (): VaultUnderTest => doubleUnderTest(vault);

async function start(kek: Readonly<Record<string, string>>): Promise<void> {
  regional = await startRegionVaults(vault.address, REGIONS);
  wired = await WiredDeployment.start(bundles(), {
    SECRETS_PROVIDER: 'vault',
    VAULT_ADDR: regional.pairs,
    VAULT_KEK_PATH: rotator.kekPath,
    KEYWARD_ROTATE_KEK_FUNCTION: 'keyward-rotate-kek',
    KEYWARD_PROVE_KEYSET_FUNCTION: 'keyward-prove-keyset',
    ...kek,
  });
}

beforeEach(async () => {
  vault = await startVault();
  rotator = await makeRotator(under(), { policy: LOOKING_ROTATOR_POLICY });
  await preparePaths(under(), rotator);
});
afterEach(async () => {
  await wired.close();
  await regional.close();
  await vault.close();
});

const serve = (name: string, region: string, more: Readonly<Record<string, string>> = {}) =>
  wired.serve(actNamed(name), region, NOTES, more);
/** The regions whose Vault was asked since the last call. */
const vaultsAsked = (): readonly string[] => [...new Set(regional.asked.splice(0))].sort();
/** Output and answers come by different channels. */
const says = (sentence: string) => until(`a function has written: ${sentence}`, () => wired.output.includes(sentence));
const messages = (): readonly string[] => wired.sqs.bodies.filter((body) => body.includes('kek_id'));
const sweep = async (): Promise<void> => {
  await wired.invoke('sweep', HOME, { keyward: 'sweep' });
  await wired.settled();
};

describe('with an AppRole whose secret id is in Secrets Manager', () => {
  const secretId = async (): Promise<void> => wired.createSecret(SECRET, `${await rotator.newSecretId()}\n`);
  beforeEach(() => start({ VAULT_ROLE_ID: rotator.roleId, VAULT_SECRET_ID_SECRET: SECRET }), LONG_MS);

  test(
    'a deployment makes the first KEK, each region serves with its own Vault, and the sweep rotates',
    async () => {
      await secretId();
      await wired.invoke('bootstrap', HOME, CREATE);
      await wired.settled();
      const first = await under().admin('GET', `${rotator.mount}/data/keyward/kek?version=1`);
      expect(first.body.data?.['data']).toMatchObject({ keyset: '{"schema":1}' });

      vaultsAsked();
      const { ciphertext } = (await serve('encrypt', HOME)).body;
      NOTES.token = String(ciphertext);
      expect(vaultsAsked()).toEqual([HOME]);
      expect(await serve('decrypt', REPLICA)).toMatchObject({ status: 200, body: { plaintext: KEY } });
      expect(vaultsAsked()).toEqual([REPLICA]);

      // Not due: a sweep asks whether a rotation is pending, and nothing is written.
      wired.sqs.bodies.length = 0;
      const mark = vault.calls.length;
      await sweep();
      expect(
        vault.calls.slice(mark).filter(({ method, path }) => method === 'POST' && path.includes('/data/')),
      ).toEqual([]);
      expect(messages()).toEqual([]);

      wired.aheadMs += (KEK_INTERVAL_DAYS + 1) * DAY_MS;
      await sweep();
      expect(messages()).toHaveLength(1);
      vaultsAsked();
      const rewrap = () => wired.invoke('rewrap-deks', HOME, sqsEvent(messages()));
      // A region whose functions do not reach their Vault does not count as one that has the new KEK.
      regional.cutOff.add(REPLICA);
      expect(await rewrap()).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-0' }] });
      regional.cutOff.clear();
      expect(await rewrap()).toEqual({ batchItemFailures: [] });
      expect(vaultsAsked()).toEqual([...REGIONS].sort());
      for (const region of REGIONS) {
        expect(await serve('decrypt', region)).toMatchObject({ status: 200, body: { plaintext: KEY } });
      }
      const kept = await under().admin('GET', `${rotator.mount}/data/keyward/kek`);
      expect(wired.output).not.toContain('material');
      expect(JSON.stringify(kept.body)).toContain('parent_version_id');

      // Keyward never writes the secret of the secret id, and nothing but Vault's secret is asked for.
      const asked = wired.aws.calls.filter(({ target }) => target === SECRET || target === 'kek');
      expect([...new Set(asked.map(({ verb, target }) => `${verb} ${target}`))]).toEqual([`reads ${SECRET}`]);
      for (const { by, region } of asked) expect(by.endsWith(`@${region}`)).toBe(true);
    },
    LONG_MS,
  );

  test(
    'a secret id with a number of uses is refused by the rotator, with the command; a wrapped one by every function',
    async () => {
      await makeLimited();
      await wired.createSecret(SECRET, await rotator.newSecretId());
      const event = { keyward: 'rotate-kek', begin: true };
      await expect(wired.invoke('rotate-kek', HOME, event)).rejects.toThrow('rotate-kek failed');
      await says(`vault write auth/approle/role/${rotator.role} secret_id_num_uses=0`);
      const written = await under().admin('GET', `${rotator.mount}/data/keyward/kek`);
      expect(written.status).toBe(404);

      const wrapped = await under().admin('POST', `auth/approle/role/${rotator.role}/secret-id`, undefined, {
        'x-vault-wrap-ttl': '300s',
      });
      const { token } = wrapped.body['wrap_info'] as { token: string };
      await wired.putSecret(SECRET, token);
      await expect(wired.invoke('rotate-kek', HOME, event)).rejects.toThrow('rotate-kek failed');
      await says('VAULT_SECRET_ID_SECRET holds a token');
      expect(await serve('encrypt', HOME)).toMatchObject({ status: 503 });
      expect(wired.output).not.toContain(token);
      // It was not used up.
      const lookup = await under().admin('POST', 'sys/wrapping/lookup', { token });
      expect(lookup.status).toBe(200);
    },
    LONG_MS,
  );

  test(
    'a path that was lost is not written again while there are keysets',
    async () => {
      await secretId();
      await wired.invoke('bootstrap', HOME, CREATE);
      await wired.settled();
      await under().admin('DELETE', `${rotator.mount}/metadata/keyward/kek`);
      const begin = { keyward: 'rotate-kek', begin: true };
      await expect(wired.invoke('rotate-kek', HOME, begin)).rejects.toThrow('rotate-kek failed');
      await says('does not exist, and the policy of VAULT_ROLE_ID may not create it');
      await preparePaths(under(), rotator);
      await expect(wired.invoke('rotate-kek', HOME, begin)).rejects.toThrow('rotate-kek failed');
      await says('holds no KEK, but keysets exist: restore it');
      expect((await under().admin('GET', `${rotator.mount}/data/keyward/kek`)).status).toBe(404);
    },
    LONG_MS,
  );

  test(
    'steps of Secrets Manager, and variables that are wrong, are refused in one sentence',
    async () => {
      await secretId();
      const step = { Step: 'createSecret', SecretId: 'keyward/kek', ClientRequestToken: 'a'.repeat(32) };
      await expect(wired.invoke('rotate-kek', HOME, step)).rejects.toThrow('refused the event');
      for (const [more, sentence] of [
        [{ VAULT_SECRET_ID: 'CANARY' }, 'VAULT_SECRET_ID is not for functions'],
        [{ VAULT_AUTH: 'CANARY' }, 'VAULT_AUTH must be approle or aws'],
        [{ VAULT_AUTH: 'aws' }, 'VAULT_AWS_ROLE is not set'],
        [{ VAULT_CACERT: 'CANARY' }, 'VAULT_CACERT holds no certificate in PEM'],
        [{ VAULT_ADDR: `${REPLICA}=https://CANARY` }, 'VAULT_ADDR has no pair for the home region'],
        [{ KEYWARD_KEK_MOVING_FROM: 'vault' }, 'KEYWARD_KEK_MOVING_FROM must not be the same as SECRETS_PROVIDER'],
        [{ KEYWARD_KEK_MOVING_FROM: 'aws' }, 'KEYWARD_KEK_SECRET is not set'],
      ] as const) {
        expect([sentence, (await serve('encrypt', HOME, more)).status]).toEqual([sentence, 500]);
        await says(sentence);
      }
      expect(wired.output).not.toContain('CANARY');
      // What reads no KEK needs none of it.
      expect(await serve('listKeysets', HOME, { VAULT_ADDR: '' })).toMatchObject({ status: 200 });
    },
    LONG_MS,
  );

  async function makeLimited(): Promise<void> {
    await under().admin('POST', `auth/approle/role/${rotator.role}`, {
      token_policies: rotator.role,
      secret_id_num_uses: 40,
    });
  }
});

describe('with the identity of each function', () => {
  const arnOf = (name: string, region: string): string =>
    `arn:aws:sts::111111111111:assumed-role/keyward-${name}-${region}/session`;
  const SERVER_ID = 'vault.example';
  let sts: RunningSts;
  beforeEach(async () => {
    const principals = [
      ...['rotate-kek', 'sweep', 'bootstrap', 'rewrap-deks'].map((name) => [name, HOME] as const),
      ...REGIONS.flatMap((region) => ['encrypt', 'prove-keyset'].map((name) => [name, region] as const)),
    ].map(([name, region]) => {
      return [signer(name, region), { arn: arnOf(name, region), secretAccessKey: 'example-not-a-secret' }] as const;
    });
    sts = await startSts(Object.fromEntries(principals));
    const { admin } = under();
    await admin('POST', 'auth/aws/config/client', {
      sts_endpoint: sts.endpoint,
      iam_server_id_header_value: SERVER_ID,
    });
    const rotating = 'arn:aws:iam::111111111111:role/keyward-rotate-kek-us-east-1';
    const all = principals.map(([, { arn }]) =>
      arn.replace(/^arn:aws:sts::(\d+):assumed-role\/(.*)\/session$/, 'arn:aws:iam::$1:role/$2'),
    );
    await admin('POST', 'sys/policies/acl/reader', { policy: READER_POLICY(rotator.mount, 'keyward/kek') });
    for (const [role, policy, bound] of [
      ['keyward', 'reader', all],
      ['keyward-rotator', rotator.role, [rotating]],
    ] as const) {
      await admin('POST', `auth/aws/role/${role}`, {
        auth_type: 'iam',
        bound_iam_principal_arn: bound,
        token_policies: policy,
      });
    }
    await start({ VAULT_AUTH: 'aws', VAULT_AWS_ROLE: 'keyward', VAULT_AWS_SERVER_ID: SERVER_ID });
  }, LONG_MS);
  afterEach(() => sts.close());

  const begin = (more: Readonly<Record<string, string>> = {}) =>
    wired.invoke('rotate-kek', HOME, { keyward: 'rotate-kek', begin: true }, more);

  test(
    'only the rotator writes, with a role of its own, and no secret is read',
    async () => {
      // With the role of those who only read it does not even begin.
      await expect(begin()).rejects.toThrow('rotate-kek failed');
      await says('the policy of VAULT_AWS_ROLE lacks update');
      await begin({ VAULT_AWS_ROLE: 'keyward-rotator' });
      await wired.invoke('bootstrap', HOME, CREATE);
      expect(await serve('encrypt', REPLICA)).toMatchObject({ status: 200 });
      expect(new Set(sts.hosts)).toEqual(new Set(['sts.amazonaws.com']));
      expect(await serve('encrypt', REPLICA, { VAULT_AWS_STS_REGION: REPLICA })).toMatchObject({ status: 200 });
      expect(sts.hosts.at(-1)).toBe(`sts.${REPLICA}.amazonaws.com`);
      expect(wired.aws.calls.filter(({ target }) => target === SECRET)).toEqual([]);
    },
    LONG_MS,
  );

  test(
    'another Vault cannot use the request, nor a role that is not bound',
    async () => {
      await begin({ VAULT_AWS_ROLE: 'keyward-rotator' });
      await wired.invoke('bootstrap', HOME, CREATE);
      for (const more of [
        { VAULT_AWS_SERVER_ID: 'elsewhere' },
        { VAULT_AWS_SERVER_ID: '' },
        { VAULT_AWS_ROLE: 'keyward-rotator' },
        { AWS_SECRET_ACCESS_KEY: 'another' },
      ]) {
        expect([more, (await serve('encrypt', HOME, more)).status]).toEqual([more, 503]);
      }
      await says('VaultLoginRefused');
    },
    LONG_MS,
  );
});
