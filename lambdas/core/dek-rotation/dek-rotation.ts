import { INTERVALS_DAYS, INTERVALS_DESCRIPTION } from '../contract/limits';
import { DAY_MS } from '../contract/time-units';
import { nextVersion, signKeyset } from '../keysets/dek-keyset';
import type { StepContext } from '../keysets/step-context';
import { destructionDue } from './when-version-may-be-destroyed';
import type {
  DekVersionRecord,
  IdempotencyMark,
  KeysetRecord,
  DekRotationOutcome,
  RunningDekRotation,
  Escalation,
} from '../keysets/keyset-record';
import { invalidRequest } from '../errors/errors';
import { newId } from '../crypto/randomness';
import { newTimedId } from '../crypto/timed-id';
import { wrapNewDek } from '../crypto/wrapped-dek';

/*
 * The steps of a provider's DEK rotation, from one verified keyset to the next. Each is pure and returns the next revision.
 * Each throws RangeError if the record is not in the state that it starts from, because the use case must check that.
 */

/** The start of a rotation. */
export interface DekRotationStart {
  readonly id: string;
  readonly emergency: boolean;
  readonly started_by: string;
  readonly reason?: string;
  readonly idempotency?: IdempotencyMark;
}

/** Makes a rotation's id, which begins with its start. */
export const newDekRotationId = newTimedId;

/**
 * Adds a new version as `pending` and records the rotation. An emergency supersedes a rotation in phase `rekeying`; {@link
 * makeEmergency} escalates one in phase `publishing`.
 */
export function publishVersion(record: KeysetRecord, start: DekRotationStart, deps: StepContext): KeysetRecord {
  const { rotation } = record;
  demand(rotation === undefined || (start.emergency && rotation.phase === 'rekeying'));
  const version = nextVersion(record);
  const startedAt = isoTime(deps.now);
  const pending: DekVersionRecord = {
    state: 'pending',
    created_at: startedAt,
    encrypted_dek: wrapNewDek(deps.kek, record.provider, version, deps.randomness),
  };
  return nextRevision(
    {
      ...record,
      versions: { ...record.versions, [version]: pending },
      rotation: {
        ...start,
        phase: 'publishing',
        version,
        from_version: record.primary_version,
        started_at: startedAt,
      },
      ...(rotation !== undefined && { last_rotation: ended(rotation.id, 'superseded', deps.now) }),
    },
    deps,
  );
}

/** Makes the rotation in phase `publishing` an emergency. */
export function makeEmergency(record: KeysetRecord, takeover: Omit<Escalation, 'at'>, deps: StepContext): KeysetRecord {
  const { rotation } = record;
  demand(rotation?.phase === 'publishing' && !rotation.emergency);
  return nextRevision(
    { ...record, rotation: { ...rotation, emergency: true, takeover: { ...takeover, at: isoTime(deps.now) } } },
    deps,
  );
}

/**
 * Makes the pending version the primary. The version before it becomes `decrypt_only`; its grace period starts later, with {@link
 * startGrace}. In an emergency it becomes `rewrap_only`, and so does every version in its grace period, because any of them may
 * have leaked.
 */
export function promoteVersion(record: KeysetRecord, deps: StepContext): KeysetRecord {
  const { rotation } = record;
  demand(rotation?.phase === 'publishing');
  const at = isoTime(deps.now);
  const { emergency, version } = rotation;
  const retired = { state: 'rewrap_only', retired_at: at } as const;
  const versions = mapVersions(record, (entry, number) => {
    if (number === version) return { ...entry, state: 'primary', promoted_at: at };
    if (entry.state === 'primary') {
      return { ...entry, superseded_at: at, ...(emergency ? retired : { state: 'decrypt_only' }) };
    }
    return emergency && entry.state === 'decrypt_only' ? { ...entry, ...retired } : entry;
  });
  return nextRevision(
    {
      ...record,
      versions,
      primary_version: version,
      dek_created_at: (record.versions[version] as DekVersionRecord).created_at,
      dek_rotation_count: record.dek_rotation_count + 1,
      rotation: { ...rotation, phase: 'rekeying', promoted_at: at },
      rotation_policy: {
        ...record.rotation_policy,
        last_rotation_at: at,
        next_rotation_at: isoTime(deps.now + record.rotation_policy.interval_days * DAY_MS),
      },
    },
    deps,
  );
}

/** The superseded versions whose grace period has not started. */
export const awaitsGrace = (record: KeysetRecord): boolean =>
  Object.values(record.versions).some((entry) => entry.state === 'decrypt_only' && entry.grace_until === undefined);

/** Starts the grace period of every superseded version: every region has acknowledged the promotion. */
export function startGrace(record: KeysetRecord, deps: StepContext): KeysetRecord {
  demand(awaitsGrace(record));
  const until = isoTime(deps.now + record.rotation_policy.grace_period_days * DAY_MS);
  const versions = mapVersions(record, (entry) =>
    entry.state === 'decrypt_only' && entry.grace_until === undefined ? { ...entry, grace_until: until } : entry,
  );
  return nextRevision({ ...record, versions }, deps);
}

/** Aborts a rotation that is not promoted. Removes its version, which never sealed anything; its number is not used again. */
export function abortRotation(record: KeysetRecord, deps: StepContext): KeysetRecord {
  const { rotation } = record;
  demand(rotation?.phase === 'publishing');
  const versions = Object.entries(record.versions).filter(([number]) => Number(number) !== rotation.version);
  return withoutRotation(
    { ...record, versions: Object.fromEntries(versions), highest_version: rotation.version },
    'aborted',
    deps,
  );
}

/**
 * Ends a rotation whose credentials have been rekeyed.
 *
 * @param verified true if consistent passes found no credential under another version than the primary
 */
export function endDekRotation(record: KeysetRecord, verified: boolean, deps: StepContext): KeysetRecord {
  demand(record.rotation?.phase === 'rekeying');
  const at = isoTime(deps.now);
  const versions = mapVersions(record, (entry) =>
    verified && isOld(entry) && entry.unreferenced_since === undefined ? { ...entry, unreferenced_since: at } : entry,
  );
  return withoutRotation({ ...record, versions }, verified ? 'completed' : 'completed_with_failures', deps);
}

/** Retires a version: its tokens open only for a rewrap. */
export function retireVersion(record: KeysetRecord, version: number, deps: StepContext): KeysetRecord {
  return changeVersion(record, version, deps, (entry) => {
    demand(entry.state === 'decrypt_only');
    return {
      ...entry,
      state: 'rewrap_only',
      retired_at: isoTime(deps.now),
      unreferenced_since: entry.unreferenced_since ?? isoTime(deps.now),
    };
  });
}

/** Records whether a consistent pass found credentials under an old version. */
export function noteReferences(
  record: KeysetRecord,
  version: number,
  referenced: boolean,
  deps: StepContext,
): KeysetRecord {
  return changeVersion(record, version, deps, (entry) => {
    demand(isOld(entry));
    const { unreferenced_since: since, ...rest } = entry;
    return referenced ? rest : { ...rest, unreferenced_since: since ?? isoTime(deps.now) };
  });
}

/** Schedules the destruction of a retired version. */
export function scheduleDestruction(
  record: KeysetRecord,
  version: number,
  windowDays: number,
  deps: StepContext,
): KeysetRecord {
  return changeVersion(record, version, deps, (entry) => {
    demand(entry.state === 'rewrap_only' && entry.destruction === undefined);
    const destruction = { scheduled_at: isoTime(deps.now), not_before: isoTime(deps.now + windowDays * DAY_MS) };
    return { ...entry, destruction };
  });
}

export function cancelDestruction(record: KeysetRecord, version: number, deps: StepContext): KeysetRecord {
  return changeVersion(record, version, deps, ({ destruction, ...entry }) => {
    demand(destruction !== undefined && entry.state !== 'destroyed');
    return entry;
  });
}

/** Destroys a version: removes its key. */
export function destroyVersion(record: KeysetRecord, version: number, deps: StepContext): KeysetRecord {
  return changeVersion(record, version, deps, (entry) => {
    demand((destructionDue(entry) ?? Infinity) <= deps.now);
    return withoutKey(entry, deps.now);
  });
}

/** A policy that an operator sets. The next rotation is computed from the last one, or from the key's age. */
export interface PolicyChange {
  readonly enabled: boolean;
  readonly interval_days: number;
  readonly grace_period_days: number;
}

/** @throws KeywardError `invalid_request`, naming the member */
export function checkPolicy({ interval_days: interval, grace_period_days: grace }: PolicyChange): void {
  if (!INTERVALS_DAYS.some((days) => days === interval)) {
    throw invalidRequest(`interval_days must be ${INTERVALS_DESCRIPTION}`);
  }
  if (!Number.isInteger(grace) || grace < 0) throw invalidRequest('grace_period_days must be a whole number from 0');
  if (grace > interval) throw invalidRequest('grace_period_days must not be longer than interval_days');
}

export function changePolicy(record: KeysetRecord, change: PolicyChange, deps: StepContext): KeysetRecord {
  const { last_rotation_at: last } = record.rotation_policy;
  const next = Date.parse(last ?? record.dek_created_at) + change.interval_days * DAY_MS;
  return nextRevision(
    { ...record, rotation_policy: { ...change, last_rotation_at: last, next_rotation_at: isoTime(next) } },
    deps,
  );
}

/** When a rotation in phase `rekeying` was promoted, in milliseconds since 1970. */
export const promotionOf = ({ promoted_at: at }: RunningDekRotation): number => Date.parse(at as string);

/** Whether a version still has a key and is neither pending nor the primary. */
export const isOld = (entry: DekVersionRecord): boolean =>
  entry.state === 'decrypt_only' || entry.state === 'rewrap_only';

const isoTime = (ms: number): string => new Date(ms).toISOString();

const ended = (id: string, outcome: DekRotationOutcome, now: number) => ({ id, outcome, ended_at: isoTime(now) });

function demand(holds: boolean): asserts holds {
  if (!holds) throw new RangeError('the keyset is not in the state that this step starts from');
}

/** The record of a destroyed version: small, because it is never removed. */
const withoutKey = ({ created_at }: DekVersionRecord, now: number): DekVersionRecord => ({
  state: 'destroyed',
  created_at,
  destroyed_at: isoTime(now),
});

function withoutRotation(record: KeysetRecord, outcome: DekRotationOutcome, deps: StepContext): KeysetRecord {
  const { rotation, ...rest } = record;
  return nextRevision(
    { ...(rest as KeysetRecord), ...(rotation && { last_rotation: ended(rotation.id, outcome, deps.now) }) },
    deps,
  );
}

const mapVersions = (
  record: KeysetRecord,
  map: (entry: DekVersionRecord, version: number) => DekVersionRecord,
): KeysetRecord['versions'] =>
  Object.fromEntries(
    Object.entries(record.versions).map(([number, entry]): [string, DekVersionRecord] => [
      number,
      map(entry, Number(number)),
    ]),
  );

function changeVersion(
  record: KeysetRecord,
  version: number,
  deps: StepContext,
  change: (entry: DekVersionRecord) => DekVersionRecord,
): KeysetRecord {
  demand(Object.hasOwn(record.versions, String(version)));
  const versions = mapVersions(record, (entry, number) => (number === version ? change(entry) : entry));
  return nextRevision({ ...record, versions }, deps);
}

const nextRevision = (record: KeysetRecord, { kek, randomness }: StepContext): KeysetRecord =>
  signKeyset({ ...record, revision: record.revision + 1, write_id: newId(randomness) }, kek);
