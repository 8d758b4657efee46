import { KeywardError } from '../domain/errors';
import { parseKekSecretRecord } from '../domain/kek-keyset';
import type { Clock } from '../ports/clock';
import type { KekRotation } from '../ports/kek-rotation';
import type { KekSecretReplica } from '../ports/kek-secret-store';
import type { Metrics } from '../ports/metrics';
import type { KeysetStatus } from './ensure-keysets';

export interface BootstrapDependencies {
  /** The KEK secret in the home region. */
  readonly secret: KekSecretReplica;
  readonly rotation: KekRotation;
  readonly ensureKeysets: (providers: readonly string[], user: string) => Promise<readonly KeysetStatus[]>;
  readonly providers: readonly string[];
  readonly clock: Clock;
  readonly metrics: Metrics;
}

const SYSTEM = 'keyward:bootstrap';

/** Ten minutes in all, which leaves a Lambda function time to answer within its fifteen. */
const POLL_MS = 1_000;
const POLLS = 600;
/** A rotation that failed has to be asked for again; while one is running, asking changes nothing. */
const POLLS_PER_START = 60;

/** A keyset that could not be made or told of is tried again: the secret and the tables may lag a moment. */
const KEYSET_ATTEMPTS = 3;
const KEYSET_PAUSE_MS = 2_000;

/**
 * What a deployment needs before it can serve: a first KEK, and a keyset for every provider. Changes nothing that is
 * there. Running it again, at once, or after a crash at any point is safe.
 *
 * @throws KeywardError, one sentence for whoever deploys: `keys_unavailable` where there is no usable KEK within ten minutes,
 *   or where providers, which it names, have no usable keyset
 */
export const createBootstrap = (on: BootstrapDependencies) => async (): Promise<readonly KeysetStatus[]> => {
  try {
    await firstKek(on);
    return await allKeysets(on);
  } catch (thrown) {
    on.metrics.count('bootstrap_failed');
    throw thrown;
  }
};

async function firstKek(on: BootstrapDependencies): Promise<void> {
  let missing = 0;
  for (let poll = 0; poll < POLLS; poll += 1) {
    const state = await stateOfKek(on.secret);
    if (state === 'there') return;
    if (state === 'missing') {
      if (missing % POLLS_PER_START === 0) await on.rotation.start().catch(() => undefined);
      missing += 1;
    }
    await on.clock.sleep(POLL_MS);
  }
  throw new KeywardError(
    'keys_unavailable',
    'there is no first KEK after ten minutes: look into the log of the function rotate-kek, then deploy again',
  );
}

async function stateOfKek(secret: KekSecretReplica): Promise<'there' | 'missing' | 'unknown'> {
  let value: string;
  try {
    ({ value } = await secret.current());
  } catch {
    return 'unknown';
  }
  try {
    parseKekSecretRecord(value);
    return 'there';
  } catch (thrown) {
    if (thrown instanceof KeywardError && thrown.reason === 'kek_missing') return 'missing';
    throw new KeywardError(
      'keys_unavailable',
      'the value of the KEK secret is damaged: nothing was made or changed, restore it from its escrow',
      'kek_damaged',
    );
  }
}

async function allKeysets(on: BootstrapDependencies): Promise<readonly KeysetStatus[]> {
  let statuses = await on.ensureKeysets(on.providers, SYSTEM);
  for (let attempt = 1; attempt < KEYSET_ATTEMPTS; attempt += 1) {
    if (!statuses.some(({ status }) => status === 'failed')) break;
    await on.clock.sleep(KEYSET_PAUSE_MS);
    statuses = await on.ensureKeysets(on.providers, SYSTEM);
  }
  const bad = statuses.filter(({ status }) => status !== 'ready' && status !== 'created');
  if (bad.some(({ status }) => status === 'damaged')) on.metrics.count('keyset_damaged');
  if (bad.length === 0) return statuses;
  const named = bad.map(({ provider, status }) => `${provider} (${status})`).join(', ');
  throw new KeywardError('keys_unavailable', `these providers have no usable keyset, and got no fresh one: ${named}`);
}
