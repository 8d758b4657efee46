import { nextVersion } from '../../lambdas/core/keysets/dek-keyset';
import type { KeysetRecord } from '../../lambdas/core/keysets/keyset-record';
import { KeywardError } from '../../lambdas/core/errors/errors';
import { isKeysetRecord } from '../../lambdas/core/keysets/keyset-shape';
import type { KeysetScanner } from '../../lambdas/core/keysets/ports/keyset-scanner';
import type { KeysetStore } from '../../lambdas/core/keysets/ports/keyset-store';
import type { KeysetMarks } from './keyset-marks';

/**
 * Guards keysets of a database that may be replaced by another: a keyset without a version that was stored here before is
 * unavailable, so that tokens of that version are 503 and no number is used twice. The caller detects a damaged keyset.
 *
 * @throws KeywardError of each function, `store_unavailable` with the reason `keyset_outdated`
 */
export function rememberVersions(store: KeysetStore & KeysetScanner, marks: KeysetMarks): KeysetStore & KeysetScanner {
  /** If the mark cannot be made, the keyset is stored all the same, and the next start makes the mark. */
  const remember = (record: KeysetRecord): Promise<void> =>
    marks.markVersion(record.provider, highestVersion(record)).catch(() => undefined);
  return {
    region: store.region,
    all: () => store.all(),
    get: async (provider) => {
      const stored = await store.get(provider);
      if (isKeysetRecord(stored) && highestVersion(stored) < marks.highestVersion(provider)) throw outdated();
      return stored;
    },
    create: async (record) => {
      const result = await store.create(record);
      if (result === 'written') await remember(record);
      return result;
    },
    replace: async (record, expectedRevision) => {
      const result = await store.replace(record, expectedRevision);
      if (result === 'written') await remember(record);
      return result;
    },
  };
}

/** Highest version that was ever in the keyset. */
export const highestVersion = (record: KeysetRecord): number => nextVersion(record) - 1;

const outdated = (): KeywardError =>
  new KeywardError(
    'store_unavailable',
    'the database is older than earlier answers from it; try again',
    'keyset_outdated',
  );
