import { KeywardError } from '../errors/errors';
import { newId, type Randomness } from '../crypto/randomness';
import type { KekMoveGuard } from '../kek-move/kek-move-guard';
import type { AuditTrail } from '../audit/audit-trail';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';
import { systemCaller } from '../ports/system-caller';
import type { KekRotation } from './ports/kek-rotation';
import type { KekSecretStore } from './ports/kek-secret-store';
import type { PendingKek } from './ports/pending-kek';
import type { RotateKek, KekRotationStep } from './rotate-kek';
import { pendingOf } from './staged-versions';

export interface KekRotationDriverDependencies {
  readonly secret: KekSecretStore & PendingKek;
  readonly rotateKek: Pick<RotateKek, 'run'>;
  /** Left out: the KEK cannot be moved. */
  readonly moves?: KekMoveGuard;
  readonly trail: AuditTrail;
  readonly randomness: Randomness;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

const STEPS: readonly KekRotationStep[] = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];
/** Tries of one rotation, one an hour, of all processes together: a day. Then the next one starts afresh. */
export const MAX_TRIES = 24;

/**
 * Drives the rotation of the KEK where no Secrets Manager does. Any number of processes may drive it at once, be late or crash
 * anywhere: a rotation that is pending is resumed and never begun twice, and its steps decide by what they read
 * ({@link RotateKek}).
 */
export class KekRotationDriver implements KekRotation {
  constructor(private readonly deps: KekRotationDriverDependencies) {}

  /**
   * Runs the steps of the pending rotation, or of a new one, until it is over or a step fails; then the next call goes on.
   *
   * @throws KeywardError of the step that failed; `conflict` if a move of the KEK stands
   */
  async start(): Promise<void> {
    await this.deps.moves?.assertMayChange();
    const token = (await this.pendingToken()) ?? (await this.begin());
    if (token !== undefined) await this.drive(token);
  }

  /**
   * Begins a rotation unless one is pending, and leaves its steps to {@link resume}.
   *
   * @throws KeywardError `store_unavailable` if it is not known to have begun; `conflict` if a move of the KEK stands
   */
  async announce(): Promise<void> {
    await this.deps.moves?.assertMayChange();
    if ((await this.pendingToken()) === undefined) await this.begin();
  }

  /**
   * As {@link start} for a rotation that is pending; without one it changes nothing.
   *
   * @throws KeywardError of the step that failed; `conflict` if a move of the KEK stands
   */
  async resume(): Promise<void> {
    await this.deps.moves?.assertMayChange();
    const token = await this.pendingToken();
    if (token !== undefined) await this.drive(token);
  }

  private async pendingToken(): Promise<string | undefined> {
    return pendingOf(await this.deps.secret.versions());
  }

  /** Another process may be faster: the rotation is its own then, and is resumed here if it stays pending. */
  private async begin(): Promise<string | undefined> {
    const token = newId(this.deps.randomness);
    return (await this.deps.secret.begin(token)) === 'begun' ? token : undefined;
  }

  private async drive(token: string): Promise<void> {
    const tries = await this.deps.secret.countTry(token);
    // It is over, or was given up.
    if (tries === undefined) return;
    if (tries > MAX_TRIES) return this.giveUp(token);
    for (const step of STEPS) await this.deps.rotateKek.run(step, token);
    this.deps.logger.info('the KEK was rotated', { operation: 'rotate_kek', request_id: token });
  }

  /** As a step does for a version that can never become current: the reason is recorded first. */
  private async giveUp(token: string): Promise<never> {
    const { metrics, trail, secret } = this.deps;
    metrics.count('kek_rotation_abandoned');
    const error = new KeywardError('conflict', 'the pending KEK secret is abandoned: its rotation failed too often');
    const change = {
      event_type: 'rotate',
      provider: null,
      metadata: { operation: 'rotate_kek', write_id: token },
    } as const;
    await trail.recordRefusal(systemCaller('keyward:rotate-kek', token), change, error);
    await secret.removePending(token);
    throw error;
  }
}
