import { join } from 'node:path';
import { createKekFile, openKekFile, type KekFile } from '../lambdas/adapters/local/kek-file';
import { KekFileStore, privateFiles } from '../lambdas/adapters/local/kek-file-store';
import type { VaultSettings } from '../lambdas/adapters/vault/vault-settings';
import type { LocalKekSource } from '../lambdas/core/contract/environment';
import { LOCAL_REGION } from '../lambdas/core/contract/local-mode';
import type { SecretsProvider } from '../lambdas/core/keysets/ports/secrets-provider';
import type { KekPlace } from '../lambdas/core/kek-rotation/describe-kek';
import type { KekHomeStore } from '../lambdas/core/kek-move/kek-move-dependencies';
import type { KekSecretReplica } from '../lambdas/core/kek-rotation/ports/kek-secret-store';
import type { PendingKek } from '../lambdas/core/kek-rotation/ports/pending-kek';
import { KEK_FILE, KEK_VERSIONS_FILE } from './local-names';
import { openVaultKek, type AbsentVault, type OpenVaultKekOptions } from './vault-kek';

export interface OpenLocalKekOptions extends Omit<OpenVaultKekOptions, 'settings'> {
  /** Left out: the KEK is in a file. */
  readonly vault?: VaultSettings;
  /** Whether nothing was ever stored in the data directory. */
  readonly isFirst: boolean;
  /** Whether no data exists that was wrapped under a KEK; called only if there is none. */
  readonly mayCreate: () => Promise<boolean>;
  /** Returns the ids of the KEKs that stored keysets need; rejects if that is unknown. */
  readonly inUse: () => Promise<ReadonlySet<string>>;
  /** Rejects while nothing may be written to the data directory. */
  readonly assertMayWrite: () => Promise<void>;
}

/** The KEK of local mode, for a process that serves and rotates. */
export interface LocalKek {
  readonly secrets: SecretsProvider;
  /** Store of the home region, where the KEK is written. */
  readonly store: KekHomeStore & PendingKek;
  /** Store of each region, home first. */
  readonly replicas: readonly [KekSecretReplica, ...KekSecretReplica[]];
  readonly place: KekPlace & { readonly source: LocalKekSource };
  /** Absent if the KEK is not in a file. */
  readonly kekFile?: KekFile;
  /** True if this start made the KEK. */
  readonly isNew: boolean;
  /** Present if the store did not answer at this start. */
  readonly away?: AbsentVault;
  /** @returns whether the store has a placeholder instead of a KEK */
  readonly lacksKek: () => Promise<boolean>;
}

/**
 * Opens the KEK; a first start creates the file, or claims the path in Vault.
 *
 * @throws KeywardError `configuration_invalid`, one sentence; nothing is overwritten
 */
export async function openLocalKek(options: OpenLocalKekOptions): Promise<LocalKek> {
  const { home, vault, isFirst, mayCreate, clock, randomness } = options;
  if (vault !== undefined) {
    const opened = await openVaultKek({ ...options, settings: vault }, isFirst, mayCreate);
    return { ...opened, place: { source: 'vault', place: vault.kekPath }, isNew: false };
  }
  const path = join(home, KEK_FILE);
  const isNew = await createKekFile(path, mayCreate, clock, randomness);
  const kekFile = await openKekFile({ ...options, path });
  return { ...kekFileHome(options), secrets: kekFile, kekFile, isNew };
}

/** The KEK file as a home. Reads nothing yet. */
export function kekFileHome(
  options: Pick<OpenLocalKekOptions, 'home' | 'randomness' | 'failures' | 'assertMayWrite'>,
): Omit<LocalKek, 'secrets'> {
  const store = new KekFileStore({
    ...options,
    path: join(options.home, KEK_FILE),
    versionsPath: join(options.home, KEK_VERSIONS_FILE),
    region: LOCAL_REGION,
    files: privateFiles(options.randomness),
  });
  return {
    store,
    replicas: [store],
    place: { source: 'local', place: KEK_FILE },
    isNew: false,
    lacksKek: () => Promise.resolve(false),
  };
}
