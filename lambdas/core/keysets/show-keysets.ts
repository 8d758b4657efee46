import { parseKeyset } from './dek-keyset';
import type { KeysetRecord, DekRotationPolicy, RunningDekRotation } from './keyset-record';
import { keysUnavailable } from '../errors/errors';
import type { KeysetReader } from './ports/keyset-store';
import { versionViewOf, type KeyVersionView } from './key-version-view';

/** The API's view of a keyset, without key material, wrapped or not. */
export interface KeysetView {
  readonly provider: string;
  readonly revision: number;
  readonly kek_id: string;
  readonly primary_version: number;
  /** Ascending. */
  readonly versions: readonly KeyVersionView[];
  readonly dek_created_at: string;
  readonly dek_rotation_count: number;
  readonly rotation_policy: DekRotationPolicy;
  /** The running rotation, if any. */
  readonly rotation?: {
    readonly rotation_id: string;
    readonly phase: RunningDekRotation['phase'];
    readonly version: number;
  };
}

/** A keyset whose record Keyward did not write. */
export interface DamagedKeyset {
  readonly provider: string;
  readonly damaged: true;
}

/**
 * Shows keysets of this region. Holds no KEK, so it cannot check the MAC: it shows the table's content, which only encrypt and
 * decrypt verify.
 */
export const createDescribeKeyset =
  (deps: { keysets: KeysetReader }) =>
  async (provider: string): Promise<KeysetView> => {
    const value = await deps.keysets.get(provider);
    if (value === undefined) throw keysUnavailable('keyset_missing');
    return viewOf(parseKeyset(value, provider));
  };

/** As {@link createDescribeKeyset}, for all configured providers that have a keyset, in the configured order. */
export const createListKeysets =
  (deps: { keysets: KeysetReader; providers: readonly string[] }) =>
  async (): Promise<readonly (KeysetView | DamagedKeyset)[]> => {
    const values = await Promise.all(
      deps.providers.map(async (provider) => ({ provider, value: await deps.keysets.get(provider) })),
    );
    return values
      .filter(({ value }) => value !== undefined)
      .map(({ provider, value }) => viewOrDamaged(provider, value));
  };

export type DescribeKeyset = ReturnType<typeof createDescribeKeyset>;
export type ListKeysets = ReturnType<typeof createListKeysets>;

/** A damaged record affects no other. */
function viewOrDamaged(provider: string, value: unknown): KeysetView | DamagedKeyset {
  let record: KeysetRecord;
  try {
    record = parseKeyset(value, provider);
  } catch {
    return { provider, damaged: true };
  }
  return viewOf(record);
}

const viewOf = (record: KeysetRecord): KeysetView => ({
  provider: record.provider,
  revision: record.revision,
  kek_id: record.kek_id,
  primary_version: record.primary_version,
  versions: Object.entries(record.versions)
    .map(([version, entry]) => versionViewOf(Number(version), entry))
    .sort((a, b) => a.version - b.version),
  dek_created_at: record.dek_created_at,
  dek_rotation_count: record.dek_rotation_count,
  rotation_policy: record.rotation_policy,
  ...(record.rotation !== undefined && {
    rotation: {
      rotation_id: record.rotation.id,
      phase: record.rotation.phase,
      version: record.rotation.version,
    },
  }),
});
