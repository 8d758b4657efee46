import type { Randomness } from '../crypto/randomness';
import type { AuditSink } from '../audit/ports/audit-log';
import type { Clock } from '../ports/clock';
import type { CredentialScanner } from '../credentials/ports/credential-scanner';
import type { CredentialStore } from '../credentials/ports/credential-store';
import type { KeysetScanner } from '../keysets/ports/keyset-scanner';
import type { KeysetStore } from '../keysets/ports/keyset-store';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';
import type { RegionProver } from './ports/region-prover';
import type { DekRotationQueue } from './ports/dek-rotation-queue';
import type { DekRotationStore } from './ports/dek-rotation-store';
import type { SealingGuard } from '../keysets/ports/sealing-guard';
import type { SecretsProvider } from '../keysets/ports/secrets-provider';
import { createAdvanceDekRotation } from './advance-dek-rotation';
import { AuditTrail } from '../audit/audit-trail';
import { createKeysetAccess } from '../keysets/create-keyset-access';
import { KeysetWriter } from '../keysets/keyset-writer';
import { RegionProofCollector } from './region-proof-collector';
import { DekRotationReports } from './dek-rotation-reports';
import { createStartDekRotation } from './start-dek-rotation';

/** Ports of all parts of DEK rotation, all in the home region wherever the process runs. */
export interface DekRotationPorts {
  /** The region in which this process writes its audit events. */
  readonly region: string;
  /** All regions, home first. */
  readonly provers: readonly [RegionProver, ...RegionProver[]];
  readonly keysets: KeysetStore & KeysetScanner;
  readonly secrets: SecretsProvider;
  /** Left out if sealing never stops. */
  readonly sealing?: SealingGuard;
  readonly credentials: CredentialStore;
  readonly scanner: CredentialScanner;
  /** Days that a previous value is kept. */
  readonly previousValueDays: number;
  readonly store: DekRotationStore;
  readonly queue: DekRotationQueue;
  readonly auditSink: AuditSink;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Parts that operations, messages and the sweep share, made once per process. */
export type DekRotationParts = ReturnType<typeof createDekRotationParts>;

/** Makes the parts that operations, messages and the sweep share. Makes no outside call. */
export function createDekRotationParts(ports: DekRotationPorts) {
  const { clock, randomness, metrics, logger, region, secrets, scanner, store, queue } = ports;
  const trail = new AuditTrail({ sink: ports.auditSink, clock, randomness, metrics, region });
  const guard = ports.sealing === undefined ? {} : { sealing: ports.sealing };
  const reports = new DekRotationReports({ store, randomness });
  const { keysets: stored } = ports;
  const writer = new KeysetWriter({ keysets: stored, secrets, ...guard, trail, follower: reports, clock, randomness });
  const proofs = new RegionProofCollector({ provers: ports.provers, clock, randomness, logger });
  const { keysets } = createKeysetAccess({
    ...ports,
    keysets: { local: ports.keysets, home: ports.keysets, others: [] },
  });
  const advance = createAdvanceDekRotation({ writer, reports, store, proofs, scanner, queue, clock, metrics, logger });
  const rotate = createStartDekRotation({ writer, reports, store, advance, queue, trail, clock, logger });
  return { ports, trail, writer, reports, keysets, advance, rotate };
}
