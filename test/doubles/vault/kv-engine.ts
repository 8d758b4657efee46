import { VaultError } from './vault-error';

/** Version 2 of the KV engine: https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2 */

interface Version {
  readonly created_time: string;
  deletion_time: string;
  destroyed: boolean;
  /** The stored JSON, which Vault has written anew. */
  data: string | undefined;
}

interface Metadata {
  cas_required: boolean;
  max_versions: number;
  delete_version_after: string;
  current: number;
  readonly versions: Map<number, Version>;
}

export interface KvConfig {
  cas_required: boolean;
  max_versions: number;
  delete_version_after: string;
}

/** "If this is not set … Vault will keep 10 versions": Version 2 API, "Configure the KV engine", and of metadata. */
const DEFAULT_VERSIONS = 10;

export class KvEngine {
  readonly config: KvConfig = { cas_required: false, max_versions: 0, delete_version_after: '0s' };
  private readonly keys = new Map<string, Metadata>();

  constructor(private readonly now: () => number) {}

  configure(request: Partial<KvConfig>): void {
    Object.assign(this.config, request);
  }

  /** "Read secret version": one that is deleted or destroyed is 404 with its metadata and no data. */
  read(path: string, number: number): { readonly status: number; readonly data: object } | undefined {
    const metadata = this.keys.get(path);
    const wanted = number === 0 ? (metadata?.current ?? 0) : number;
    const version = metadata?.versions.get(wanted);
    if (version === undefined) return undefined;
    const { data, created_time, deletion_time, destroyed } = version;
    const isGone = destroyed || deletion_time !== '';
    const about = { created_time, custom_metadata: null, deletion_time, destroyed, version: wanted };
    const value: unknown = isGone || data === undefined ? null : JSON.parse(data);
    return { status: isGone ? 404 : 200, data: { data: value, metadata: about } };
  }

  /** "Create/update secret": `cas` "If set to 0 a write will only be allowed if the key doesn't exist". */
  write(path: string, request: { readonly options?: { readonly cas?: unknown }; readonly data?: unknown }): object {
    const metadata = this.keys.get(path);
    const cas = request.options?.cas;
    if (request.data === undefined) throw new VaultError(400, 'no data provided');
    const isRequired = this.config.cas_required || metadata?.cas_required === true;
    if (cas === undefined && isRequired) throw new VaultError(400, 'check-and-set parameter required for this call');
    if (cas !== undefined && cas !== (metadata?.current ?? 0)) {
      throw new VaultError(400, 'check-and-set parameter did not match the current version');
    }
    const kept = metadata ?? this.create(path);
    kept.current += 1;
    const version: Version = {
      created_time: new Date(this.now()).toISOString(),
      deletion_time: '',
      destroyed: false,
      data: rewritten(request.data),
    };
    kept.versions.set(kept.current, version);
    // "Once a key has more than the configured allowed versions, the oldest version will be permanently deleted."
    const most = kept.max_versions || this.config.max_versions || DEFAULT_VERSIONS;
    kept.versions.delete(kept.current - most);
    const { created_time, deletion_time, destroyed } = version;
    return { created_time, custom_metadata: null, deletion_time, destroyed, version: kept.current };
  }

  /** "Delete latest version of secret": it can be undeleted. */
  deleteLatest(path: string): void {
    const metadata = this.keys.get(path);
    const latest = metadata?.versions.get(metadata.current);
    if (latest !== undefined) latest.deletion_time = new Date(this.now()).toISOString();
  }

  /** "Undelete secret versions". */
  undelete(path: string, numbers: readonly number[]): void {
    for (const number of numbers) {
      const version = this.keys.get(path)?.versions.get(number);
      if (version !== undefined) version.deletion_time = '';
    }
  }

  /** "Destroy secret versions": the data is removed, the number stays. */
  destroy(path: string, numbers: readonly number[]): void {
    for (const number of numbers) {
      const version = this.keys.get(path)?.versions.get(number);
      if (version !== undefined) Object.assign(version, { destroyed: true, data: undefined });
    }
  }

  /** "Read secret metadata". */
  metadata(path: string): object | undefined {
    const metadata = this.keys.get(path);
    if (metadata === undefined) return undefined;
    const { cas_required, max_versions, delete_version_after, current: current_version } = metadata;
    return { cas_required, max_versions, delete_version_after, current_version };
  }

  /** "Create/update metadata", also before there is a version. */
  putMetadata(path: string, request: Partial<KvConfig>): void {
    Object.assign(this.keys.get(path) ?? this.create(path), request);
  }

  /** "Delete metadata and all versions": the next write has number 1. */
  deleteMetadata(path: string): void {
    this.keys.delete(path);
  }

  private create(path: string): Metadata {
    const made = { cas_required: false, max_versions: 0, delete_version_after: '0s', current: 0, versions: new Map() };
    this.keys.set(path, made);
    return made;
  }
}

/** Go's encoding/json sorts the members of maps (https://pkg.go.dev/encoding/json#Marshal). */
function rewritten(value: unknown): string {
  const sorted = (each: unknown): unknown => {
    if (Array.isArray(each)) return each.map(sorted);
    if (each === null || typeof each !== 'object') return each;
    return Object.fromEntries(
      Object.entries(each)
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([name, member]) => [name, sorted(member)]),
    );
  };
  return JSON.stringify(sorted(value));
}
