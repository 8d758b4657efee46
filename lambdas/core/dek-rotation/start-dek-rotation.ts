import type { StepContext } from '../keysets/step-context';
import { createHash } from 'node:crypto';
import { DAY_MS } from '../contract/time-units';
import { PUBLISH_MS } from '../contract/protocol-times';
import type { IdempotencyMark, KeysetRecord, RunningDekRotation } from '../keysets/keyset-record';
import { makeEmergency, newDekRotationId, publishVersion, type DekRotationStart } from './dek-rotation';
import { KeywardError } from '../errors/errors';
import { givenReason, type Reasoned } from './given-reason';
import { intactReport, type DekRotationReport } from './dek-rotation-report';
import type { Clock } from '../ports/clock';
import { failureFields } from '../ports/failure-fields';
import type { Logger } from '../ports/logger';
import type { DekRotationQueue } from './ports/dek-rotation-queue';
import type { DekRotationStore } from './ports/dek-rotation-store';
import type { AdvanceDekRotation } from './advance-dek-rotation';
import type { AuditTrail } from '../audit/audit-trail';
import type { Caller } from '../ports/caller';
import type { KeysetChange, KeysetWriter } from '../keysets/keyset-writer';
import { changeInStep, readInStep } from './dek-rotation-in-step';
import type { DekRotationReports } from './dek-rotation-reports';

export interface StartDekRotationDependencies {
  readonly writer: KeysetWriter;
  readonly reports: DekRotationReports;
  readonly store: DekRotationStore;
  readonly advance: AdvanceDekRotation;
  readonly queue: DekRotationQueue;
  readonly trail: AuditTrail;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface DekRotationCommand extends Reasoned {
  readonly provider: string;
  readonly emergency: boolean;
  /** The same request by the same caller with the same key within a day returns the same rotation. */
  readonly idempotency_key?: string;
}

/** The id of the started rotation, or of the running one. */
export type StartedDekRotation =
  | { readonly kind: 'started'; readonly rotation_id: string }
  | { readonly kind: 'running'; readonly rotation_id: string };

/** Number and age of a provider's last rotations that are searched for an Idempotency-Key. */
const REMEMBERED_ROTATIONS = 20;
const REMEMBERED_MS = DAY_MS;

/** With more versions the keyset record comes near DynamoDB's item limit; an emergency is still allowed. */
const MOST_VERSIONS = 500;
export const TOO_MANY_VERSIONS = 'the provider has too many key versions; destroy old ones first';

/** Delay of the first message: by then every process has read the new version. */
const FIRST_ADVANCE_S = Math.ceil(PUBLISH_MS / 1000) + 1;
/** Delay of an emergency's message, which is needed if the promotion before the reply failed. */
const EMERGENCY_ADVANCE_S = 10;

/**
 * Starts a rotation: publishes a new version. Messages, or else the hourly sweep, do the next steps. An emergency is promoted
 * before the reply, and escalates a running rotation.
 *
 * @returns `running` if a rotation is running and this is not an emergency
 * @throws KeywardError `conflict` if the Idempotency-Key was used for another request or other writers were faster every time;
 *   `key_version_state` if the provider has too many versions; `keys_unavailable`, `store_unavailable`, `outcome_unknown`,
 *   `audit_unavailable`: the rotation may have been started; with the same Idempotency-Key it is not started twice
 */
export const createStartDekRotation =
  (deps: StartDekRotationDependencies) =>
  async (caller: Caller, command: DekRotationCommand): Promise<StartedDekRotation> => {
    const { provider } = command;
    const mark = markOf(caller, command);
    const home = await readInStep(deps, provider);
    const earlier = mark === undefined ? undefined : await startedBefore(deps, provider, mark);
    if (earlier !== undefined) {
      const { rotation } = home.record;
      if (rotation?.id === earlier && rotation.phase === 'publishing') await goOn(deps, provider, rotation.emergency);
      return { kind: 'started', rotation_id: earlier };
    }
    const { record, changed } = await begin(deps, { caller, command, mark });
    // This call has started it, or it was running.
    const rotation = record.rotation as RunningDekRotation;
    if (!changed && !isMarked(rotation, mark)) {
      if (!command.emergency) return refuseSecond(deps, caller, command, rotation);
      await noteJoined(deps, caller, command, rotation);
    }
    if (rotation.phase === 'publishing') await goOn(deps, provider, rotation.emergency);
    return { kind: 'started', rotation_id: rotation.id };
  };

interface Request {
  readonly caller: Caller;
  readonly command: DekRotationCommand;
  readonly mark: IdempotencyMark | undefined;
}

async function begin(deps: StartDekRotationDependencies, request: Request): ReturnType<typeof changeInStep> {
  const { caller, command } = request;
  try {
    return await changeInStep(deps, caller, command.provider, (record, step) => changeFor(record, step, request));
  } catch (thrown) {
    if (!(thrown instanceof KeywardError) || thrown.code !== 'key_version_state') throw thrown;
    const metadata = { operation: 'rotate', ...givenReason(command) };
    const entry = { event_type: 'rotate', provider: command.provider, metadata } as const;
    await deps.trail.recordRefusal(caller, entry, thrown);
    throw thrown;
  }
}

function changeFor(
  record: KeysetRecord,
  step: StepContext,
  { caller, command, mark }: Request,
): KeysetChange | undefined {
  const { emergency, reason } = command;
  const { rotation } = record;
  if (rotation !== undefined && (!emergency || isMarked(rotation, mark))) return undefined;
  const given = { ...(reason !== undefined && { reason }), ...(mark !== undefined && { idempotency: mark }) };
  if (rotation?.phase === 'publishing') {
    if (rotation.emergency) return undefined;
    return {
      next: makeEmergency(record, { by: caller.user_id, ...given }, step),
      event_type: 'rotate',
      operation: 'make_emergency',
      key_version: rotation.version,
      metadata: { rotation_id: rotation.id, from_version: rotation.from_version, ...givenReason(command) },
    };
  }
  if (!emergency && Object.keys(record.versions).length >= MOST_VERSIONS) {
    throw new KeywardError('key_version_state', TOO_MANY_VERSIONS);
  }
  const id = newDekRotationId(step.now, step.randomness);
  const start: DekRotationStart = { id, emergency, started_by: caller.user_id, ...given };
  const next = publishVersion(record, start, step);
  return {
    next,
    event_type: 'rotate',
    operation: emergency ? 'publish_version_emergency' : 'publish_version',
    key_version: (next.rotation as RunningDekRotation).version,
    metadata: { rotation_id: id, from_version: record.primary_version, ...givenReason(command) },
  };
}

async function refuseSecond(
  deps: StartDekRotationDependencies,
  caller: Caller,
  command: DekRotationCommand,
  { id }: RunningDekRotation,
): Promise<StartedDekRotation> {
  const error = new KeywardError('rotation_running', `the rotation ${id} is running`);
  const { provider } = command;
  const metadata = { operation: 'rotate', rotation_id: id, ...givenReason(command) };
  const entry = { event_type: 'rotate', provider, metadata } as const;
  await deps.trail.recordRefusal(caller, entry, error);
  return { kind: 'running', rotation_id: id };
}

/** Records an emergency that finds another one running: it changes nothing. */
const noteJoined = async (
  deps: StartDekRotationDependencies,
  caller: Caller,
  command: DekRotationCommand,
  { id, version, from_version: from }: RunningDekRotation,
): Promise<void> => {
  await deps.trail.record(caller, {
    event_type: 'rotate',
    provider: command.provider,
    key_version: version,
    metadata: { operation: 'join_emergency', rotation_id: id, from_version: from, ...givenReason(command) },
  });
};

/** Does not throw: the sweep also does the next steps. */
async function goOn(deps: StartDekRotationDependencies, provider: string, emergency: boolean): Promise<void> {
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (thrown) {
      const fields = { operation: 'rotate', provider, ...failureFields(thrown) };
      deps.logger.warn('a rotation has begun; the next sweep continues it', fields);
    }
  };
  const wait = emergency ? EMERGENCY_ADVANCE_S : FIRST_ADVANCE_S;
  await attempt(() => deps.queue.send([{ kind: 'advance', provider }], wait));
  if (emergency) await attempt(() => deps.advance(provider));
}

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

const markOf = ({ user_id: user }: Caller, command: DekRotationCommand): IdempotencyMark | undefined =>
  command.idempotency_key === undefined
    ? undefined
    : {
        key_sha256: sha256(`${user}\n${command.idempotency_key}`),
        request_sha256: sha256(JSON.stringify([command.emergency, command.reason ?? null])),
      };

/** @throws KeywardError `conflict` if the key was used for another request */
function isMarked(
  rotation: Pick<RunningDekRotation, 'idempotency' | 'takeover'>,
  mark: IdempotencyMark | undefined,
): boolean {
  if (mark === undefined) return false;
  const marks = [rotation.idempotency, rotation.takeover?.idempotency];
  const found = marks.find((each) => each?.key_sha256 === mark.key_sha256);
  if (found === undefined) return false;
  if (found.request_sha256 === mark.request_sha256) return true;
  throw new KeywardError('conflict', 'the Idempotency-Key was used for another request; use a new one');
}

async function startedBefore(
  deps: StartDekRotationDependencies,
  provider: string,
  mark: IdempotencyMark,
): Promise<string | undefined> {
  const stored = await deps.store.reports(provider, { limit: REMEMBERED_ROTATIONS });
  const reports = stored.map((report) => intactReport(report)).filter((report) => report !== undefined);
  const since = deps.clock.now() - REMEMBERED_MS;
  const isRecent = ({ started_at, takeover }: DekRotationReport): boolean =>
    Date.parse(takeover?.at ?? started_at) >= since;
  return reports.find((report) => isRecent(report) && isMarked(report, mark))?.rotation_id;
}
