import type { DekRotationMessage } from '../../lambdas/core/dek-rotation/ports/dek-rotation-queue';
import type { Application } from '../../lambdas/core/runtime/create-application';
import { AuditTrail } from '../../lambdas/core/audit/audit-trail';
import { createBootstrap } from '../../lambdas/core/kek-rotation/bootstrap';
import { createApplication } from '../../lambdas/core/runtime/create-application';
import { createEnsureKeysets } from '../../lambdas/core/kek-rotation/ensure-keysets';
import {
  createDekRotations,
  type DekRotationOperations,
  type DekRotationWork,
} from '../../lambdas/core/dek-rotation/create-dek-rotations';
import { createProveKeyset } from '../../lambdas/core/dek-rotation/prove-keyset';
import { createRewrapDeks } from '../../lambdas/core/kek-rotation/rewrap-deks';
import { RotateKek } from '../../lambdas/core/kek-rotation/rotate-kek';
import type { ProcessPorts } from './process-ports';
import { HOME, REGIONS } from './regions';

/** The use cases as the composition roots connect them, over the ports of one process. */

const trailOf = ({ audit, clock, randomness, metrics, process }: ProcessPorts): AuditTrail =>
  new AuditTrail({ sink: audit, clock, randomness, metrics, region: process.region });

const keysetSources = ({ keysets, process }: ProcessPorts) => ({
  local: keysets[process.region]!,
  home: keysets[HOME]!,
  others: REGIONS.filter((region) => region !== process.region && region !== HOME).map((region) => keysets[region]!),
});

export const apiParts = (ports: ProcessPorts, providers: readonly string[]): Application =>
  createApplication({
    region: ports.process.region,
    providers,
    keysets: keysetSources(ports),
    keysetsToShow: ports.keysets[ports.process.region]!,
    credentials: { local: ports.credentials[ports.process.region]!, home: ports.credentials[HOME]! },
    previousValueDays: ports.previousValueDays,
    auditSink: ports.audit,
    auditReader: ports.audit,
    secrets: ports.secrets,
    clock: ports.clock,
    randomness: ports.randomness,
    metrics: ports.metrics,
  });

export const proverParts = (ports: ProcessPorts) =>
  createProveKeyset({ keysets: ports.keysets[ports.process.region]!, secrets: ports.secrets });

export const rotateKekParts = (ports: ProcessPorts): RotateKek =>
  new RotateKek({
    secret: ports.kekStore,
    keysets: REGIONS.map((region) => ports.keysets[region]!),
    queue: ports.rewrapQueue,
    trail: trailOf(ports),
    clock: ports.clock,
    randomness: ports.randomness,
    metrics: ports.metrics,
    logger: ports.logger,
  });

export const rewrapParts = (ports: ProcessPorts) =>
  createRewrapDeks({
    replicas: ports.kekReplicas,
    keysets: ports.keysets[HOME]!,
    scanners: REGIONS.map((region) => ports.keysets[region]!),
    trail: trailOf(ports),
    randomness: ports.randomness,
    metrics: ports.metrics,
    logger: ports.logger,
  });

export const bootstrapParts = (ports: ProcessPorts, providers: readonly string[]) =>
  createBootstrap({
    secret: ports.kekReplicas[0],
    regions: REGIONS.filter((region) => region !== HOME).map((region) => ({
      region,
      secret: ports.kekReplicas.find((replica) => replica.region === region)!,
      keysets: ports.keysets[region]!,
    })),
    logGroups: { bootstrap: 'the log of bootstrap', rotateKek: 'the log of rotate-kek' },
    rotation: ports.kekRotation,
    ensureKeysets: createEnsureKeysets({
      keysets: ports.keysets[HOME]!,
      credentials: ports.credentials[HOME]!,
      audit: ports.audit,
      secrets: ports.secrets,
      trail: trailOf(ports),
      clock: ports.clock,
      randomness: ports.randomness,
    }),
    providers,
    trail: trailOf(ports),
    audit: ports.audit,
    clock: ports.clock,
    randomness: ports.randomness,
    metrics: ports.metrics,
    logger: ports.logger,
  });

/** Operations of operators, work of queue messages, and the sweep. */
export const dekRotationParts = (ports: ProcessPorts, providers: readonly string[]): DekRotationParts =>
  createDekRotations({
    region: ports.process.region,
    provers: ports.provers,
    providers,
    keysets: ports.keysets[HOME]!,
    secrets: ports.secrets,
    credentials: ports.credentials[HOME]!,
    scanner: ports.scanner,
    previousValueDays: ports.previousValueDays,
    store: ports.rotations,
    queue: ports.dekRotationQueue,
    auditSink: ports.audit,
    intents: ports.audit,
    ...(ports.role === 'sweep' && {
      kek: {
        secret: ports.kekReplicas[0],
        rotation: ports.kekRotation,
        rewrapDeks: rewrapParts(ports),
        intervalDays: KEK_INTERVAL_DAYS,
      },
    }),
    clock: ports.clock,
    randomness: ports.randomness,
    metrics: ports.metrics,
    logger: ports.logger,
  });

const KEK_INTERVAL_DAYS = 90;

export type DekRotationParts = DekRotationOperations & DekRotationWork;

/** How long a worker works on one message. */
const WORKER_LIMIT_MS = 60_000;

/** Serves a message of the rotation queue. */
export function workerParts(ports: ProcessPorts, providers: readonly string[]) {
  const { serveMessage } = dekRotationParts(ports, providers);
  return {
    serve: (message: DekRotationMessage): Promise<void> => serveMessage(message, ports.clock.now() + WORKER_LIMIT_MS),
  };
}
