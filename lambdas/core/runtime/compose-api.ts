import { API_LIMITS, API_PROOF_LIMITS } from '../contract/client-limits';
import { toKeywardError } from '../errors/errors';
import type { Runtime } from '../http/operation';
import { createRotationOperations } from '../dek-rotation/create-rotations';
import { createRotationParts } from '../dek-rotation/rotation-parts';
import type { KeysetSources } from '../keysets/keyset-directory';
import { auditLogIn, auditSinkIn, credentialsIn, keysetsIn, secretsFrom, storedProvidersIn } from './compose-adapters';
import { rotationPortsAtHome } from './compose-system';
import {
  auditUseCases,
  createSealing,
  credentialUseCases,
  decryptUseCases,
  encryptUseCases,
  keysetUseCases,
  readinessUseCases,
  rewrapUseCases,
  type SealingParts,
} from './create-application';
import { lazyRuntime, type Outside } from './lazy-runtime';

/*
 * The functions behind the API, each composed by a function of its own of what its operations need: a bundle leaves out the rest.
 * Audit events are written where the function runs.
 */

/**
 * The runtime of a function behind the API.
 *
 * @returns a function that rejects with KeywardError `internal` where there is no runtime: what is wrong with the configuration is
 *   for the operator, not for the caller
 */
export function apiRuntime<A>(compose: (on: Outside) => A): () => Promise<Runtime<A>> {
  const runtime = lazyRuntime({ calls: API_LIMITS, proofs: API_PROOF_LIMITS }, (on) => ({
    application: compose(on),
    providers: on.configuration.providers,
  }));
  return () => {
    try {
      return Promise.resolve(runtime());
    } catch {
      return Promise.reject(toKeywardError(undefined));
    }
  };
}

function keysetSources(on: Outside): KeysetSources {
  const { region, homeRegion, regions } = on.configuration;
  const home = keysetsIn(on, homeRegion);
  return {
    local: region === homeRegion ? home : keysetsIn(on, region),
    home,
    others: regions.filter((each) => each !== region && each !== homeRegion).map((each) => keysetsIn(on, each)),
  };
}

const sealing = (on: Outside): SealingParts => {
  const { region, secretsRegions } = on.configuration;
  return createSealing({
    ...on,
    region,
    keysets: keysetSources(on),
    auditSink: auditSinkIn(on, region),
    secrets: secretsFrom(on, secretsRegions),
  });
};

const localAuditLog = (on: Outside) => {
  const { region } = on.configuration;
  return auditLogIn(on, region, storedProvidersIn(on, region));
};

export const composeEncrypt = (on: Outside) => encryptUseCases(sealing(on));

export const composeDecrypt = (on: Outside) => decryptUseCases(sealing(on));

export const composeRewrap = (on: Outside) => rewrapUseCases(sealing(on));

export function composeCredentials(on: Outside) {
  const { region, homeRegion, previousValueDays } = on.configuration;
  const home = credentialsIn(on, homeRegion);
  const local = region === homeRegion ? home : credentialsIn(on, region);
  return credentialUseCases(sealing(on), { credentials: { local, home }, previousValueDays });
}

export function composeKeys(on: Outside) {
  const { region, providers } = on.configuration;
  return keysetUseCases({ keysets: keysetsIn(on, region), providers });
}

export function composeAudit(on: Outside) {
  const { region } = on.configuration;
  return auditUseCases({ keysets: keysetsIn(on, region), audit: localAuditLog(on), clock: on.clock });
}

export const composeHealth = (on: Outside) =>
  readinessUseCases(sealing(on), { audit: localAuditLog(on), providers: on.configuration.providers });

/** Works on the home region; the KEK is read there first. */
export function composeRotations(on: Outside) {
  const { region } = on.configuration;
  return createRotationOperations(
    createRotationParts({ ...rotationPortsAtHome(on), region, auditSink: auditSinkIn(on, region) }),
  );
}
