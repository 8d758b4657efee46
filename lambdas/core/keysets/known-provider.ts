import { isProvider } from '../crypto/provider';
import type { KeysetReader } from './ports/keyset-store';

/** The providers that a function serves when Keyward itself calls it. */
export interface KnownProviders {
  /** The configured providers. */
  readonly providers: readonly string[];
  /** Whether another provider has a keyset. Absent: only the configured providers are known. */
  readonly isStored?: (provider: string) => Promise<boolean>;
}

/** Whether a region has a provider's keyset. */
export const storedIn =
  (keysets: KeysetReader): NonNullable<KnownProviders['isStored']> =>
  async (provider) =>
    (await keysets.get(provider)) !== undefined;

/**
 * Whether a provider is configured, or still has a keyset after its removal from the configuration: changes that had begun are
 * completed.
 *
 * @throws KeywardError `store_unavailable`
 */
export const isKnownProvider = async (provider: string, { providers, isStored }: KnownProviders): Promise<boolean> =>
  providers.includes(provider) || (isProvider(provider) && isStored !== undefined && (await isStored(provider)));
