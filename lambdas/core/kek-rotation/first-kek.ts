import { KeywardError, toKeywardError } from '../errors/errors';
import { BOOTSTRAP_ROLE_SPREADS_MS, FIRST_KEK_WAIT_MS } from '../contract/function-times';
import { readKekSecretRecord } from '../crypto/kek-keyset';
import type { OutsideFailure } from '../errors/outside-failure';
import type { Clock } from '../ports/clock';
import type { KekRotation } from './ports/kek-rotation';
import type { KekSecretReplica } from './ports/kek-secret-store';

export interface FirstKekDependencies {
  /** The KEK secret in the home region. */
  readonly secret: KekSecretReplica;
  readonly rotation: KekRotation;
  readonly clock: Clock;
  /** Log groups of these functions, for messages to the operator. */
  readonly logGroups: { readonly bootstrap: string; readonly rotateKek: string };
}

const POLL_MS = 1_000;
/**
 * Interval of the requests for a rotation: a failed one must be requested again; while one is running, a request changes nothing.
 */
const START_EVERY_MS = 60_000;

const REFUSED_PAUSE_MS = 10_000;

/**
 * Waits until the secret holds a KEK, and requests its rotation until then.
 *
 * @throws KeywardError `keys_unavailable`, with one sentence for the operator: if there is none after ten minutes, if Secrets
 *   Manager refuses the calls for two minutes (with the name of the error), or at once if the secret is damaged
 */
export async function awaitFirstKek(deps: FirstKekDependencies): Promise<void> {
  const { clock } = deps;
  const end = clock.now() + FIRST_KEK_WAIT_MS;
  let startAt = clock.now();
  let failure: OutsideFailure | undefined;
  let refusedSince: number | undefined;
  while (clock.now() < end) {
    const state = await stateOfKek(deps.secret);
    if (state === 'there') return;
    if (state !== 'missing') failure = state.outside;
    else if (clock.now() >= startAt) {
      failure = await startKekRotation(deps.rotation);
      startAt = clock.now() + (isRefusal(failure) ? REFUSED_PAUSE_MS : START_EVERY_MS);
    }
    if (!isRefusal(failure)) refusedSince = undefined;
    else if (clock.now() - (refusedSince ??= clock.now()) >= BOOTSTRAP_ROLE_SPREADS_MS) throw refused(deps, failure);
    await clock.sleep(POLL_MS);
  }
  throw noKek(deps, failure);
}

async function startKekRotation(rotation: KekRotation): Promise<OutsideFailure | undefined> {
  try {
    await rotation.start();
    return undefined;
  } catch (thrown) {
    return toKeywardError(thrown).outside;
  }
}

async function stateOfKek(secret: KekSecretReplica): Promise<'there' | 'missing' | KeywardError> {
  let value: string;
  try {
    ({ value } = await secret.current());
  } catch (thrown) {
    const error = toKeywardError(thrown);
    // A store that nothing was ever written to: the rotation writes the first value.
    return error.reason === 'kek_missing' ? 'missing' : error;
  }
  const found = readKekSecretRecord(value);
  if (found === 'kek_missing') return 'missing';
  if (found !== 'kek_damaged') return 'there';
  throw new KeywardError(
    'keys_unavailable',
    'the value of the KEK secret is damaged: nothing was made or changed; restore it from its escrow',
    found,
  );
}

const isRefusal = (failure: OutsideFailure | undefined): failure is OutsideFailure =>
  failure !== undefined && failure.kind !== 'outage';

const describeFailure = ({ service, operation, region, name }: OutsideFailure): string =>
  `${service} in ${region}, ${operation}: ${name}`;

const refused = (deps: FirstKekDependencies, failure: OutsideFailure): KeywardError =>
  new KeywardError(
    'keys_unavailable',
    `there is no first KEK, because calls of bootstrap were refused (${describeFailure(failure)}): ` +
      `look into the log group ${deps.logGroups.bootstrap}, then deploy again`,
    undefined,
    failure,
  );

function noKek({ logGroups }: FirstKekDependencies, failure: OutsideFailure | undefined): KeywardError {
  const [why, where] =
    failure === undefined ? ['', logGroups.rotateKek] : [` (${describeFailure(failure)})`, logGroups.bootstrap];
  const message = `there is no first KEK after ten minutes${why}: look into the log group ${where}, then deploy again`;
  return new KeywardError('keys_unavailable', message, undefined, failure);
}
