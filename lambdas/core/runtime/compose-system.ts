import { functionLogGroup } from '../contract/deployed-names';
import { KEK_STEP_MS } from '../contract/function-times';
import type { KekSource } from '../contract/environment';
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
import { createAdvanceKekMove } from '../kek-move/advance-kek-move';
import type { KekHomeStore } from '../kek-move/kek-move-dependencies';
import { createPacedMove } from '../kek-move/paced-move';
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
  kekMovesIn,
  keysetsIn,
  openIntentsIn,
  proverIn,
  regionsHomeFirst,
  rewrapQueueIn,
  dekRotationQueueIn,
  dekRotationsIn,
} from './compose-adapters';
import { kekRotatorIn, kekSecretOf, kekSourcesOf, kekVersionOf, vaultKekToRotate } from './compose-kek-adapters';
import {
  guardInForce,
  guardOf,
  inForce,
  kekReading,
  kekRotationIn,
  kekSecretIn,
  secretsFrom,
} from './compose-kek-homes';
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
  const homes = kekSourcesOf(deps);
  const isKekSecret = (secretId: string): boolean =>
    homes.includes('aws') && isSecretNamed(secretId, kekSecret, homeRegion);
  const stepsOf = (home: KekSource, secret: KekHomeStore) =>
    new RotateKek({ ...parts, secret, moves: guardOf(deps, home) });
  if (!homes.includes('vault')) {
    return { rotateKek: stepsOf('aws', kekSecretOf(deps, 'aws', homeRegion)), isKekSecret };
  }
  const { secret, check } = vaultKekToRotate(deps, homeRegion);
  const moves = guardOf(deps, 'vault');
  const rotateKek = stepsOf('vault', secret);
  const driver = new KekRotationDriver({ ...parts, secret, rotateKek, moves });
  const createFirst = (versionId: string, value: string) => secret.createFirst(versionId, value);
  const rotate = createKekRotator({ ...parts, secret, createFirst, check, driver });
  const rotator = async (begin: boolean): Promise<void> => {
    // Before a first version is written, too.
    await moves.assertMayChange();
    await rotate(begin);
  };
  if (!homes.includes('aws')) return { rotateKek, isKekSecret, rotator };
  const aws = kekSecretOf(deps, 'aws', homeRegion);
  const advance = createAdvanceKekMove({
    ...parts,
    store: kekMovesIn(deps, homeRegion),
    stores: { aws, vault: secret },
    keysets: keysetsIn(deps, homeRegion),
    provers: regionsHomeFirst(deps.configuration).map((region) => proverIn(deps, region)),
    settleMs: KEK_STEP_MS,
  });
  const moveKek = createPacedMove(async () => {
    await check();
    await advance();
  }, deps.clock);
  return { rotateKek: stepsOf('aws', aws), isKekSecret, rotator, moveKek };
}

export const composeRewrapDeks = (deps: Outside): RewrapUse => ({ rewrapDeks: rewrapDeksAtHome(deps) });

/** Rewraps DEKs, for the function that messages call and for the sweep: under the KEK of the home that is in force as it begins. */
function rewrapDeksAtHome(deps: Outside): ReturnType<typeof createRewrapDeks> {
  const [homeRegion, ...others] = regionsHomeFirst(deps.configuration);
  const keysets = keysetsIn(deps, homeRegion);
  const rewrap = inForce(deps, (home) =>
    createRewrapDeks({
      ...deps,
      replicas: [kekSecretOf(deps, home, homeRegion), ...others.map((region) => kekVersionOf(deps, region))],
      keysets,
      scanners: [keysets, ...others.map((region) => keysetsIn(deps, region))],
      moves: guardOf(deps, home),
      trail: trailOf(deps, auditSinkIn(deps, homeRegion)),
    }),
  );
  return async (request) => (await rewrap())(request);
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
        moves: guardInForce(deps),
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
  const { kekHome, ...reading } = kekReading(deps, [region]);
  return {
    proveKeyset: createProveKeyset({ keysets, ...reading }),
    kekHome,
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
    moves: guardInForce(deps),
    ...(resume !== undefined && { resume }),
    ...(kekSourcesOf(deps).length > 1 && { advanceMove: kekRotatorIn(deps, homeRegion).move }),
  };
  const moves = kekMovesIn(deps, homeRegion);
  const sweeping = { providers, intents: openIntentsIn(deps, homeRegion), kek, moves };
  return { sweep: createDekRotationSweep(dekRotationPartsAtHome(deps), sweeping) };
}
