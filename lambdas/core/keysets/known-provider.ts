import { isProvider } from '../crypto/provider';
import type { KeysetReader } from './ports/keyset-store';

/** Which providers a function serves that is called by Keyward itself. */
export interface KnownProviders {
  /** The configured ones. */
  readonly providers: readonly string[];
  /** Says of any other whether it has a keyset. Absent: only the configured ones are known. */
  readonly isStored?: (provider: string) => Promise<boolean>;
}

/** Of whom a region has a keyset. */
export const storedIn =
  (keysets: KeysetReader): NonNullable<KnownProviders['isStored']> =>
  async (provider) =>
    (await keysets.get(provider)) !== undefined;

/**
 * Whether a provider is configured, or was and still has its keyset: what had begun before it was taken off the configuration is
 * brought to its end.
 *
 * @throws KeywardError `store_unavailable`
 */
export const isKnownProvider = async (provider: string, { providers, isStored }: KnownProviders): Promise<boolean> =>
  providers.includes(provider) || (isProvider(provider) && isStored !== undefined && (await isStored(provider)));
