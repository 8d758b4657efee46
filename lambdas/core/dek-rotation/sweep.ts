import { DAY_MS, HOUR_MS } from '../contract/time-units';
import type { KeysetRecord } from '../keysets/keyset-record';
import { SWEEP_INTERVAL_MS } from '../contract/function-times';
import { KEK_MISSED_DAYS } from '../contract/protocol-times';
import { parseKekSecretRecord, type KekRecord } from '../crypto/kek-keyset';
import { isProvider } from '../crypto/provider';
import { newId, type Randomness } from '../crypto/randomness';
import type { Clock } from '../ports/clock';
import type { CredentialScanner } from '../credentials/ports/credential-scanner';
import type { KekRotation } from '../kek-rotation/ports/kek-rotation';
import type { KekSecretReplica } from '../kek-rotation/ports/kek-secret-store';
import { failureFields } from '../ports/failure-fields';
import type { KeysetScanner } from '../keysets/ports/keyset-scanner';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';
import type { RewrapRequest } from '../kek-rotation/ports/rewrap-queue';
import type { RotationQueue } from './ports/rotation-queue';
import type { AdvanceRotation } from './advance-rotation';
import type { Caller } from '../ports/caller';
import { systemCaller } from '../ports/system-caller';
import type { KeysetWriter } from '../keysets/keyset-writer';
import type { RotationCommand, StartedRotation } from './start-rotation';

export interface SweepDependencies {
  /** The configured ones. */
  readonly providers: readonly string[];
  /** In the home region. */
  readonly stored: KeysetScanner;
  readonly writer: KeysetWriter;
  readonly scanner: CredentialScanner;
  readonly queue: RotationQueue;
  readonly advance: AdvanceRotation;
  readonly start: (caller: Caller, command: RotationCommand) => Promise<StartedRotation>;
  readonly retireVersions: (caller: Caller, provider: string) => Promise<void>;
  readonly closeIntents: (caller: Caller, providers: readonly string[]) => Promise<number>;
  /** Absent if the KEK does not rotate. */
  readonly kek?: KekUpkeep;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

export interface KekUpkeep {
  /** In the home region. */
  readonly secret: KekSecretReplica;
  readonly rotation: KekRotation;
  readonly rewrapDeks: (request: RewrapRequest) => Promise<'done' | 'not_yet'>;
  readonly intervalDays: number;
}

/** What a sweep could not do: a part of it, and of which provider. */
export interface SweepFailure {
  readonly part: string;
  readonly provider?: string;
  readonly code: string;
}

/**
 * The hourly round: closes what a crash left open, sees to the KEK, starts what is due, does the next step of what is running,
 * moves stragglers, retires and destroys what is ripe, has one shard's previous values erased whose time is over, and reports ages. Running it twice, at once, or after a month's pause
 * does the right thing: every part looks at what is there. A part that fails stops no other.
 *
 * A provider that is stored and not configured any more is brought to rest: its rotation ends, its stragglers move, its intents are
 * closed. Nothing is started for it, and none of its versions is retired or destroyed, because nobody could stop that.
 *
 * @returns what failed; it is logged and counted, and tried again in an hour
 */
export const createSweep = (deps: SweepDependencies) => async (): Promise<readonly SweepFailure[]> => {
  const caller = systemCaller('keyward:sweep', newId(deps.randomness));
  const failures: SweepFailure[] = [];
  const attempt = async (part: string, provider: string | undefined, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (thrown) {
      const fields = failureFields(thrown);
      const named = provider !== undefined && { provider };
      failures.push({ part, code: fields.code, ...named });
      deps.metrics.count('rotation_step_failed');
      deps.logger.error('a part of the sweep failed', { operation: part, ...fields, ...named });
    }
  };
  const providers = new Set(deps.providers);
  await attempt('keysets', undefined, async () => {
    for (const provider of await storedProviders(deps)) providers.add(provider);
    // First, because what the sweep itself writes would cover what a crash left open.
    await attempt('intents', undefined, () => deps.closeIntents(caller, [...providers]));
  });
  const { kek } = deps;
  if (kek !== undefined) await attempt('kek', undefined, () => keepKek(deps, kek));
  const ages: Ages[] = [];
  const expiring = shardOfTheHour(deps.clock.now(), deps.scanner.shardCount);
  // Another one first each hour: should the time run out, it does not always do so for the same.
  const turn = Math.floor(deps.clock.now() / SWEEP_INTERVAL_MS) % Math.max(1, providers.size);
  for (const provider of [...[...providers].slice(turn), ...[...providers].slice(0, turn)]) {
    const isConfigured = deps.providers.includes(provider);
    await attempt('rotation', provider, async () => {
      ages.push(await keepRotation(deps, caller, provider, isConfigured));
    });
    if (isConfigured) await attempt('retirement', provider, () => deps.retireVersions(caller, provider));
    await attempt('expiry', provider, () => deps.queue.send([{ kind: 'expire', provider, shard: expiring }], 0));
  }
  const dekDays = highest(ages.map((each) => each.dekDays));
  if (dekDays !== undefined) deps.metrics.gauge('dek_age_days', dekDays);
  const rotationHours = highest(ages.map((each) => each.rotationHours));
  if (rotationHours !== undefined) deps.metrics.gauge('rotation_age_hours', rotationHours);
  return failures;
};

/**
 * Whose previous values are looked at: each shard again within 31 hours, and within 16 days where only the same hour of each day is
 * seen, as on a machine that is on in the mornings.
 */
const shardOfTheHour = (now: number, shards: number): number =>
  (Math.floor(now / SWEEP_INTERVAL_MS) + Math.floor(now / DAY_MS)) % shards;

/** How old things of a provider are, where they count. */
interface Ages {
  readonly dekDays: number | undefined;
  readonly rotationHours: number | undefined;
}

/** Of all providers: each value of a gauge stands in the place of the one before, so that it is set once a sweep. */
function highest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

/** Of whom there is a keyset. A row under what is no provider's name is an alarm. */
async function storedProviders(deps: SweepDependencies): Promise<readonly string[]> {
  const names = (await deps.stored.all()).map(({ provider }) => provider);
  for (const name of names) {
    if (isProvider(name)) continue;
    deps.metrics.count('keyset_damaged');
    deps.logger.error('a keyset is stored under what is no name of a provider', { operation: 'keysets' });
  }
  return names.filter(isProvider).sort();
}

async function keepRotation(
  deps: SweepDependencies,
  caller: Caller,
  provider: string,
  isConfigured: boolean,
): Promise<Ages> {
  const { record } = await deps.writer.read(provider);
  const now = deps.clock.now();
  // Also without a rotation: a grace period may not have started, or the report of the last one not be finished.
  await deps.advance(provider);
  if (record.rotation === undefined) {
    if (isConfigured && isDue(record, now)) await deps.start(caller, { provider, emergency: false });
    else await queueStragglers(deps, record);
  }
  return {
    // One that is not configured does not rotate, so that its age is no news.
    dekDays: isConfigured ? (now - Date.parse(record.dek_created_at)) / DAY_MS : undefined,
    // Absolute: a start in the future, by a clock that was ahead, holds it up just as much.
    rotationHours: record.rotation && Math.abs(now - Date.parse(record.rotation.started_at)) / HOUR_MS,
  };
}

const isDue = ({ rotation_policy: { enabled, next_rotation_at: next } }: KeysetRecord, now: number): boolean =>
  enabled && Date.parse(next) <= now;

async function queueStragglers(
  deps: SweepDependencies,
  { provider, primary_version: primary }: KeysetRecord,
): Promise<void> {
  if (primary === 1) return;
  const shards = await deps.scanner.shardsWith(provider, 1, primary - 1);
  if (shards.length === 0) return;
  await deps.queue.send(
    shards.map((shard) => ({ kind: 'rekey', provider, rotation_id: null, shard }) as const),
    0,
  );
}

/** Rewraps what is under an old KEK, and asks for the rotation that Secrets Manager has missed. */
async function keepKek({ clock, metrics }: SweepDependencies, kek: KekUpkeep): Promise<void> {
  const { versionId, value } = await kek.secret.current();
  const { primary, keys } = parseKekSecretRecord(value);
  // The check ensures that the primary is among the keys.
  const { created_at: createdAt } = keys[primary] as KekRecord;
  const ageDays = (clock.now() - Date.parse(createdAt)) / DAY_MS;
  metrics.gauge('kek_age_days', ageDays);
  if (ageDays > kek.intervalDays + KEK_MISSED_DAYS) await kek.rotation.start();
  await kek.rewrapDeks({ secret_version_id: versionId, kek_id: primary });
}
