import type { SealingGuard } from './ports/sealing-guard';
import type { KeysetDirectory } from './keyset-directory';

/** The DEKs of all providers, for use cases; see {@link KeysetDirectory}. */
export type KeysetAccess = Pick<KeysetDirectory, 'forOpening' | 'forSealing' | 'forStoring'>;

/**
 * Refuses DEKs for sealing while the guard refuses. Opening goes on.
 *
 * @param guard left out if sealing never stops
 */
export const guardSealing = (keysets: KeysetAccess, guard: SealingGuard | undefined): KeysetAccess =>
  guard === undefined
    ? keysets
    : {
        forOpening: (provider, version) => keysets.forOpening(provider, version),
        forSealing: async (provider) => {
          await guard.assertMaySeal();
          return keysets.forSealing(provider);
        },
        forStoring: async (provider) => {
          await guard.assertMaySeal();
          return keysets.forStoring(provider);
        },
      };
