import { createHash } from 'node:crypto';
import type { KeysetRecord } from '../domain/dek-keyset';
import {
  makeEmergency,
  newRotationId,
  PUBLISH_MS,
  publishVersion,
  type RotationStart,
  type StepContext,
} from '../domain/dek-rotation';
import { KeywardError, toKeywardError } from '../domain/errors';
import type { Logger } from '../ports/logger';
import type { RotationQueue } from '../ports/rotation-queue';
import type { RotationStore } from '../ports/rotation-store';
import type { AdvanceRotation } from './advance-rotation';
import type { AuditTrail } from './audit-trail';
import type { Caller } from './caller';
import type { KeysetChange, KeysetWriter } from './keyset-writer';
import type { RotationReports } from './rotation-reports';

export interface StartRotationDependencies {
  readonly writer: KeysetWriter;
  readonly reports: RotationReports;
  readonly store: RotationStore;
  readonly advance: AdvanceRotation;
  readonly queue: RotationQueue;
  readonly trail: AuditTrail;
  readonly logger: Logger;
}

export interface RotationCommand {
  readonly provider: string;
  readonly emergency: boolean;
  readonly reason?: string;
  /** The same one again, by the same caller, gives the same rotation. */
  readonly idempotency_key?: string;
}

/** The id of the rotation that was started, or of the one that is running already. */
export type StartedRotation =
  | { readonly kind: 'started'; readonly rotation_id: string }
  | { readonly kind: 'running'; readonly rotation_id: string };

/** So many of a provider's last rotations are searched for an Idempotency-Key. */
const REMEMBERED_ROTATIONS = 20;

/** The pause before the first look: by then every process has read the new version. */
const FIRST_ADVANCE_S = Math.ceil(PUBLISH_MS / 1000) + 1;

/**
 * Begins a rotation: publishes a new version. What follows is done by messages, or else by the hourly sweep; an emergency is
 * promoted before the answer. It takes over a rotation that is running.
 *
 * @returns `running` where one is running and this is no emergency
 * @throws KeywardError `keys_unavailable`, `store_unavailable`, `conflict`, `outcome_unknown`, `audit_unavailable`: it may have
 *   been started; with the same Idempotency-Key it is not started twice
 */
export const createStartRotation =
  (on: StartRotationDependencies) =>
  async (caller: Caller, command: RotationCommand): Promise<StartedRotation> => {
    const { provider, emergency } = command;
    const sha256 = idempotencyOf(caller, command);
    const earlier = sha256 === undefined ? undefined : await startedBefore(on, provider, sha256);
    if (earlier !== undefined) return { kind: 'started', rotation_id: earlier };
    await on.reports.follow((await on.writer.read(provider)).record);
    const { record, changed } = await on.writer.change(caller, provider, (current, step) =>
      begin(current, step, { caller, command, sha256 }),
    );
    // Either this call has noted it, or it was running.
    const rotation = record.rotation as NonNullable<KeysetRecord['rotation']>;
    const isOurs = changed || emergency || (sha256 !== undefined && rotation.idempotency_sha256 === sha256);
    if (!isOurs) {
      const error = new KeywardError('rotation_running', `the rotation ${rotation.id} is running`);
      const entry = {
        event_type: 'rotate',
        provider,
        metadata: { operation: 'rotate', rotation_id: rotation.id },
      } as const;
      await on.trail.refuse(caller, entry, error).catch((thrown: unknown) => {
        if (thrown !== error) throw thrown;
      });
      return { kind: 'running', rotation_id: rotation.id };
    }
    await on.reports.follow(record);
    await goOn(on, provider, emergency);
    return { kind: 'started', rotation_id: rotation.id };
  };

/** What comes next is the sweep's duty too, so a failure here is not one of the call. */
async function goOn(on: StartRotationDependencies, provider: string, emergency: boolean): Promise<void> {
  try {
    const wait = emergency ? await on.advance(provider) : FIRST_ADVANCE_S;
    if (wait !== undefined) await on.queue.send([{ kind: 'advance', provider }], wait);
  } catch (thrown) {
    const { code } = toKeywardError(thrown);
    on.logger.warn('a rotation has begun, and goes on with the next sweep', { operation: 'rotate', provider, code });
  }
}

function begin(
  record: KeysetRecord,
  step: StepContext,
  { caller, command, sha256 }: { caller: Caller; command: RotationCommand; sha256: string | undefined },
): KeysetChange | undefined {
  const { rotation } = record;
  const { emergency, reason } = command;
  if (rotation !== undefined && (!emergency || (sha256 !== undefined && rotation.idempotency_sha256 === sha256))) {
    return undefined;
  }
  if (rotation?.phase === 'publishing') {
    if (rotation.emergency) return undefined;
    return {
      next: makeEmergency(record, step),
      event_type: 'rotate',
      operation: 'make_emergency',
      key_version: rotation.version,
      metadata: { rotation_id: rotation.id, from_version: rotation.from_version },
    };
  }
  const start: RotationStart = {
    id: newRotationId(step.now, step.randomness),
    emergency,
    started_by: caller.user_id,
    ...(reason !== undefined && { reason }),
    ...(sha256 !== undefined && { idempotency_sha256: sha256 }),
  };
  const next = publishVersion(record, start, step);
  return {
    next,
    event_type: 'rotate',
    operation: emergency ? 'publish_version_emergency' : 'publish_version',
    key_version: (next.rotation as NonNullable<KeysetRecord['rotation']>).version,
    metadata: { rotation_id: start.id, from_version: record.primary_version },
  };
}

const idempotencyOf = (caller: Caller, { idempotency_key: key }: RotationCommand): string | undefined =>
  key === undefined ? undefined : createHash('sha256').update(`${caller.user_id}\n${key}`, 'utf8').digest('hex');

async function startedBefore(
  on: StartRotationDependencies,
  provider: string,
  sha256: string,
): Promise<string | undefined> {
  const reports = await on.store.reports(provider, { limit: REMEMBERED_ROTATIONS });
  return reports.find((report) => report.idempotency_sha256 === sha256)?.rotation_id;
}
