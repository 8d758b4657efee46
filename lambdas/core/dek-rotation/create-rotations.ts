import type { PolicyChange } from './dek-rotation';
import type { RotationPolicy } from '../keysets/keyset-record';
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
import type { Caller } from '../ports/caller';
import { createCensus, type CensusPosition, type CensusView } from './census';
import { createCloseIntents } from '../audit/close-intents';
import { DEFAULT_MAX_CACHED_DEKS, DekCache } from '../keysets/dek-cache';
import { guardSealing } from '../keysets/keyset-access';
import { KeysetDirectory } from '../keysets/keyset-directory';
import { KeysetWriter } from '../keysets/keyset-writer';
import { RegionProofs } from './region-proofs';
import { createRekeyShard, type RekeyShard } from './rekey-shard';
import { createRetireVersions } from './retire-versions';
import { createChangePolicy, createShowPolicy } from './rotation-policy';
import { RotationReports } from './rotation-reports';
import { createDescribeRotation, createListRotations, type RotationView } from './show-rotations';
import { createStartRotation, type RotationCommand, type StartedRotation } from './start-rotation';
import { createSweep, type KekUpkeep, type SweepFailure } from './sweep';
import { createCancelDestruction, createScheduleDestruction } from './version-destruction';

/** What operators do with a provider's DEK. Each throws KeywardError and nothing else on purpose. */
export interface RotationOperations {
  readonly showPolicy: (provider: string) => Promise<RotationPolicy>;
  readonly changePolicy: (caller: Caller, change: PolicyChange & { provider: string }) => Promise<RotationPolicy>;
  readonly rotate: (caller: Caller, command: RotationCommand) => Promise<StartedRotation>;
  readonly census: (caller: Caller, query: { provider: string; from?: CensusPosition }) => Promise<CensusView>;
  readonly describeRotation: (query: { provider: string; rotation_id: string }) => Promise<RotationView>;
  readonly listRotations: (query: {
    provider: string;
    before?: string;
    limit: number;
  }) => Promise<{ rotations: readonly RotationView[]; damaged?: readonly string[]; next?: string }>;
  readonly abortRotation: (caller: Caller, command: { provider: string; rotation_id: string }) => Promise<void>;
  readonly scheduleDestruction: (
    caller: Caller,
    command: { provider: string; version: number; windowDays: number },
  ) => Promise<void>;
  readonly cancelDestruction: (caller: Caller, command: { provider: string; version: number }) => Promise<void>;
}

/** What goes on by itself: called by messages and by the clock. */
export interface RotationWork {
  readonly advance: AdvanceRotation;
  readonly rekeyShard: RekeyShard;
  readonly sweep: () => Promise<readonly SweepFailure[]>;
}

/** All of it at home, wherever the process runs. */
export interface RotationDependencies {
  /** Where this process writes its audit events. */
  readonly region: string;
  /** All regions, home first. */
  readonly provers: readonly [RegionProver, ...RegionProver[]];
  readonly providers: readonly string[];
  readonly keysets: KeysetStore & KeysetScanner;
  readonly secrets: SecretsProvider;
  /** Left out where nothing ever stops sealing. */
  readonly sealing?: SealingGuard;
  readonly credentials: CredentialStore;
  readonly scanner: CredentialScanner;
  readonly store: RotationStore;
  readonly queue: RotationQueue;
  readonly auditSink: AuditSink;
  readonly intents: OpenIntents;
  /** Absent where the KEK does not rotate. */
  readonly kek?: KekUpkeep;
  /** Credentials that one shard's run writes at a time, and reads at a time. Default 25 and 200. */
  readonly rekeyConcurrency?: number;
  readonly rekeyPage?: number;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

const DEFAULT_REKEY_CONCURRENCY = 25;
const DEFAULT_REKEY_PAGE = 200;

/** Everything about DEK rotation over one set of ports. Does nothing until one is called. */
export function createRotations(ports: RotationDependencies): RotationOperations & RotationWork {
  const { clock, randomness, metrics, logger, region, secrets, scanner, store, queue, credentials } = ports;
  const trail = new AuditTrail({ sink: ports.auditSink, clock, randomness, metrics, region });
  const guard = ports.sealing === undefined ? {} : { sealing: ports.sealing };
  const writer = new KeysetWriter({ keysets: ports.keysets, secrets, ...guard, trail, clock, randomness });
  const reports = new RotationReports({ store, randomness });
  const proofs = new RegionProofs({ provers: ports.provers, clock, randomness, logger });
  const directory = new KeysetDirectory({
    sources: { local: ports.keysets, home: ports.keysets, others: [] },
    secrets,
    deks: new DekCache(clock, metrics, DEFAULT_MAX_CACHED_DEKS),
    clock,
    randomness,
    metrics,
  });
  const keysets = guardSealing(directory, ports.sealing);
  const advance = createAdvanceRotation({ writer, reports, store, proofs, scanner, queue, clock, metrics, logger });
  const rotate = createStartRotation({ writer, reports, store, advance, queue, trail, clock, logger });
  const rekeyShard = createRekeyShard({
    writer,
    keysets,
    credentials,
    scanner,
    store,
    queue,
    trail,
    clock,
    randomness,
    metrics,
    concurrency: ports.rekeyConcurrency ?? DEFAULT_REKEY_CONCURRENCY,
    page: ports.rekeyPage ?? DEFAULT_REKEY_PAGE,
  });
  const regions = ports.provers.map((prover) => prover.region);
  const showing = { store, keysets: ports.keysets, scanner, regions, clock };
  return {
    showPolicy: createShowPolicy({ keysets: ports.keysets }),
    changePolicy: createChangePolicy({ writer }),
    rotate,
    census: createCensus({ writer, keysets, scanner, trail, clock }),
    describeRotation: createDescribeRotation(showing),
    listRotations: createListRotations(showing),
    abortRotation: createAbortRotation({ writer, reports, store, trail }),
    scheduleDestruction: createScheduleDestruction({ writer, scanner, trail }),
    cancelDestruction: createCancelDestruction({ writer, scanner, trail }),
    advance,
    rekeyShard,
    sweep: createSweep({
      providers: ports.providers,
      stored: ports.keysets,
      writer,
      scanner,
      queue,
      advance,
      start: rotate,
      retireVersions: createRetireVersions({ writer, scanner, clock, metrics }),
      closeIntents: createCloseIntents({
        intents: ports.intents,
        keysets: ports.keysets,
        credentials,
        store,
        trail,
        clock,
        ...(ports.kek !== undefined && { secret: ports.kek.secret }),
      }),
      clock,
      randomness,
      metrics,
      logger,
      ...(ports.kek !== undefined && { kek: ports.kek }),
    }),
  };
}
