import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../compile/root';
import { openVault } from '../../../lambdas/adapters/vault/open-vault';
import type { VaultAccess } from '../../../lambdas/adapters/vault/kek-paths';
import { createAppRoleLogin } from '../../../lambdas/adapters/vault/vault-login';
import {
  createVaultTransport,
  type VaultRequest,
  type VaultTransport,
} from '../../../lambdas/adapters/vault/vault-transport';
import type { Clock } from '../../../lambdas/core/ports/clock';
import { AMPLE_MS } from '../../ample-limits';
import { RecordingFailures } from '../../doubles/recording-failures';
import { startVault, type RunningVault } from '../../doubles/vault/start-vault';
import type { LostWrite } from '../../doubles/stores/lost-write';
import { until } from '../../until';
import type { StoreFaults } from '../store-under-test';

/** Set by `npm run test:vault`: the suites then run against that server, otherwise against the double. */
export const REAL_VAULT = {
  address: 'KEYWARD_TEST_VAULT_ADDR',
  token: 'KEYWARD_TEST_VAULT_TOKEN',
  unsealKey: 'KEYWARD_TEST_VAULT_UNSEAL_KEY',
  standbyAddress: 'KEYWARD_TEST_VAULT_STANDBY_ADDR',
} as const;

/** A Vault with an administrator. */
export interface VaultUnderTest {
  readonly address: string;
  readonly rootToken: string;
  readonly isReal: boolean;
  /** Sends a call of the administrator. */
  readonly admin: (
    method: string,
    path: string,
    body?: object,
    headers?: Record<string, string>,
  ) => Promise<AdminReply>;
  readonly close: () => Promise<void>;
}

export interface AdminReply {
  readonly status: number;
  readonly text: string;
  readonly body: { readonly data?: Record<string, unknown> | null } & Readonly<Record<string, unknown>>;
}

export async function startVaultUnderTest(now?: () => number): Promise<VaultUnderTest> {
  const { [REAL_VAULT.address]: address, [REAL_VAULT.token]: token = '' } = process.env;
  if (address !== undefined) return { ...reach(address, token), isReal: true, close: () => Promise.resolve() };
  return doubleUnderTest(await startVault(now));
}

/** For tests that control the double, too. */
export const doubleUnderTest = (double: RunningVault): VaultUnderTest => ({
  ...reach(double.address, double.rootToken),
  isReal: false,
  close: () => double.close(),
});

const reach = (address: string, rootToken: string): Pick<VaultUnderTest, 'address' | 'rootToken' | 'admin'> => ({
  address,
  rootToken,
  admin: (method, path, body, headers) =>
    callVault(address, method, path, body, { 'x-vault-token': rootToken, ...headers }),
});

/** Sends one request, as the client that the headers name. */
export async function callVault(
  address: string,
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<AdminReply> {
  const answer = await fetch(`${address}/v1/${path}`, {
    method,
    headers: { 'x-vault-request': 'true', connection: 'close', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, text, body: (text === '' ? {} : JSON.parse(text)) as AdminReply['body'] };
}

export interface AppRole {
  readonly role: string;
  readonly roleId: string;
  readonly newSecretId: () => Promise<string>;
}

/** A separate mount with a role that has the rotator's permissions, and may create the paths. */
export interface Rotator extends AppRole {
  readonly mount: string;
  readonly kekPath: string;
}

export const randomHex = (): string => randomBytes(6).toString('hex');

/** A policy as its file in docs has it, for a path. */
const documented =
  (file: string) =>
  (mount: string, path: string): string =>
    readFileSync(join(ROOT, 'docs/vault', file), 'utf8')
      .replaceAll('"secret/', `"${mount}/`)
      .replaceAll('keyward/kek', path);

export const READER_POLICY = documented('reader.hcl');

export const ROTATOR_POLICY = documented('rotator.hcl');

/** The role may also look its secret id up. */
export const LOOKING_ROTATOR_POLICY: typeof ROTATOR_POLICY = (mount, path) =>
  `${ROTATOR_POLICY(mount, path)}\npath "auth/approle/role/*" { capabilities = ["update"] }`;

/** For paths that nobody has prepared. */
const CREATING_ROTATOR_POLICY: typeof ROTATOR_POLICY = (mount, path) =>
  ROTATOR_POLICY(mount, path).replaceAll('["read", "update"]', '["create", "read", "update"]');

export async function makeRotator(
  { admin }: VaultUnderTest,
  options: { readonly policy?: typeof ROTATOR_POLICY; readonly role?: object; readonly isReady?: boolean } = {},
): Promise<Rotator> {
  const mount = `kv-${randomHex()}`;
  await admin('POST', `sys/mounts/${mount}`, { type: 'kv', options: { version: '2' } });
  if (options.isReady !== false) await readyConfig({ admin }, mount);
  const policy = (options.policy ?? CREATING_ROTATOR_POLICY)(mount, 'keyward/kek');
  return { mount, kekPath: `${mount}/keyward/kek`, ...(await makeAppRole({ admin }, policy, options.role)) };
}

/** @param members of the role, such as its times */
export async function makeAppRole(
  { admin }: Pick<VaultUnderTest, 'admin'>,
  policy: string,
  members: object = {},
): Promise<AppRole> {
  const role = `role-${randomHex()}`;
  await admin('POST', `sys/policies/acl/${role}`, { policy });
  await admin('POST', `auth/approle/role/${role}`, { token_policies: role, token_ttl: '20m', ...members });
  const { body } = await admin('GET', `auth/approle/role/${role}/role-id`);
  return {
    role,
    roleId: String(body.data?.['role_id']),
    newSecretId: async () => {
      const made = await admin('POST', `auth/approle/role/${role}/secret-id`);
      return String(made.body.data?.['secret_id']);
    },
  };
}

/** A new mount is upgraded to version 2 for a moment and refuses requests meanwhile. */
async function readyConfig({ admin }: Pick<VaultUnderTest, 'admin'>, mount: string): Promise<void> {
  await until('the new mount takes its configuration', async () => {
    const { status } = await admin('POST', `${mount}/config`, { cas_required: true, max_versions: 10 });
    return status < 300;
  });
}

/** Makes the paths of a rotator that may not create them, as whoever sets Vault up does. */
export async function preparePaths({ admin }: VaultUnderTest, { mount }: Rotator): Promise<void> {
  for (const path of ['keyward/kek', 'keyward/kek-pending']) {
    await admin('POST', `${mount}/metadata/${path}`, { cas_required: true, max_versions: 10 });
  }
}

/** Logs in, and returns what Vault tells of the token. */
export async function logIn(
  { address }: VaultUnderTest,
  { roleId, newSecretId }: Pick<AppRole, 'roleId' | 'newSecretId'>,
): Promise<Readonly<Record<string, unknown>> & { readonly client_token: string }> {
  const body = { role_id: roleId, secret_id: await newSecretId() };
  const answer = await callVault(address, 'POST', 'auth/approle/login', body);
  return answer.body['auth'] as Awaited<ReturnType<typeof logIn>>;
}

/** The variables of a process that keeps its KEK there. */
export const variablesFor = async ({ address }: Pick<VaultUnderTest, 'address'>, rotator: Rotator) => ({
  VAULT_ADDR: address,
  VAULT_ROLE_ID: rotator.roleId,
  VAULT_SECRET_ID: await rotator.newSecretId(),
  VAULT_KEK_PATH: rotator.kekPath,
});

/** Without a timeout that a busy machine reaches, unless a test names one. */
export const transportTo = (
  address: string,
  { namespace, timeoutMs = AMPLE_MS }: { readonly namespace?: string; readonly timeoutMs?: number } = {},
): VaultTransport =>
  createVaultTransport({ url: new URL(address), namespace, ca: undefined, tlsServerName: undefined, timeoutMs });

/** A process' client of Vault, whose calls may fail. */
export interface OpenedVault {
  readonly access: VaultAccess;
  readonly faults: StoreFaults & { readonly works: () => void };
  readonly failures: RecordingFailures;
  readonly sent: VaultRequest[];
}

export async function openFor(
  vault: VaultUnderTest,
  rotator: Rotator,
  clock: Clock,
  region = 'us-east-1',
  timeoutMs = AMPLE_MS,
): Promise<OpenedVault> {
  const secretId = await rotator.newSecretId();
  const failures = new RecordingFailures();
  const { transport, faults, sent } = faulty(transportTo(vault.address, { timeoutMs }));
  const { kekPath, roleId } = rotator;
  const login = () => createAppRoleLogin(roleId, () => Promise.resolve(secretId));
  const access = openVault({ transport, region, login, kekPath, clock, failures });
  return { access, faults, failures, sent };
}

/** Drops KV requests or their answers. */
function faulty(real: VaultTransport): Pick<OpenedVault, 'faults' | 'sent'> & { readonly transport: VaultTransport } {
  let lost: LostWrite[] = [];
  let down = { reads: false, writes: false };
  const sent: VaultRequest[] = [];
  const broken = (): Error => Object.assign(new Error('the connection broke'), { code: 'ECONNRESET' });
  const isKv = ({ path }: VaultRequest): boolean => !/^(auth|sys)\//.test(path);
  return {
    sent,
    faults: {
      loseWrites: (...writes) => {
        lost = [...writes];
      },
      readsFail: () => {
        down = { ...down, reads: true };
      },
      writesFail: () => {
        down = { ...down, writes: true };
      },
      works: () => {
        down = { reads: false, writes: false };
      },
    },
    transport: {
      send: async (request) => {
        sent.push(request);
        if (!isKv(request)) return real.send(request);
        const isRead = request.method === 'GET';
        if (isRead ? down.reads : down.writes) throw broken();
        const loss = isRead ? undefined : lost.shift();
        if (loss === undefined) return real.send(request);
        if (loss.arrives) await real.send(request);
        await loss.meanwhile?.();
        throw broken();
      },
    },
  };
}
