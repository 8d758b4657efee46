import type { KeysetRecord } from '../domain/dek-keyset';
import { DAY_MS } from '../domain/dek-keyset';
import { parseKekSecretRecord, type KekRecord } from '../domain/kek-keyset';
import { newId, type Randomness } from '../domain/randomness';
import type { Clock } from '../ports/clock';
import type { CredentialScanner } from '../ports/credential-scanner';
import type { KekRotation } from '../ports/kek-rotation';
import type { KekSecretReplica } from '../ports/kek-secret-store';
import { failureFields } from '../ports/failure-fields';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';
import type { RewrapRequest } from '../ports/rewrap-queue';
import type { RotationQueue } from '../ports/rotation-queue';
import type { AdvanceRotation } from './advance-rotation';
import type { Caller } from './caller';
import type { KeysetWriter } from './keyset-writer';
import type { RotationCommand, StartedRotation } from './start-rotation';

export interface SweepDependencies {
  readonly providers: readonly string[];
  readonly writer: KeysetWriter;
  readonly scanner: CredentialScanner;
  readonly queue: RotationQueue;
  readonly advance: AdvanceRotation;
  readonly start: (caller: Caller, command: RotationCommand) => Promise<StartedRotation>;
  readonly retireVersions: (caller: Caller, provider: string) => Promise<void>;
  readonly closeIntents: (caller: Caller) => Promise<number>;
  /** Absent where the KEK does not rotate. */
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

const HOUR_MS = 3_600_000;

/** The schedule rotates on the first of a month; so many days later it has missed it. */
const KEK_MARGIN_DAYS = 5;

/**
 * The hourly round: closes what a crash left open, sees to the KEK, starts what is due, does the next step of what is running,
 * moves stragglers, retires and destroys what is ripe, and reports ages. Running it twice, at once, or after a month's pause
 * does the right thing: every part looks at what is there. A part that fails stops no other.
 *
 * @returns what failed; it is logged and counted, and tried again in an hour
 */
export const createSweep = (on: SweepDependencies) => async (): Promise<readonly SweepFailure[]> => {
  const caller: Caller = {
    user_id: 'keyward:sweep',
    ip_address: null,
    user_agent: null,
    request_id: newId(on.randomness),
  };
  const failures: SweepFailure[] = [];
  const attempt = async (part: string, provider: string | undefined, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (thrown) {
      const fields = failureFields(thrown);
      const named = provider !== undefined && { provider };
      failures.push({ part, code: fields.code, ...named });
      on.metrics.count('rotation_step_failed');
      on.logger.error('a part of the sweep failed', { operation: part, ...fields, ...named });
    }
  };
  // First, because what the sweep itself writes would cover what a crash left open.
  await attempt('intents', undefined, () => on.closeIntents(caller));
  const { kek } = on;
  if (kek !== undefined) await attempt('kek', undefined, () => keepKek(on, kek));
  const ages: number[] = [];
  // Another one first each hour: should the time run out, it does not always do so for the same.
  const turn = Math.floor(on.clock.now() / HOUR_MS) % Math.max(1, on.providers.length);
  for (const provider of [...on.providers.slice(turn), ...on.providers.slice(0, turn)]) {
    await attempt('rotation', provider, async () => {
      ages.push(await keepRotation(on, caller, provider));
    });
    await attempt('retirement', provider, () => on.retireVersions(caller, provider));
  }
  if (ages.length > 0) on.metrics.gauge('dek_age_days', Math.max(...ages));
  return failures;
};

/** @returns the age of the provider's primary DEK in days */
async function keepRotation(on: SweepDependencies, caller: Caller, provider: string): Promise<number> {
  const { record } = await on.writer.read(provider);
  const now = on.clock.now();
  // Also without a rotation: a grace period may not have started, or the report of the last one not be finished.
  await on.advance(provider);
  if (record.rotation !== undefined) {
    // Absolute: a start in the future, by a clock that was ahead, holds it up just as much.
    on.metrics.gauge('rotation_age_hours', Math.abs(now - Date.parse(record.rotation.started_at)) / HOUR_MS);
  } else if (isDue(record, now)) {
    await on.start(caller, { provider, emergency: false });
  } else {
    await queueStragglers(on, record);
  }
  return (now - Date.parse(record.dek_created_at)) / DAY_MS;
}

const isDue = ({ rotation_policy: { enabled, next_rotation_at: next } }: KeysetRecord, now: number): boolean =>
  enabled && Date.parse(next) <= now;

async function queueStragglers(
  on: SweepDependencies,
  { provider, primary_version: primary }: KeysetRecord,
): Promise<void> {
  if (primary === 1) return;
  const shards = await on.scanner.shardsWith(provider, 1, primary - 1);
  if (shards.length === 0) return;
  await on.queue.send(
    shards.map((shard) => ({ kind: 'rekey', provider, rotation_id: null, shard }) as const),
    0,
  );
}

/** Rewraps what is under an old KEK, and asks for the rotation that Secrets Manager has missed. */
async function keepKek({ clock, metrics }: SweepDependencies, kek: KekUpkeep): Promise<void> {
  const { versionId, value } = await kek.secret.current();
  const { primary, keys } = parseKekSecretRecord(value);
  // The record was checked: its primary is among its keys.
  const { created_at: createdAt } = keys[primary] as KekRecord;
  const ageDays = (clock.now() - Date.parse(createdAt)) / DAY_MS;
  metrics.gauge('kek_age_days', ageDays);
  if (ageDays > kek.intervalDays + KEK_MARGIN_DAYS) await kek.rotation.start();
  await kek.rewrapDeks({ secret_version_id: versionId, kek_id: primary });
}
