import { AuditTrail } from '../lambdas/core/audit/audit-trail';
import type { AuditSink } from '../lambdas/core/audit/ports/audit-log';
import type { Randomness } from '../lambdas/core/crypto/randomness';
import type { SweepPorts } from '../lambdas/core/dek-rotation/create-dek-rotations';
import { KekRotationDriver } from '../lambdas/core/kek-rotation/kek-rotation-driver';
import type { KekMoveGuard } from '../lambdas/core/kek-move/kek-move-guard';
import type { KekSecretReplica, KekSecretStore } from '../lambdas/core/kek-rotation/ports/kek-secret-store';
import type { PendingKek } from '../lambdas/core/kek-rotation/ports/pending-kek';
import { createRewrapDeks } from '../lambdas/core/kek-rotation/rewrap-deks';
import { RotateKek } from '../lambdas/core/kek-rotation/rotate-kek';
import type { KeysetScanner } from '../lambdas/core/keysets/ports/keyset-scanner';
import type { KeysetStore } from '../lambdas/core/keysets/ports/keyset-store';
import type { Clock } from '../lambdas/core/ports/clock';
import type { Logger } from '../lambdas/core/ports/logger';
import type { Metrics } from '../lambdas/core/ports/metrics';

export interface RotateKekInProcessOptions {
  readonly region: string;
  readonly store: KekSecretStore & KekSecretReplica & PendingKek;
  readonly replicas: readonly [KekSecretReplica, ...KekSecretReplica[]];
  readonly keysets: KeysetStore & KeysetScanner;
  /** Of this store. */
  readonly moves: KekMoveGuard;
  readonly auditSink: AuditSink;
  readonly intervalDays: number;
  /** Checks the store before the first rotation, if the start could not. Throws KeywardError. */
  readonly check?: () => Promise<void>;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

export interface KekRotationInProcess extends NonNullable<SweepPorts['kek']> {
  readonly rotation: Pick<KekRotationDriver, 'start' | 'announce' | 'resume'>;
}

/**
 * Composes the rotation of a KEK that this process drives itself, for the sweep. A rewrap runs at once, without a queue; the
 * sweep retries a failed one.
 */
export function rotateKekInProcess(options: RotateKekInProcessOptions): KekRotationInProcess {
  const { store: secret, replicas, keysets, auditSink, intervalDays } = options;
  const trail = new AuditTrail({ ...options, sink: auditSink });
  const rewrapDeks = createRewrapDeks({ ...options, trail, replicas, keysets, scanners: [keysets] });
  const queue = {
    send: async (request: Parameters<typeof rewrapDeks>[0]) => {
      await rewrapDeks(request);
    },
  };
  const rotateKek = new RotateKek({ ...options, secret, trail, keysets: [keysets], queue });
  const driver = new KekRotationDriver({ ...options, secret, trail, rotateKek });
  const rotation = options.check === undefined ? driver : checkedFirst(driver, options.check);
  return { secret, rotation, rewrapDeks, intervalDays, resume: () => rotation.resume() };
}

function checkedFirst(driver: KekRotationDriver, check: () => Promise<void>): KekRotationInProcess['rotation'] {
  let isChecked = false;
  const after = (work: () => Promise<void>) => async (): Promise<void> => {
    if (!isChecked) await check();
    isChecked = true;
    await work();
  };
  return {
    start: after(() => driver.start()),
    announce: after(() => driver.announce()),
    resume: after(() => driver.resume()),
  };
}
