import { functionLogGroup } from '../contract/deployed-names';
import type { FunctionName } from '../contract/functions';
import { AuditTrail } from '../audit/audit-trail';
import type { AuditSink } from '../audit/ports/audit-log';
import { OPERATIONS_LIMITS, WORKER_PROOF_LIMITS } from '../contract/client-limits';
import { createRotationSweep } from '../dek-rotation/create-rotations';
import { createProveKeyset } from '../dek-rotation/prove-keyset';
import type { ProveKeysetUse } from '../dek-rotation/prove-keyset-event';
import { createRotationMessages, type RotationMessageUse } from '../dek-rotation/rotation-messages';
import { createRotationParts, type RotationPorts } from '../dek-rotation/rotation-parts';
import type { SweepUse } from '../dek-rotation/sweep-event';
import { createBootstrap } from '../kek-rotation/bootstrap';
import type { BootstrapUse } from '../kek-rotation/bootstrap-event';
import { createEnsureKeysets } from '../kek-rotation/ensure-keysets';
import { createRewrapDeks } from '../kek-rotation/rewrap-deks';
import type { RewrapUse } from '../kek-rotation/rewrap-message';
import { RotateKek } from '../kek-rotation/rotate-kek';
import type { RotateKekUse } from '../kek-rotation/rotate-kek-event';
import { isSecretNamed } from '../../adapters/aws/secrets-manager/is-secret-named';
import { storedIn } from '../keysets/known-provider';
import {
  auditLogIn,
  auditSinkIn,
  credentialScannerIn,
  credentialsIn,
  kekRotationIn,
  kekSecretIn,
  keysetsIn,
  openIntentsIn,
  proverIn,
  regionsHomeFirst,
  rewrapQueueIn,
  rotationQueueIn,
  rotationsIn,
  secretsFrom,
} from './compose-adapters';
import { readService } from './environment';
import { lazyRuntime, type Outside } from './lazy-runtime';

/*
 * The functions beside the API, each composed by a function of its own: what Secrets Manager, queues, the schedule, a deployment and the
 * home region call. All but the one that proves run at home.
 */

/** The runtime of a function beside the API. */
export const systemRuntime = <T extends object>(compose: (on: Outside) => T) =>
  lazyRuntime({ calls: OPERATIONS_LIMITS, proofs: WORKER_PROOF_LIMITS }, compose);

const trailOf = ({ clock, randomness, metrics, configuration }: Outside, sink: AuditSink): AuditTrail =>
  new AuditTrail({ sink, clock, randomness, metrics, region: configuration.homeRegion });

export function composeRotateKek(on: Outside): RotateKekUse {
  const { homeRegion, kekSecret } = on.configuration;
  return {
    rotateKek: new RotateKek({
      ...on,
      secret: kekSecretIn(on, homeRegion),
      keysets: regionsHomeFirst(on.configuration).map((region) => keysetsIn(on, region)),
      queue: rewrapQueueIn(on, homeRegion),
      trail: trailOf(on, auditSinkIn(on, homeRegion)),
    }),
    isKekSecret: (secretId) => isSecretNamed(secretId, kekSecret, homeRegion),
  };
}

export const composeRewrapDeks = (on: Outside): RewrapUse => ({ rewrapDeks: rewrapDeksAtHome(on) });

/** What moves DEKs to the newest KEK: for the function that messages call, and for the sweep. */
function rewrapDeksAtHome(on: Outside): ReturnType<typeof createRewrapDeks> {
  const [homeRegion, ...others] = regionsHomeFirst(on.configuration);
  const keysets = keysetsIn(on, homeRegion);
  return createRewrapDeks({
    ...on,
    replicas: [kekSecretIn(on, homeRegion), ...others.map((region) => kekSecretIn(on, region))],
    keysets,
    scanners: [keysets, ...others.map((region) => keysetsIn(on, region))],
    trail: trailOf(on, auditSinkIn(on, homeRegion)),
  });
}

export function composeBootstrap(on: Outside): BootstrapUse {
  const { providers, gracePeriodDays } = on.configuration;
  const [homeRegion, ...others] = regionsHomeFirst(on.configuration);
  const audit = auditLogIn(on, homeRegion);
  const trail = trailOf(on, audit);
  const logGroup = (name: FunctionName): string => functionLogGroup(readService(process.env), name);
  return {
    bootstrap: createBootstrap({
      ...on,
      secret: kekSecretIn(on, homeRegion),
      regions: others.map((region) => ({ region, secret: kekSecretIn(on, region), keysets: keysetsIn(on, region) })),
      logGroups: { bootstrap: logGroup('bootstrap'), rotateKek: logGroup('rotate-kek') },
      rotation: kekRotationIn(on, homeRegion),
      ensureKeysets: createEnsureKeysets({
        ...on,
        keysets: keysetsIn(on, homeRegion),
        credentials: credentialsIn(on, homeRegion),
        audit,
        secrets: secretsFrom(on, [homeRegion]),
        trail,
        gracePeriodDays,
      }),
      providers,
      trail,
      audit,
    }),
  };
}

/** Reaches this region alone: what another one has would prove nothing of this one. */
export function composeProveKeyset(on: Outside): ProveKeysetUse {
  const { region, providers } = on.configuration;
  const keysets = keysetsIn(on, region);
  return {
    proveKeyset: createProveKeyset({ keysets, secrets: secretsFrom(on, [region]) }),
    providers,
    isStored: storedIn(keysets),
  };
}

/** The ports of DEK rotation, all in the home region wherever the process runs, but for where it writes its audit events. */
export function rotationPortsAtHome(on: Outside): Omit<RotationPorts, 'auditSink' | 'region'> {
  const regions = regionsHomeFirst(on.configuration);
  const [homeRegion, ...others] = regions;
  return {
    ...on,
    provers: [proverIn(on, homeRegion), ...others.map((region) => proverIn(on, region))],
    keysets: keysetsIn(on, homeRegion),
    secrets: secretsFrom(on, regions),
    credentials: credentialsIn(on, homeRegion),
    scanner: credentialScannerIn(on, homeRegion),
    previousValueDays: on.configuration.previousValueDays,
    store: rotationsIn(on, homeRegion),
    queue: rotationQueueIn(on, homeRegion),
  };
}

const rotationPartsAtHome = (on: Outside) => {
  const { homeRegion: region } = on.configuration;
  return createRotationParts({ ...rotationPortsAtHome(on), region, auditSink: auditSinkIn(on, region) });
};

export function composeRotationWorker(on: Outside): RotationMessageUse {
  const parts = rotationPartsAtHome(on);
  return {
    serve: createRotationMessages(parts).serveMessage,
    providers: on.configuration.providers,
    isStored: storedIn(parts.ports.keysets),
    shardCount: parts.ports.scanner.shardCount,
  };
}

export function composeSweep(on: Outside): SweepUse {
  const { homeRegion, providers, kekRotationIntervalDays: intervalDays } = on.configuration;
  const kek = {
    secret: kekSecretIn(on, homeRegion),
    rotation: kekRotationIn(on, homeRegion),
    rewrapDeks: rewrapDeksAtHome(on),
    intervalDays,
  };
  const sweeping = { providers, intents: openIntentsIn(on, homeRegion), kek };
  return { sweep: createRotationSweep(rotationPartsAtHome(on), sweeping) };
}
