import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../compile/root';
import { AwsLeases } from '../../../lambdas/adapters/vault/aws-leases';
import { VaultAwsCredentials } from '../../../lambdas/adapters/vault/vault-aws-credentials';
import { VaultCalls } from '../../../lambdas/adapters/vault/vault-calls';
import { createAppRoleLogin } from '../../../lambdas/adapters/vault/vault-login';
import { VaultSession } from '../../../lambdas/adapters/vault/vault-session';
import type { Clock } from '../../../lambdas/core/ports/clock';
import { RecordingFailures } from '../../doubles/recording-failures';
import { RecordingLogger } from '../../doubles/recording-logger';
import { startAwsAccount, type RunningAwsAccount } from '../../doubles/vault/start-aws-account';
import { makeAppRole, randomHex, transportTo, type AppRole, type VaultUnderTest } from './vault-under-test';

/** A mounted aws engine over an account, with an AppRole that may take keys of its roles. */
export interface AwsEngineUnderTest extends AppRole {
  readonly aws: RunningAwsAccount;
  readonly mount: string;
  /** The paths by the type of credential. */
  readonly paths: { readonly iam_user: string; readonly assumed_role: string; readonly federation_token: string };
}

export interface AwsEngineOptions {
  /** Of IAM users. */
  readonly lease?: { readonly lease: string; readonly lease_max: string };
  /** Of STS; at least 900 s, as AWS demands. */
  readonly stsSeconds?: number;
  /** Of the AppRole. */
  readonly role?: object;
  readonly policy?: string;
  readonly now?: () => number;
}

/** The policy of docs/vault/aws-credentials.hcl, at other paths. */
const AWS_POLICY = (mount: string): string =>
  readFileSync(join(ROOT, 'docs/vault/aws-credentials.hcl'), 'utf8')
    .replaceAll('aws/sts/keyward', `${mount}/sts/*`)
    .replaceAll('aws/creds/keyward', `${mount}/creds/*`);

const DOCUMENT = '{"Version":"2012-10-17","Statement":[]}';

export async function mountAws({ admin }: VaultUnderTest, options: AwsEngineOptions = {}): Promise<AwsEngineUnderTest> {
  const aws = await startAwsAccount(options.now);
  const mount = `aws-${randomHex()}`;
  await admin('POST', `sys/mounts/${mount}`, { type: 'aws' });
  const endpoints = { iam_endpoint: aws.endpoint, sts_endpoint: aws.endpoint };
  await admin('POST', `${mount}/config/root`, {
    access_key: 'root',
    secret_key: 'root',
    region: 'us-east-1',
    ...endpoints,
  });
  if (options.lease !== undefined) await admin('POST', `${mount}/config/lease`, options.lease);
  const sts = options.stsSeconds === undefined ? {} : { default_sts_ttl: `${options.stsSeconds}s` };
  await admin('POST', `${mount}/roles/user`, { credential_type: 'iam_user', policy_document: DOCUMENT });
  await admin('POST', `${mount}/roles/assumed`, {
    credential_type: 'assumed_role',
    role_arns: ['arn:aws:iam::111111111111:role/keyward'],
    ...sts,
  });
  await admin('POST', `${mount}/roles/federated`, {
    credential_type: 'federation_token',
    policy_document: DOCUMENT,
    ...sts,
  });
  return {
    aws,
    mount,
    ...(await makeAppRole({ admin }, options.policy ?? AWS_POLICY(mount), options.role)),
    paths: {
      iam_user: `${mount}/creds/user`,
      assumed_role: `${mount}/sts/assumed`,
      federation_token: `${mount}/sts/federated`,
    },
  };
}

export interface OpenedAwsCredentials {
  readonly credentials: VaultAwsCredentials;
  readonly failures: RecordingFailures;
  readonly logger: RecordingLogger;
}

/** A process that signs with the engine's keys. */
export async function openAwsCredentials(
  addresses: readonly string[],
  engine: AwsEngineUnderTest,
  options: {
    readonly path: string;
    readonly clock: Clock;
    /** Left out: the account tells. */
    readonly works?: (accessKeyId: string) => Promise<boolean>;
  },
): Promise<OpenedAwsCredentials> {
  const { path, clock } = options;
  const { account } = engine.aws;
  const works = options.works ?? ((id) => Promise.resolve(account.errorOf(id, undefined) === undefined));
  const [failures, logger] = [new RecordingFailures(), new RecordingLogger()];
  const secretId = await engine.newSecretId();
  const sources = addresses.map((address) => {
    const calls = new VaultCalls({ transport: transportTo(address), region: 'us-east-1', failures });
    const readSecretId = () => Promise.resolve(secretId);
    const session = new VaultSession({ calls, login: createAppRoleLogin(engine.roleId, readSecretId), clock });
    return new AwsLeases({ session, calls, clock, path });
  });
  const credentials = new VaultAwsCredentials({ sources, works: (keys) => works(keys.accessKeyId), clock, logger });
  return { credentials, failures, logger };
}
