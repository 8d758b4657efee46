import type { KekMoveReader } from '../kek-move/ports/kek-move-store';
import type { OpenIntents } from '../audit/ports/open-intents';
import { createAbortDekRotation } from './abort-dek-rotation';
import { createDryRun } from './dry-run';
import { createCloseIntents } from '../audit/close-intents';
import { createDescribeVersion } from './describe-version';
import { createDekRotationMessages, type RekeyPace, type DekRotationMessages } from './dek-rotation-messages';
import { createDekRotationParts, type DekRotationParts, type DekRotationPorts } from './dek-rotation-parts';
import { createRetireVersions } from './retire-and-destroy-versions';
import { createChangePolicy, createShowPolicy } from './dek-rotation-policy';
import { createDescribeDekRotation, createListDekRotations } from './show-dek-rotations';
import { createSweep, type KekUpkeep, type SweepFailure } from './sweep';
import { createCancelDestruction, createScheduleDestruction } from './schedule-or-cancel-destruction';

/** The operators' calls about a provider's DEK. Each throws KeywardError alone, apart from defects. */
export type DekRotationOperations = ReturnType<typeof createDekRotationOperations>;

/** The work that messages and the schedule start. */
export interface DekRotationWork extends DekRotationMessages {
  readonly sweep: () => Promise<readonly SweepFailure[]>;
}

/** Ports of the sweep beyond those of all parts. */
export interface SweepPorts {
  readonly providers: readonly string[];
  readonly intents: OpenIntents;
  /** Absent if the KEK does not rotate. */
  readonly kek?: KekUpkeep;
  /** Absent if the KEK cannot be moved. */
  readonly moves?: KekMoveReader;
}

/** Dependencies of all parts in one process. */
export interface DekRotationDependencies extends DekRotationPorts, RekeyPace, SweepPorts {}

/** Makes the operators' calls. */
export function createDekRotationOperations(parts: DekRotationParts) {
  const { trail, writer, reports, keysets, rotate } = parts;
  const { scanner, store, clock, provers, keysets: stored } = parts.ports;
  const regions = provers.map((prover) => prover.region);
  const showing = { store, keysets: stored, scanner, regions, clock };
  return {
    showPolicy: createShowPolicy({ keysets: stored }),
    changePolicy: createChangePolicy({ writer }),
    rotate,
    dryRun: createDryRun({ writer, keysets, scanner, trail, clock }),
    describeRotation: createDescribeDekRotation(showing),
    listRotations: createListDekRotations(showing),
    abortRotation: createAbortDekRotation({ writer, reports, store, trail }),
    scheduleDestruction: createScheduleDestruction({ writer, scanner, trail }),
    cancelDestruction: createCancelDestruction({ writer, scanner, trail }),
    describeVersion: createDescribeVersion({ keysets: stored }),
  };
}

/** Makes the sweep. */
export function createDekRotationSweep(parts: DekRotationParts, sweeping: SweepPorts): DekRotationWork['sweep'] {
  const { trail, writer, advance, rotate } = parts;
  const { keysets, credentials, scanner, store, queue, clock, randomness, metrics, logger } = parts.ports;
  const { providers, intents, kek, moves } = sweeping;
  return createSweep({
    providers,
    stored: keysets,
    writer,
    scanner,
    queue,
    advance,
    start: rotate,
    retireVersions: createRetireVersions({ writer, scanner, queue, clock, metrics }),
    closeIntents: createCloseIntents({
      intents,
      keysets,
      credentials,
      store,
      trail,
      clock,
      ...(kek !== undefined && { secret: kek.secret }),
      ...(moves !== undefined && { moves }),
    }),
    clock,
    randomness,
    metrics,
    logger,
    ...(kek !== undefined && { kek }),
  });
}

/** Makes all parts over one set of ports, for a process that does everything. */
export function createDekRotations(ports: DekRotationDependencies): DekRotationOperations & DekRotationWork {
  const parts = createDekRotationParts(ports);
  return {
    ...createDekRotationOperations(parts),
    ...createDekRotationMessages(parts, ports),
    sweep: createDekRotationSweep(parts, ports),
  };
}
