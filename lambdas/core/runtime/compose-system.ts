import { functionLogGroup } from '../contract/deployed-names';
import type { FunctionName } from '../contract/functions';
import { AuditTrail } from '../audit/audit-trail';
import type { AuditSink } from '../audit/ports/audit-log';
import { OPERATIONS_LIMITS, WORKER_PROOF_LIMITS } from '../contract/client-limits';
import { createDekRotationSweep } from '../dek-rotation/create-dek-rotations';
import { createProveKeyset } from '../dek-rotation/prove-keyset';
import type { ProveKeysetUse } from '../dek-rotation/prove-keyset-event';
import { createDekRotationMessages, type DekRotationMessageUse } from '../dek-rotation/dek-rotation-messages';
import { createDekRotationParts, type DekRotationPorts } from '../dek-rotation/dek-rotation-parts';
import type { SweepUse } from '../dek-rotation/sweep-event';
import { createBootstrap } from '../kek-rotation/bootstrap';
import type { BootstrapUse } from '../kek-rotation/bootstrap-event';
import { createEnsureKeysets } from '../kek-rotation/ensure-keysets';
import { KekRotationDriver } from '../kek-rotation/kek-rotation-driver';
import { createKekRotator } from '../kek-rotation/kek-rotator';
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
  drivesKekRotation,
  kekRotationIn,
  kekSecretIn,
  kekVersionOf,
  keysetsIn,
  openIntentsIn,
  proverIn,
  regionsHomeFirst,
  rewrapQueueIn,
  dekRotationQueueIn,
  dekRotationsIn,
  secretsFrom,
  vaultKekToRotate,
} from './compose-adapters';
import { readService } from './configuration';
import { lazyRuntime, type Outside } from './lazy-runtime';

/*
 * Composes the functions that are not behind the API: those that Secrets Manager, queues, the schedule, a deployment and the
 * home region call. All but `prove-keyset` run at home.
 */

/** The runtime of a function that is not behind the API. */
export const systemRuntime = <T extends object>(compose: (deps: Outside) => T) =>
  lazyRuntime({ calls: OPERATIONS_LIMITS, proofs: WORKER_PROOF_LIMITS }, compose);

const trailOf = ({ clock, randomness, metrics, configuration }: Outside, sink: AuditSink): AuditTrail =>
  new AuditTrail({ sink, clock, randomness, metrics, region: configuration.homeRegion });

export function composeRotateKek(deps: Outside): RotateKekUse {
  const { homeRegion, kekSecret } = deps.configuration;
  const parts = {
    ...deps,
    keysets: regionsHomeFirst(deps.configuration).map((region) => keysetsIn(deps, region)),
    queue: rewrapQueueIn(deps, homeRegion),
    trail: trailOf(deps, auditSinkIn(deps, homeRegion)),
  };
  if (!drivesKekRotation(deps)) {
    return {
      rotateKek: new RotateKek({ ...parts, secret: kekSecretIn(deps, homeRegion) }),
      isKekSecret: (secretId) => isSecretNamed(secretId, kekSecret, homeRegion),
    };
  }
  const { secret, check } = vaultKekToRotate(deps, homeRegion);
  const rotateKek = new RotateKek({ ...parts, secret });
  const driver = new KekRotationDriver({ ...parts, secret, rotateKek });
  const createFirst = (versionId: string, value: string) => secret.createFirst(versionId, value);
  return {
    rotateKek,
    isKekSecret: () => false,
    rotator: createKekRotator({ ...parts, secret, createFirst, check, driver }),
  };
}

export const composeRewrapDeks = (deps: Outside): RewrapUse => ({ rewrapDeks: rewrapDeksAtHome(deps) });

/** Rewraps DEKs, for the function that messages call and for the sweep. */
function rewrapDeksAtHome(deps: Outside): ReturnType<typeof createRewrapDeks> {
  const [homeRegion, ...others] = regionsHomeFirst(deps.configuration);
  const keysets = keysetsIn(deps, homeRegion);
  return createRewrapDeks({
    ...deps,
    replicas: [kekSecretIn(deps, homeRegion), ...others.map((region) => kekVersionOf(deps, region))],
    keysets,
    scanners: [keysets, ...others.map((region) => keysetsIn(deps, region))],
    trail: trailOf(deps, auditSinkIn(deps, homeRegion)),
  });
}

export function composeBootstrap(deps: Outside): BootstrapUse {
  const { providers, gracePeriodDays } = deps.configuration;
  const [homeRegion, ...others] = regionsHomeFirst(deps.configuration);
  const audit = auditLogIn(deps, homeRegion);
  const trail = trailOf(deps, audit);
  const logGroup = (name: FunctionName): string => functionLogGroup(readService(process.env), name);
  return {
    bootstrap: createBootstrap({
      ...deps,
      secret: kekSecretIn(deps, homeRegion),
      regions: others.map((region) => ({
        region,
        secret: kekSecretIn(deps, region),
        keysets: keysetsIn(deps, region),
      })),
      logGroups: { bootstrap: logGroup('bootstrap'), rotateKek: logGroup('rotate-kek') },
      rotation: kekRotationIn(deps, homeRegion),
      ensureKeysets: createEnsureKeysets({
        ...deps,
        keysets: keysetsIn(deps, homeRegion),
        credentials: credentialsIn(deps, homeRegion),
        audit,
        secrets: secretsFrom(deps, [homeRegion]),
        trail,
        gracePeriodDays,
      }),
      providers,
      trail,
      audit,
    }),
  };
}

/** Calls this region alone: data of another region would prove nothing about it. */
export function composeProveKeyset(deps: Outside): ProveKeysetUse {
  const { region, providers } = deps.configuration;
  const keysets = keysetsIn(deps, region);
  return {
    proveKeyset: createProveKeyset({ keysets, secrets: secretsFrom(deps, [region]) }),
    providers,
    isStored: storedIn(keysets),
    kekVersion: kekSecretIn(deps, region),
  };
}

/** The ports of DEK rotation, all in the home region wherever the process runs. Only audit events are written in its own region. */
export function dekRotationPortsAtHome(deps: Outside): Omit<DekRotationPorts, 'auditSink' | 'region'> {
  const regions = regionsHomeFirst(deps.configuration);
  const [homeRegion, ...others] = regions;
  return {
    ...deps,
    provers: [proverIn(deps, homeRegion), ...others.map((region) => proverIn(deps, region))],
    keysets: keysetsIn(deps, homeRegion),
    secrets: secretsFrom(deps, regions),
    credentials: credentialsIn(deps, homeRegion),
    scanner: credentialScannerIn(deps, homeRegion),
    previousValueDays: deps.configuration.previousValueDays,
    store: dekRotationsIn(deps, homeRegion),
    queue: dekRotationQueueIn(deps, homeRegion),
  };
}

const dekRotationPartsAtHome = (deps: Outside) => {
  const { homeRegion: region } = deps.configuration;
  return createDekRotationParts({ ...dekRotationPortsAtHome(deps), region, auditSink: auditSinkIn(deps, region) });
};

export function composeDekRotationWorker(deps: Outside): DekRotationMessageUse {
  const parts = dekRotationPartsAtHome(deps);
  return {
    serve: createDekRotationMessages(parts).serveMessage,
    providers: deps.configuration.providers,
    isStored: storedIn(parts.ports.keysets),
    shardCount: parts.ports.scanner.shardCount,
  };
}

export function composeSweep(deps: Outside): SweepUse {
  const { homeRegion, providers, kekRotationIntervalDays: intervalDays } = deps.configuration;
  const rotation = kekRotationIn(deps, homeRegion);
  const { resume } = rotation;
  const kek = {
    secret: kekSecretIn(deps, homeRegion),
    rotation,
    rewrapDeks: rewrapDeksAtHome(deps),
    intervalDays,
    ...(resume !== undefined && { resume }),
  };
  const sweeping = { providers, intents: openIntentsIn(deps, homeRegion), kek };
  return { sweep: createDekRotationSweep(dekRotationPartsAtHome(deps), sweeping) };
}
