import { PENDING_PATH_END } from '../../core/contract/vault';
import { isRecord } from '../../core/crypto/record-checks';
import { KvPath } from './kv-path';
import type { VaultCalls } from './vault-calls';
import type { VaultSession } from './vault-session';

/** Where the KEK is at one Vault. */
export interface KekPaths {
  /** The mount's path with a slash at its end, and the path in it. */
  readonly mount: string;
  readonly path: string;
  readonly isVersion2: boolean;
  readonly current: KvPath;
  readonly pending: KvPath;
}

export interface VaultAccess {
  readonly region: string;
  readonly calls: VaultCalls;
  readonly session: VaultSession;
  /** Finds the paths at the first use. Rejects with KeywardError `store_unavailable`. */
  readonly paths: () => Promise<KekPaths>;
}

/**
 * Finds which part of a path is the mount, as Vault's own command does: any token that may use a path below the mount may ask
 * ("/sys/internal/ui/mounts/:path").
 */
export function findKekPaths(deps: { readonly session: VaultSession; readonly calls: VaultCalls }, kekPath: string) {
  let found: Promise<KekPaths> | undefined;
  return (): Promise<KekPaths> => {
    found ??= find(deps, kekPath).catch((thrown: unknown) => {
      found = undefined;
      throw thrown;
    });
    return found;
  };
}

async function find(
  deps: { readonly session: VaultSession; readonly calls: VaultCalls },
  kekPath: string,
): Promise<KekPaths> {
  const call = { operation: 'find mount', method: 'GET', path: `sys/internal/ui/mounts/${kekPath}` } as const;
  const { body } = await deps.session.send(call);
  const { data } = body;
  const mount = isRecord(data) ? data['path'] : undefined;
  if (
    !isRecord(data) ||
    typeof mount !== 'string' ||
    !`${kekPath}/`.startsWith(mount) ||
    mount.length > kekPath.length
  ) {
    throw deps.calls.unusable('find mount');
  }
  const { type, options } = data;
  const path = kekPath.slice(mount.length);
  return {
    mount,
    path,
    isVersion2: type === 'kv' && isRecord(options) && options['version'] === '2',
    current: new KvPath(deps, mount, path),
    pending: new KvPath(deps, mount, `${path}${PENDING_PATH_END}`),
  };
}
