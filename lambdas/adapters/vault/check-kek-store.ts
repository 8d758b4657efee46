import {
  MIN_VAULT_VERSIONS,
  PENDING_PATH_END,
  VAULT_ENVIRONMENT,
  type VaultAuthMethod,
} from '../../core/contract/vault';
import { isRecord } from '../../core/crypto/record-checks';
import { KeywardError, toKeywardError } from '../../core/errors/errors';
import type { OutsideFailure } from '../../core/errors/outside-failure';
import type { KekPaths, VaultAccess } from './kek-paths';

/** Versions that KV keeps where neither mount nor path says how many ("Create/update metadata", max_versions). */
const DEFAULT_VERSIONS = 10;

const { address, awsRole, caCert, tlsServerName, roleId, kekPath } = VAULT_ENVIRONMENT;
/** The variable that names who logs in. */
const WHO = { approle: roleId, aws: awsRole } as const satisfies Record<VaultAuthMethod, string>;
const REFUSED = {
  approle: `${roleId} and its secret id are`,
  aws: `${awsRole} with the identity of this function is`,
} as const satisfies Record<VaultAuthMethod, string>;

/**
 * Checks for whoever writes the KEK that KV keeps it: version 2, enough versions, none that ends by itself, no write without
 * check-and-set, and the permissions of the rotator. Writes nothing.
 *
 * @throws KeywardError `configuration_invalid`: one sentence with the variable or path, and the command that mends it
 */
export async function checkKekStore(access: VaultAccess, method: VaultAuthMethod = 'approle'): Promise<void> {
  let paths: KekPaths;
  try {
    paths = await access.paths();
  } catch (thrown) {
    throw sentenceFor(thrown, method, 'at all');
  }
  const { mount, path } = paths;
  if (!paths.isVersion2) {
    throw invalid(
      `${kekPath} is in an engine that is not KV version 2: vault kv enable-versioning ${mount}, or another path`,
    );
  }
  try {
    const allowed = await checkPermissions(access, paths, WHO[method]);
    const ofMount = await readData(access, `${mount}config`);
    for (const each of [path, `${path}${PENDING_PATH_END}`]) {
      const ofPath = await readData(access, `${mount}metadata/${each}`);
      checkLimits(ofMount, ofPath, mount, each);
      if (ofPath.exists || isAllowed(allowed(each), 'create')) continue;
      throw invalid(
        `${mount}${each} does not exist, and the policy of ${WHO[method]} may not create it: ${putOf(mount, each)}`,
      );
    }
  } catch (thrown) {
    throw sentenceFor(thrown, method, `to read ${mount}config and ${mount}metadata/${path}`);
  }
}

type Capabilities = readonly unknown[];

/** @returns what may be done at a path of the KEK */
async function checkPermissions(
  { session }: VaultAccess,
  { mount, path }: KekPaths,
  who: string,
): Promise<(path: string) => Capabilities> {
  const wanted = [`${mount}data/${path}`, `${mount}data/${path}${PENDING_PATH_END}`];
  const body = { paths: wanted };
  const call = { operation: 'read capabilities', method: 'POST', path: 'sys/capabilities-self', body } as const;
  const { data } = (await session.send(call)).body;
  const allowed = (each: string): Capabilities => {
    const found: unknown = isRecord(data) ? data[each] : undefined;
    return Array.isArray(found) ? found : [];
  };
  for (const each of wanted) {
    const missing = ['read', 'update'].filter((one) => !isAllowed(allowed(each), one));
    if (missing.length === 0) continue;
    throw invalid(
      `the policy of ${who} lacks ${missing.join(', ')} at ${each}: vault policy write keyward-rotator docs/vault/rotator.hcl`,
    );
  }
  return (each) => allowed(`${mount}data/${each}`);
}

const isAllowed = (allowed: Capabilities, capability: string): boolean =>
  allowed.includes('root') || allowed.includes(capability);

const putOf = (mount: string, path: string): string =>
  `vault kv metadata put -cas-required=true -max-versions=${MIN_VAULT_VERSIONS} ${mount}${path}`;

function checkLimits(ofMount: Limits, ofPath: Limits, mount: string, path: string): void {
  const put = `vault kv metadata put`;
  const whole = `${mount}${path}`;
  const most = ofPath.max_versions || ofMount.max_versions || DEFAULT_VERSIONS;
  if (most < MIN_VAULT_VERSIONS) {
    throw invalid(
      `${whole} keeps fewer than ${MIN_VAULT_VERSIONS} versions: ${put} -max-versions=${MIN_VAULT_VERSIONS} ${whole}`,
    );
  }
  if (ofMount.ends) {
    throw invalid(
      `${mount} deletes versions by itself, so that the KEK would be lost: vault write ${mount}config delete_version_after=0s`,
    );
  }
  if (ofPath.ends) {
    throw invalid(
      `${whole} deletes versions by itself, so that the KEK would be lost: ${put} -delete-version-after=0s ${whole}`,
    );
  }
  if (!ofMount.cas_required && !ofPath.cas_required) {
    throw invalid(`${whole} takes writes without check-and-set: ${putOf(mount, path)}`);
  }
}

interface Limits {
  /** False for a path that has no metadata yet: its first write creates it. */
  readonly exists: boolean;
  readonly max_versions: number;
  readonly cas_required: boolean;
  /** Whether versions end by themselves; a negative time switches that off. */
  readonly ends: boolean;
}

/** A path that has no metadata yet has the mount's. */
async function readData({ session }: VaultAccess, path: string): Promise<Limits> {
  const call = { operation: 'read limits', method: 'GET', path, answers: [404] } as const;
  const { status, body } = await session.send(call);
  const members = isRecord(body['data']) ? body['data'] : {};
  const { max_versions: most, cas_required: isRequired, delete_version_after: after } = members;
  return {
    exists: status < 300,
    max_versions: typeof most === 'number' ? most : 0,
    cas_required: isRequired === true,
    ends: typeof after === 'string' && after !== '' && after !== '0s' && !after.startsWith('-'),
  };
}

/** What an operator can do about a call that failed at a start. */
function sentenceFor(thrown: unknown, method: VaultAuthMethod, what: string): KeywardError {
  const error = toKeywardError(thrown);
  const { outside } = error;
  if (outside === undefined) return error;
  const { name } = outside;
  if (name === 'VaultLoginRefused') return invalid(`${REFUSED[method]} refused by Vault`, outside);
  if (name === 'VaultPermissionDenied') {
    return invalid(
      `the policy of ${WHO[method]} does not allow ${kekPath}, or there is no such mount or namespace: it has no permission ${what}`,
      outside,
    );
  }
  if (/CERT|SIGNATURE|ISSUER|ALTNAME|HOSTNAME/.test(name)) {
    return invalid(
      `the certificate of ${address} is not accepted (${name}): check ${caCert} and ${tlsServerName}`,
      outside,
    );
  }
  return invalid(`${address} gives no usable answer (${name})`, outside);
}

const invalid = (message: string, outside?: OutsideFailure): KeywardError =>
  new KeywardError('configuration_invalid', message, undefined, outside);
