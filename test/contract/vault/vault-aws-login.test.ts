import { createSignCallerIdentity } from '../../../lambdas/adapters/aws/sts/sign-caller-identity';
import { checkSecretId } from '../../../lambdas/adapters/vault/check-secret-id';
import { openVault } from '../../../lambdas/adapters/vault/open-vault';
import { createAppRoleLogin, createAwsLogin, type VaultLogin } from '../../../lambdas/adapters/vault/vault-login';
import { Sha256 } from '../../../cli/client/sha256';
import { systemClock } from '../../../lambdas/adapters/system/system-clock';
import { RecordingFailures } from '../../doubles/recording-failures';
import { startSts, type RunningSts } from '../../doubles/start-sts';
import {
  LOOKING_ROTATOR_POLICY,
  makeRotator,
  startVaultUnderTest,
  transportTo,
  type Rotator,
  type VaultUnderTest,
} from './vault-under-test';

/** How functions log in, against the double and a real server, which asks the double of STS who signed. */

const ACCOUNT = '111111111111';
const ROLE = 'keyward-rotate-kek-us-east-1';
const SERVER_ID = 'vault.example';
const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example-not-a-secret', sessionToken: 'example-session' };

let vault: VaultUnderTest;
let rotator: Rotator;
let sts: RunningSts;

beforeAll(async () => {
  vault = await startVaultUnderTest();
  const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/${ROLE}/session`;
  sts = await startSts({ [KEYS.accessKeyId]: { arn, secretAccessKey: KEYS.secretAccessKey } });
  rotator = await makeRotator(vault, { policy: LOOKING_ROTATOR_POLICY });
  // It may be there already.
  await vault.admin('POST', 'sys/auth/aws', { type: 'aws' });
  await vault.admin('POST', 'auth/aws/config/client', {
    sts_endpoint: sts.endpoint,
    sts_region: 'us-east-1',
    iam_server_id_header_value: SERVER_ID,
  });
  await putRole(rotator.role, ROLE);
});
afterAll(async () => {
  await sts.close();
  await vault.close();
});

const putRole = (name: string, iamRole: string) =>
  vault.admin('POST', `auth/aws/role/${name}`, {
    auth_type: 'iam',
    bound_iam_principal_arn: [`arn:aws:iam::${ACCOUNT}:role/${iamRole}`],
    resolve_aws_unique_ids: false,
    token_policies: rotator.role,
    token_ttl: '20m',
  });

const open = (login: VaultLogin) =>
  openVault({
    transport: transportTo(vault.address),
    region: 'us-east-1',
    login: () => login,
    kekPath: rotator.kekPath,
    clock: systemClock,
    failures: new RecordingFailures(),
  });

const byIdentity = (
  change: { readonly role?: string; readonly serverId?: string | undefined; readonly keys?: typeof KEYS } = {},
) => {
  const { role = rotator.role, keys = KEYS } = change;
  const signing = { credentials: () => Promise.resolve(keys), sha256: Sha256 };
  const sign = createSignCallerIdentity({ signing: signing, stsRegion: undefined });
  return open(createAwsLogin(role, 'serverId' in change ? change.serverId : SERVER_ID, sign));
};

const REFUSED = { code: 'store_unavailable', outside: { name: 'VaultLoginRefused' } };

test('the identity of an IAM role logs in, with the permissions of the role in Vault', async () => {
  await expect(byIdentity().paths()).resolves.toMatchObject({ isVersion2: true });
  expect(sts.hosts.at(-1)).toBe('sts.amazonaws.com');
});

test.each([
  ['a request that was signed for another Vault', { serverId: 'elsewhere' }],
  ['a request that was signed for any Vault', { serverId: undefined }],
  ['a role that does not exist', { role: 'no-such-role' }],
  ['a signature of somebody else', { keys: { ...KEYS, secretAccessKey: 'another' } }],
])('%s is refused', async (_, change) => {
  await expect(byIdentity(change).paths()).rejects.toMatchObject(REFUSED);
});

test('a role that is bound to another principal is refused', async () => {
  await putRole(`${rotator.role}-other`, 'somebody-else');
  await expect(byIdentity({ role: `${rotator.role}-other` }).paths()).rejects.toMatchObject(REFUSED);
});

describe('a secret id that many instances use', () => {
  const check = async (numUses: number, hasPermission = true): Promise<void> => {
    const made = await makeRotator(vault, {
      role: { secret_id_num_uses: numUses },
      ...(hasPermission && { policy: LOOKING_ROTATOR_POLICY }),
    });
    const secretId = await made.newSecretId();
    const read = () => Promise.resolve(secretId);
    return checkSecretId(open(createAppRoleLogin(made.roleId, read)), read);
  };

  test('may be used any number of times', async () => {
    await expect(check(0)).resolves.toBeUndefined();
  });

  test('is refused with a number of uses, with the command that mends it', async () => {
    await expect(check(40)).rejects.toThrow(
      /: vault write auth\/approle\/role\/role-[0-9a-f]+ secret_id_num_uses=0, then store a new secret id$/,
    );
  });

  test('is not looked at where the policy does not allow it, nor where there is none', async () => {
    await expect(check(40, false)).resolves.toBeUndefined();
    await expect(checkSecretId(byIdentity(), () => Promise.reject(new Error('none')))).resolves.toBeUndefined();
  });
});
