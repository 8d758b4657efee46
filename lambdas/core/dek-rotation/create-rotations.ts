import type { Randomness } from '../crypto/randomness';
import type { AuditSink } from '../audit/ports/audit-log';
import type { Clock } from '../ports/clock';
import type { CredentialScanner } from '../credentials/ports/credential-scanner';
import type { CredentialStore } from '../credentials/ports/credential-store';
import type { KeysetScanner } from '../keysets/ports/keyset-scanner';
import type { KeysetStore } from '../keysets/ports/keyset-store';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';
import type { OpenIntents } from '../audit/ports/open-intents';
import type { RegionProver } from './ports/region-prover';
import type { RotationQueue } from './ports/rotation-queue';
import type { RotationStore } from './ports/rotation-store';
import type { SealingGuard } from '../keysets/ports/sealing-guard';
import type { SecretsProvider } from '../keysets/ports/secrets-provider';
import { createAbortRotation } from './abort-rotation';
import { createAdvanceRotation, type AdvanceRotation } from './advance-rotation';
import { AuditTrail } from '../audit/audit-trail';
import { createCensus } from './census';
import { createCloseIntents } from '../audit/close-intents';
import { createDescribeVersion } from './describe-version';
import { createKeysetAccess } from '../keysets/create-keyset-access';
import { KeysetWriter } from '../keysets/keyset-writer';
import { RegionProofs } from './region-proofs';
import { createRekeyShard, type RekeyShard } from './rekey-shard';
import { createRetireVersions } from './retire-versions';
import { createChangePolicy, createShowPolicy } from './rotation-policy';
import { RotationReports } from './rotation-reports';
import { createDescribeRotation, createListRotations } from './show-rotations';
import { createServeRotationMessage, type ServeRotationMessage } from './serve-rotation-message';
import { createStartRotation } from './start-rotation';
import { createSweep, type KekUpkeep, type SweepFailure } from './sweep';
import { createCancelDestruction, createScheduleDestruction } from './version-destruction';

/** What operators do with a provider's DEK. Each throws KeywardError and nothing else on purpose. */
export type RotationOperations = ReturnType<typeof createRotationOperations>;

/** What goes on by itself: called by messages and by the clock. */
export interface RotationWork {
  readonly advance: AdvanceRotation;
  readonly rekeyShard: RekeyShard;
  readonly serveMessage: ServeRotationMessage;
  readonly sweep: () => Promise<readonly SweepFailure[]>;
}

/** What all parts of DEK rotation work on. All of it at home, wherever the process runs. */
export interface RotationPorts {
  /** Where this process writes its audit events. */
  readonly region: string;
  /** All regions, home first. */
  readonly provers: readonly [RegionProver, ...RegionProver[]];
  readonly keysets: KeysetStore & KeysetScanner;
  readonly secrets: SecretsProvider;
  /** Left out where nothing ever stops sealing. */
  readonly sealing?: SealingGuard;
  readonly credentials: CredentialStore;
  readonly scanner: CredentialScanner;
  readonly store: RotationStore;
  readonly queue: RotationQueue;
  readonly auditSink: AuditSink;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** How much one shard's run does at a time. */
export interface RekeyPace {
  /** Credentials that are written at a time, and read at a time. Default 25 and 200. */
  readonly rekeyConcurrency?: number;
  readonly rekeyPage?: number;
}

/** What the sweep needs beside that. */
export interface SweepPorts {
  readonly providers: readonly string[];
  readonly intents: OpenIntents;
  /** Absent where the KEK does not rotate. */
  readonly kek?: KekUpkeep;
}

/** For all of it in one process. */
export interface RotationDependencies extends RotationPorts, RekeyPace, SweepPorts {}

/** What operations, messages and the sweep share: made once a process, for those of them that it serves. */
export type RotationParts = ReturnType<typeof createRotationParts>;

const DEFAULT_REKEY_CONCURRENCY = 25;
const DEFAULT_REKEY_PAGE = 200;

/** Plugs together what the functions below share. Does nothing until one of them is called. */
export function createRotationParts(ports: RotationPorts) {
  const { clock, randomness, metrics, logger, region, secrets, scanner, store, queue } = ports;
  const trail = new AuditTrail({ sink: ports.auditSink, clock, randomness, metrics, region });
  const guard = ports.sealing === undefined ? {} : { sealing: ports.sealing };
  const reports = new RotationReports({ store, randomness });
  const { keysets: stored } = ports;
  const writer = new KeysetWriter({ keysets: stored, secrets, ...guard, trail, follower: reports, clock, randomness });
  const proofs = new RegionProofs({ provers: ports.provers, clock, randomness, logger });
  const { keysets } = createKeysetAccess({
    ...ports,
    keysets: { local: ports.keysets, home: ports.keysets, others: [] },
  });
  const advance = createAdvanceRotation({ writer, reports, store, proofs, scanner, queue, clock, metrics, logger });
  const rotate = createStartRotation({ writer, reports, store, advance, queue, trail, clock, logger });
  return { ports, trail, writer, reports, keysets, advance, rotate };
}

/** What operators call. */
export function createRotationOperations(parts: RotationParts) {
  const { trail, writer, reports, keysets, rotate } = parts;
  const { scanner, store, clock, provers, keysets: stored } = parts.ports;
  const regions = provers.map((prover) => prover.region);
  const showing = { store, keysets: stored, scanner, regions, clock };
  return {
    showPolicy: createShowPolicy({ keysets: stored }),
    changePolicy: createChangePolicy({ writer }),
    rotate,
    census: createCensus({ writer, keysets, scanner, trail, clock }),
    describeRotation: createDescribeRotation(showing),
    listRotations: createListRotations(showing),
    abortRotation: createAbortRotation({ writer, reports, store, trail }),
    scheduleDestruction: createScheduleDestruction({ writer, scanner, trail }),
    cancelDestruction: createCancelDestruction({ writer, scanner, trail }),
    describeVersion: createDescribeVersion({ keysets: stored }),
  };
}

/** What messages bring. */
export function createRotationMessages(parts: RotationParts, pace: RekeyPace = {}): Omit<RotationWork, 'sweep'> {
  const { advance } = parts;
  const rekeyShard = createRekeyShard({
    ...parts.ports,
    ...parts,
    concurrency: pace.rekeyConcurrency ?? DEFAULT_REKEY_CONCURRENCY,
    page: pace.rekeyPage ?? DEFAULT_REKEY_PAGE,
  });
  const work = { advance, rekeyShard };
  return { ...work, serveMessage: createServeRotationMessage({ work, queue: parts.ports.queue }) };
}

/** The hourly round. */
export function createRotationSweep(parts: RotationParts, sweeping: SweepPorts): RotationWork['sweep'] {
  const { trail, writer, advance, rotate } = parts;
  const { keysets, credentials, scanner, store, queue, clock, randomness, metrics, logger } = parts.ports;
  const { providers, intents, kek } = sweeping;
  return createSweep({
    providers,
    stored: keysets,
    writer,
    scanner,
    queue,
    advance,
    start: rotate,
    retireVersions: createRetireVersions({ writer, scanner, clock, metrics }),
    closeIntents: createCloseIntents({
      intents,
      keysets,
      credentials,
      store,
      trail,
      clock,
      ...(kek !== undefined && { secret: kek.secret }),
    }),
    clock,
    randomness,
    metrics,
    logger,
    ...(kek !== undefined && { kek }),
  });
}

/** All of it over one set of ports, for a process that does everything. */
export function createRotations(ports: RotationDependencies): RotationOperations & RotationWork {
  const parts = createRotationParts(ports);
  return {
    ...createRotationOperations(parts),
    ...createRotationMessages(parts, ports),
    sweep: createRotationSweep(parts, ports),
  };
}
