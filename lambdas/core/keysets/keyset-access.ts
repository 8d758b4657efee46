import type { SealingGuard } from './ports/sealing-guard';
import type { KeysetDirectory } from './keyset-directory';

/** The DEKs of all providers, as use cases ask for them; see {@link KeysetDirectory}. */
export type KeysetAccess = Pick<KeysetDirectory, 'forOpening' | 'forSealing' | 'forStoring'>;

/**
 * Hands out no DEK to seal with while the guard says no. Opening goes on.
 *
 * @param guard left out where nothing ever stops sealing
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
