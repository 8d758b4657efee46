import { isProvider } from '../../../core/crypto/provider';
import type { Clock } from '../../../core/ports/clock';
import type { KeysetScanner } from '../../../core/keysets/ports/keyset-scanner';

/** How long a read is reused: providers change only with a deployment. */
export const FRESH_MS = 60_000;

/**
 * The providers that have a keyset in one region, also those that are not configured.
 *
 * @returns a function that throws KeywardError `store_unavailable` if the table does not answer
 */
export function storedProviders(deps: { keysets: KeysetScanner; clock: Clock }): () => Promise<readonly string[]> {
  let known: { readonly at: number; readonly providers: readonly string[] } | undefined;
  return async () => {
    const now = deps.clock.now();
    if (known === undefined || Math.abs(now - known.at) > FRESH_MS) {
      const rows = await deps.keysets.all();
      known = { at: now, providers: rows.map(({ provider }) => provider).filter(isProvider) };
    }
    return known.providers;
  };
}
