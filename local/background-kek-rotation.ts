import type { KekRotationDriver } from '../lambdas/core/kek-rotation/kek-rotation-driver';
import type { KekRotation } from '../lambdas/core/kek-rotation/ports/kek-rotation';
import { failureFields } from '../lambdas/core/ports/failure-fields';
import type { Logger } from '../lambdas/core/ports/logger';

/** Rotations of the KEK that a caller requests: the caller does not wait for the steps, and a failed one is left to the sweep. */
export class BackgroundKekRotation implements KekRotation {
  private running: Promise<void> | undefined;

  constructor(
    private readonly deps: {
      readonly driver: Pick<KekRotationDriver, 'announce' | 'resume'>;
      readonly logger: Logger;
    },
  ) {}

  async start(): Promise<void> {
    if (this.running !== undefined) return;
    await this.deps.driver.announce();
    this.running ??= this.drive().finally(() => {
      this.running = undefined;
    });
  }

  /** Resolves when no requested rotation is running. */
  async close(): Promise<void> {
    await this.running;
  }

  private async drive(): Promise<void> {
    try {
      await this.deps.driver.resume();
    } catch (thrown) {
      const fields = { operation: 'rotate_kek', ...failureFields(thrown) };
      this.deps.logger.error('a step of the KEK rotation failed, and the next sweep goes on with it', fields);
    }
  }
}
