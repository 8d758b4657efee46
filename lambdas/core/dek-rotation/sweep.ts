import { DAY_MS, HOUR_MS } from '../contract/time-units';
import type { KeysetRecord } from '../keysets/keyset-record';
import { SWEEP_INTERVAL_MS } from '../contract/function-times';
import { KEK_MISSED_DAYS } from '../contract/protocol-times';
import { parseKekSecretRecord, type KekRecord } from '../crypto/kek-keyset';
import { isProvider } from '../crypto/provider';
import { newId, type Randomness } from '../crypto/randomness';
import type { Clock } from '../ports/clock';
import type { CredentialScanner } from '../credentials/ports/credential-scanner';
import type { KekMoveGuard } from '../kek-move/kek-move-guard';
import type { KekRotation } from '../kek-rotation/ports/kek-rotation';
import type { KekSecretReplica } from '../kek-rotation/ports/kek-secret-store';
import { failureFields } from '../ports/failure-fields';
import type { KeysetScanner } from '../keysets/ports/keyset-scanner';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';
import type { RewrapRequest } from '../kek-rotation/ports/rewrap-queue';
import type { DekRotationQueue } from './ports/dek-rotation-queue';
import type { AdvanceDekRotation } from './advance-dek-rotation';
import type { Caller } from '../ports/caller';
import { systemCaller } from '../ports/system-caller';
import type { KeysetWriter } from '../keysets/keyset-writer';
import type { DekRotationCommand, StartedDekRotation } from './start-dek-rotation';

export interface SweepDependencies {
  /** The configured providers. */
  readonly providers: readonly string[];
  /** In the home region. */
  readonly stored: KeysetScanner;
  readonly writer: KeysetWriter;
  readonly scanner: CredentialScanner;
  readonly queue: DekRotationQueue;
  readonly advance: AdvanceDekRotation;
  readonly start: (caller: Caller, command: DekRotationCommand) => Promise<StartedDekRotation>;
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
  /** Left out: the KEK cannot be moved. */
  readonly moves?: Pick<KekMoveGuard, 'mayChange'>;
  /** Goes on with a move of the KEK. */
  readonly advanceMove?: () => Promise<unknown>;
  /** Goes on with a pending rotation where Keyward drives it: then the sweep is the clock, and not only notices a missed one. */
  readonly resume?: () => Promise<void>;
}

/** A failed part of a sweep, and its provider. */
export interface SweepFailure {
  readonly part: string;
  readonly provider?: string;
  readonly code: string;
}

/**
 * The sweep: closes intents that a crash left open, checks the KEK, starts rotations that are due, advances running ones, rekeys
 * stragglers, retires and destroys versions that are due, has the expired previous values of one shard erased, and reports ages.
 * Safe to run twice, concurrently or after a long pause: every part decides by the current state. A failing part stops no other.
 *
 * For a provider that is stored but no longer configured it only finishes work: its rotation ends, its stragglers are rekeyed,
 * its intents closed. Nothing is started, and no version is retired or destroyed, because no operator could stop that.
 *
 * @returns the failed parts, which are logged, counted and retried in an hour
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
      deps.metrics.count('sweep_part_failed');
      deps.logger.error('a part of the sweep failed', { operation: part, ...fields, ...named });
    }
  };
  const providers = new Set(deps.providers);
  await attempt('keysets', undefined, async () => {
    for (const provider of await storedProviders(deps)) providers.add(provider);
    // First, because the sweep's own writes would cover intents that a crash left open.
    await attempt('intents', undefined, () => deps.closeIntents(caller, [...providers]));
  });
  const { kek } = deps;
  if (kek !== undefined) await attempt('kek', undefined, () => keepKek(deps, kek));
  const ages: Ages[] = [];
  const expiring = shardOfTheHour(deps.clock.now(), deps.scanner.shardCount);
  // Begins with another provider each hour: if the time runs out, it is not always for the same ones.
  const turn = Math.floor(deps.clock.now() / SWEEP_INTERVAL_MS) % Math.max(1, providers.size);
  for (const provider of [...[...providers].slice(turn), ...[...providers].slice(0, turn)]) {
    const isConfigured = deps.providers.includes(provider);
    await attempt('rotation', provider, async () => {
      ages.push(await keepDekRotation(deps, caller, provider, isConfigured));
    });
    if (isConfigured) await attempt('retirement', provider, () => deps.retireVersions(caller, provider));
    await attempt('expiry', provider, () => deps.queue.send([{ kind: 'expire', provider, shard: expiring }], 0));
  }
  const dekDays = highest(ages.map((each) => each.dekDays));
  if (dekDays !== undefined) deps.metrics.gauge('dek_age_days', dekDays);
  const dekRotationHours = highest(ages.map((each) => each.dekRotationHours));
  if (dekRotationHours !== undefined) deps.metrics.gauge('dek_rotation_age_hours', dekRotationHours);
  return failures;
};

/**
 * The shard whose previous values are checked: each shard once within 31 hours, or within 16 days if the sweep runs only at the
 * same hour of each day, as on a machine that is on in the mornings.
 */
const shardOfTheHour = (now: number, shards: number): number =>
  (Math.floor(now / SWEEP_INTERVAL_MS) + Math.floor(now / DAY_MS)) % shards;

/** Ages of a provider's DEK and rotation. */
interface Ages {
  readonly dekDays: number | undefined;
  readonly dekRotationHours: number | undefined;
}

/** The highest value over all providers: a gauge keeps its last value alone, so it is set once per sweep. */
function highest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

/** The providers that have a keyset. A row with an invalid provider name raises an alarm. */
async function storedProviders(deps: SweepDependencies): Promise<readonly string[]> {
  const names = (await deps.stored.all()).map(({ provider }) => provider);
  for (const name of names) {
    if (isProvider(name)) continue;
    deps.metrics.count('keyset_damaged');
    deps.logger.error('a keyset is stored under an invalid provider name', { operation: 'keysets' });
  }
  return names.filter(isProvider).sort();
}

async function keepDekRotation(
  deps: SweepDependencies,
  caller: Caller,
  provider: string,
  isConfigured: boolean,
): Promise<Ages> {
  const { record } = await deps.writer.read(provider);
  const now = deps.clock.now();
  // Also without a rotation: a grace period may not have started, or the last report may be unfinished.
  await deps.advance(provider);
  if (record.rotation === undefined) {
    if (isConfigured && isDue(record, now)) await deps.start(caller, { provider, emergency: false });
    else await queueStragglers(deps, record);
  }
  return {
    // A provider that is not configured does not rotate, so its age does not count.
    dekDays: isConfigured ? (now - Date.parse(record.dek_created_at)) / DAY_MS : undefined,
    // Absolute: a start in the future, by a clock that was ahead, delays the rotation just as much.
    dekRotationHours: record.rotation && Math.abs(now - Date.parse(record.rotation.started_at)) / HOUR_MS,
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

/**
 * Rewraps keysets under an old KEK, and requests a KEK rotation that Secrets Manager missed. While the KEK is being moved it goes
 * on with the move instead, and an overdue rotation raises its alarm by the KEK's age.
 */
async function keepKek({ clock, metrics, logger }: SweepDependencies, kek: KekUpkeep): Promise<void> {
  const mayChange = (await kek.moves?.mayChange()) ?? true;
  if (mayChange) await kek.resume?.();
  const { versionId, value } = await kek.secret.current();
  const { primary, keys } = parseKekSecretRecord(value);
  // The check ensures that the primary is among the keys.
  const { created_at: createdAt } = keys[primary] as KekRecord;
  const ageDays = (clock.now() - Date.parse(createdAt)) / DAY_MS;
  metrics.gauge('kek_age_days', ageDays);
  const missedDays = kek.resume === undefined ? KEK_MISSED_DAYS : 0;
  const isOverdue = ageDays > kek.intervalDays + missedDays;
  if (!mayChange) {
    if (isOverdue)
      logger.error('the KEK is due for its rotation, which waits for the end of a move', { operation: 'kek' });
    await kek.advanceMove?.();
    return;
  }
  if (isOverdue) await kek.rotation.start();
  await kek.rewrapDeks({ secret_version_id: versionId, kek_id: primary });
}
