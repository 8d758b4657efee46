import { failureFields } from '../ports/failure-fields';
import type { KeysetScanner, StoredKeyset } from './ports/keyset-scanner';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';

/** What the keysets tables of all regions hold. */
export interface StoredKeysets {
  /** One row for each region that has it. */
  readonly rows: readonly StoredKeyset[];
  /** Why a region did not show its table, for each that did not. With any, nothing can be said of what is not among the rows. */
  readonly failures: readonly unknown[];
}

/**
 * Reads the whole keysets table of every region, whoever is configured: a provider that was taken off the configuration keeps
 * its keyset, and that keyset its KEK.
 */
export async function readStoredKeysets(deps: {
  /** One for each region, home included. */
  readonly keysets: readonly KeysetScanner[];
  readonly metrics: Metrics;
  readonly logger: Logger;
}): Promise<StoredKeysets> {
  const rows: StoredKeyset[] = [];
  const failures: unknown[] = [];
  // All at once: a region that does not answer must not hold up the others.
  await Promise.all(
    deps.keysets.map(async (scanner) => {
      try {
        rows.push(...(await scanner.all()));
      } catch (thrown) {
        failures.push(thrown);
        deps.metrics.count('keyset_source_failed');
        deps.logger.warn('a region did not show its keysets', {
          region: scanner.region,
          ...failureFields(thrown),
        });
      }
    }),
  );
  return { rows, failures };
}
