import type { AuditTrail } from '../audit/audit-trail';
import type { KekHome, KekHomes } from '../contract/kek-homes';
import type { Randomness } from '../crypto/randomness';
import type { RegionProver } from '../dek-rotation/ports/region-prover';
import type { KekSecretReplica, KekSecretStore } from '../kek-rotation/ports/kek-secret-store';
import type { KeysetScanner } from '../keysets/ports/keyset-scanner';
import type { Clock } from '../ports/clock';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';
import type { FirstKekVersion } from './ports/first-kek-version';
import type { KekHomeReporter } from './ports/kek-home-reporter';
import type { KekMoveStore } from './ports/kek-move-store';

/** One home of the KEK, for the one process that writes KEKs. */
export type KekHomeStore = KekSecretStore & KekSecretReplica & FirstKekVersion;

/** What begins and ends moves: the API. It reaches no KEK. */
export interface KekMoveDependencies {
  readonly store: KekMoveStore;
  readonly homes: KekHomes;
  /** One for each region. */
  readonly reporters: readonly KekHomeReporter[];
  readonly trail: AuditTrail;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
}

/** What copies the KEK: rotate-kek, or the server of local mode. */
export interface KekMoverDependencies extends Omit<KekMoveDependencies, 'reporters' | 'homes'> {
  /** Each home that the configuration names. */
  readonly stores: Readonly<Partial<Record<KekHome, KekHomeStore>>>;
  /** In the home region. */
  readonly keysets: KeysetScanner;
  /** One for each region. */
  readonly provers: readonly RegionProver[];
  readonly metrics: Metrics;
  /** Longest run of a step that asked the guard before the row stood, in milliseconds. */
  readonly settleMs: number;
}
