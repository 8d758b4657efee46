import { failureFields } from '../ports/failure-fields';
import type { KeysetScanner, StoredKeyset } from './ports/keyset-scanner';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';

/** The rows of all regions' keysets tables. */
export interface StoredKeysets {
  /** One row for each region that has it. */
  readonly rows: readonly StoredKeyset[];
  /** The failures of regions that could not be read. With any failure, a row that is missing here may exist. */
  readonly failures: readonly unknown[];
}

/**
 * Reads the whole keysets table of every region, also of providers that are not configured: a provider that was removed from the
 * configuration keeps its keyset, and that keyset its KEK.
 */
export async function readStoredKeysets(deps: {
  /** One for each region, home included. */
  readonly keysets: readonly KeysetScanner[];
  readonly metrics: Metrics;
  readonly logger: Logger;
}): Promise<StoredKeysets> {
  const rows: StoredKeyset[] = [];
  const failures: unknown[] = [];
  // In parallel: a region that does not answer must not hold up the others.
  await Promise.all(
    deps.keysets.map(async (scanner) => {
      try {
        rows.push(...(await scanner.all()));
      } catch (thrown) {
        failures.push(thrown);
        deps.metrics.count('keyset_source_failed');
        deps.logger.warn('the keysets of a region could not be read', {
          region: scanner.region,
          ...failureFields(thrown),
        });
      }
    }),
  );
  return { rows, failures };
}
