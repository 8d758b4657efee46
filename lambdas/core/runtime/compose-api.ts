import { API_LIMITS, API_PROOF_LIMITS } from '../contract/client-limits';
import { KeywardError, toKeywardError } from '../errors/errors';
import type { Runtime } from '../http/operation';
import type { Caller } from '../ports/caller';
import { AuditTrail } from '../audit/audit-trail';
import { KEK_STEP_MS } from '../contract/function-times';
import { createBeginKekMove } from '../kek-move/begin-kek-move';
import { createAbortKekMove, createFinishKekMove } from '../kek-move/end-kek-move';
import { createRequestKekCopy } from '../kek-move/request-kek-copy';
import { createMoveKek } from '../kek-move/move-kek';
import { createKekOperations } from '../kek-rotation/create-kek-operations';
import { createDekRotationOperations } from '../dek-rotation/create-dek-rotations';
import { createDekRotationParts } from '../dek-rotation/dek-rotation-parts';
import type { KeysetSources } from '../keysets/keyset-directory';
import {
  auditLogIn,
  auditSinkIn,
  credentialsIn,
  groupedAuditSinkIn,
  kekHomeReporterIn,
  kekMovesIn,
  keysetsIn,
  regionsHomeFirst,
  storedProvidersIn,
} from './compose-adapters';
import {
  kekPlaceOf,
  kekRotationOf,
  kekRotatorIn,
  kekSecretOf,
  kekSourcesOf,
  kekVersionOf,
} from './compose-kek-adapters';
import { logPortsIn } from './compose-logs';
import { guardOf, inForce, kekHomesOf, secretsFrom } from './compose-kek-homes';
import { dekRotationPortsAtHome } from './compose-system';
import {
  auditUseCases,
  createSealing,
  credentialUseCases,
  decryptUseCases,
  encryptUseCases,
  keysetUseCases,
  logUseCases,
  readinessUseCases,
  rewrapUseCases,
  type SealingParts,
} from './create-application';
import { lazyRuntime, type Outside } from './lazy-runtime';

/*
 * Composes the functions behind the API, each with what its operations need, so that a bundle leaves out the rest.
 * Audit events are written where the function runs.
 */

/**
 * The runtime of a function behind the API.
 *
 * @returns a function that rejects with KeywardError `internal` if there is no runtime: the fault of the configuration is for the
 *   operator, not for the caller
 */
export function apiRuntime<A>(compose: (deps: Outside) => A): () => Promise<Runtime<A>> {
  const runtime = lazyRuntime({ calls: API_LIMITS, proofs: API_PROOF_LIMITS }, (deps) => ({
    application: compose(deps),
    providers: deps.configuration.providers,
  }));
  return () => {
    try {
      return Promise.resolve(runtime());
    } catch {
      return Promise.reject(toKeywardError(undefined));
    }
  };
}

function keysetSources(deps: Outside): KeysetSources {
  const { region, homeRegion, regions } = deps.configuration;
  const home = keysetsIn(deps, homeRegion);
  return {
    local: region === homeRegion ? home : keysetsIn(deps, region),
    home,
    others: regions.filter((each) => each !== region && each !== homeRegion).map((each) => keysetsIn(deps, each)),
  };
}

function sealing(deps: Outside, auditSinkAt: typeof auditSinkIn): SealingParts {
  const { region, secretsRegions } = deps.configuration;
  return createSealing({
    ...deps,
    region,
    keysets: keysetSources(deps),
    auditSink: auditSinkAt(deps, region),
    secrets: secretsFrom(deps, secretsRegions),
  });
}

const localAuditLog = (deps: Outside) => {
  const { region } = deps.configuration;
  return auditLogIn(deps, region, storedProvidersIn(deps, region));
};

export const composeEncrypt = (deps: Outside) => encryptUseCases(sealing(deps, groupedAuditSinkIn));

export const composeDecrypt = (deps: Outside) => decryptUseCases(sealing(deps, groupedAuditSinkIn));

export const composeRewrap = (deps: Outside) => rewrapUseCases(sealing(deps, groupedAuditSinkIn));

export function composeCredentials(deps: Outside) {
  const { region, homeRegion, previousValueDays } = deps.configuration;
  const home = credentialsIn(deps, homeRegion);
  const local = region === homeRegion ? home : credentialsIn(deps, region);
  return credentialUseCases(sealing(deps, auditSinkIn), { credentials: { local, home }, previousValueDays });
}

export function composeKeys(deps: Outside) {
  const { region, providers } = deps.configuration;
  return keysetUseCases({ keysets: keysetsIn(deps, region), providers });
}

export function composeAudit(deps: Outside) {
  const { region } = deps.configuration;
  const audit = localAuditLog(deps);
  const trail = new AuditTrail({ ...deps, region, sink: auditSinkIn(deps, region) });
  return {
    ...auditUseCases({ keysets: keysetsIn(deps, region), audit, trail, clock: deps.clock }),
    ...logUseCases(logPortsIn(deps), { audit, trail, region }),
  };
}

export const composeHealth = (deps: Outside) =>
  readinessUseCases(sealing(deps, auditSinkIn), {
    audit: localAuditLog(deps),
    providers: deps.configuration.providers,
  });

/** Works on the home region; the KEK is read there first. */
export function composeRotations(deps: Outside) {
  const { clock, configuration } = deps;
  const { region, kekRotationIntervalDays: intervalDays } = configuration;
  const [home, ...others] = regionsHomeFirst(configuration);
  const auditSink = auditSinkIn(deps, region);
  const parts = createDekRotationParts({ ...dekRotationPortsAtHome(deps), region, auditSink });
  const { trail } = parts;
  const store = kekMovesIn(deps, home);
  const kekOperations = inForce(deps, (source) =>
    createKekOperations({
      ...deps,
      ...kekPlaceOf(deps, source, home),
      secret: kekSecretOf(deps, source, home),
      others: others.map((each) => kekVersionOf(deps, each)),
      intervalDays,
      rotation: kekRotationOf(deps, source, home),
      newestMove: store,
      moves: guardOf(deps, source),
      trail,
    }),
  );
  const regions = [home, ...others];
  const reporters = regions.map((each) => kekHomeReporterIn(deps, each));
  const moving = { ...deps, store, homes: kekHomesOf(deps), reporters, trail };
  const request = () => (kekSourcesOf(deps).length > 1 ? kekRotatorIn(deps, home).move() : Promise.reject(oneHome()));
  return {
    moveKek: createMoveKek({
      begin: createBeginKekMove(moving),
      advance: createRequestKekCopy({ store, request, regions, settleMs: KEK_STEP_MS, clock }),
      finish: createFinishKekMove(moving),
      abort: createAbortKekMove(moving),
      trail,
    }),
    ...createDekRotationOperations(parts),
    describeKek: async () => (await kekOperations()).describeKek(),
    requestKekRotation: async (caller: Caller) => (await kekOperations()).requestKekRotation(caller),
  };
}

const oneHome = (): KeywardError =>
  new KeywardError(
    'conflict',
    'a move of the KEK stands, and the configuration names one home: deploy with provider and moving_from as it was begun',
  );
