import { abortRotation } from './dek-rotation';
import { KeywardError } from '../errors/errors';
import { givenReason, type Reasoned } from './given-reason';
import { intactReport } from './dek-rotation-report';
import type { DekRotationStore } from './ports/dek-rotation-store';
import type { AuditTrail } from '../audit/audit-trail';
import type { Caller } from '../ports/caller';
import type { KeysetWriter } from '../keysets/keyset-writer';
import { changeInStep, readInStep } from './dek-rotation-in-step';
import type { DekRotationReports } from './dek-rotation-reports';

export interface AbortDekRotationDependencies {
  readonly writer: KeysetWriter;
  readonly reports: DekRotationReports;
  readonly store: DekRotationStore;
  readonly trail: AuditTrail;
}

/**
 * Aborts a rotation before its promotion. Aborting it again changes nothing.
 *
 * @throws KeywardError `rotation_not_found`; `rotation_state` if it was promoted or has ended; as {@link KeysetWriter}
 */
export const createAbortDekRotation =
  (deps: AbortDekRotationDependencies) =>
  async (
    caller: Caller,
    { provider, rotation_id: id, ...reasoned }: { provider: string; rotation_id: string } & Reasoned,
  ): Promise<void> => {
    await readInStep(deps, provider);
    const entry = {
      event_type: 'rotate',
      provider,
      metadata: { operation: 'abort_rotation', rotation_id: id, ...givenReason(reasoned) },
    } as const;
    const recorded = async (refusal: KeywardError): Promise<KeywardError> => {
      await deps.trail.recordRefusal(caller, entry, refusal);
      return refusal;
    };
    if ((await deps.store.report(provider, id)) === undefined) {
      throw await recorded(dekRotationNotFound());
    }
    const after = await changeInStep(deps, caller, provider, (current, step) =>
      current.rotation?.id === id && current.rotation.phase === 'publishing'
        ? {
            next: abortRotation(current, step),
            event_type: 'rotate',
            operation: 'abort_rotation',
            key_version: current.rotation.version,
            metadata: { rotation_id: id, ...givenReason(reasoned) },
          }
        : undefined,
    );
    if (after.changed || intactReport(await deps.store.report(provider, id))?.status === 'aborted') return;
    throw await recorded(new KeywardError('rotation_state', ALREADY_PROMOTED));
  };

export const dekRotationNotFound = (): KeywardError => new KeywardError('rotation_not_found', NO_ROTATION);

export const NO_ROTATION = 'there is no rotation with this id';
export const ALREADY_PROMOTED = 'a rotation cannot be aborted after its promotion or end';
