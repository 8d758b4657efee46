import { KEK_PLACEHOLDER } from '../contract/secret-stages';
import { newId, type Randomness } from '../crypto/randomness';
import { KeywardError } from '../errors/errors';
import type { KeysetScanner } from '../keysets/ports/keyset-scanner';
import { readStoredKeysets } from '../keysets/read-stored-keysets';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';
import type { KekRotationDriver } from './kek-rotation-driver';
import type { KekSecretStore } from './ports/kek-secret-store';
import { currentOf } from './staged-versions';

export interface KekRotatorDependencies {
  readonly secret: Pick<KekSecretStore, 'versions'>;
  /** Writes the first version of the secret. Returns false if it was ever written, also if that is not there any more. */
  readonly createFirst: (versionId: string, value: string) => Promise<boolean>;
  /** Checks that the store keeps what is written. Throws KeywardError with one sentence. */
  readonly check: () => Promise<void>;
  readonly driver: Pick<KekRotationDriver, 'start' | 'resume'>;
  /** One for each region, home included. */
  readonly keysets: readonly KeysetScanner[];
  readonly randomness: Randomness;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/**
 * Rotates the KEK where no Secrets Manager drives it: checks the store, once a process, and drives the rotation. A secret that was
 * never written gets the placeholder first, but only if no region has a keyset: otherwise a KEK is lost, and must be restored.
 *
 * @param begin false: only a rotation that is pending is resumed
 * @throws KeywardError of the check, or of the step that failed
 */
export function createKekRotator(deps: KekRotatorDependencies): (begin: boolean) => Promise<void> {
  let isChecked = false;
  return async (begin) => {
    if (!isChecked) await deps.check();
    isChecked = true;
    if (!begin) return deps.driver.resume();
    if (!(await hasCurrent(deps))) await writePlaceholder(deps);
    return deps.driver.start();
  };
}

const hasCurrent = async ({ secret }: KekRotatorDependencies): Promise<boolean> =>
  currentOf(await secret.versions()) !== undefined;

async function writePlaceholder(deps: KekRotatorDependencies): Promise<void> {
  const { rows, failures } = await readStoredKeysets(deps);
  if (rows.length > 0) throw lost('holds no KEK, but keysets exist: restore it');
  if (failures.length > 0) throw failures[0];
  if (await deps.createFirst(newId(deps.randomness), KEK_PLACEHOLDER)) return;
  // Another process may have been faster.
  if (!(await hasCurrent(deps))) throw lost('was written before, and what it holds now is no KEK: nothing was changed');
}

const lost = (what: string): KeywardError => new KeywardError('keys_unavailable', `the secret ${what}`, 'kek_missing');
