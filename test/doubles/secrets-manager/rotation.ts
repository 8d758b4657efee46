import { randomUUID } from 'node:crypto';

/**
 * The event that the service sends to the rotation function; `RotationToken` came with cross-account rotation
 * (API_PutSecretValue).
 */
export interface RotationEvent {
  readonly Step: string;
  readonly SecretId: string;
  readonly ClientRequestToken: string;
  readonly RotationToken: string;
}

/** Stands for the Lambda function: rejects if the function fails. */
export type RotationFunction = (event: RotationEvent) => Promise<void>;

type RotationStep = 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret';

/** In this order: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html */
const ALL_STEPS: readonly RotationStep[] = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

/** The user guide writes `create_secret`; real events have `createSecret`. A function has to take both. */
const inSnakeCase = (step: RotationStep): string => step.replace(/[A-Z]/, (letter) => `_${letter.toLowerCase()}`);

/** One rotation to run. */
export interface Rotation {
  readonly lambdaArn: string;
  readonly secretArn: string;
  readonly token: string;
  /** Runs testSecret only (`RotateImmediately: false`). */
  readonly isTrial: boolean;
  /** Called once, when the last step has returned or one has failed. */
  readonly ended: (succeeded: boolean) => void;
}

/** Calls rotation functions, one step after the other. A step that fails ends the rotation; its version stays pending. */
export class Rotations {
  /** Functions by ARN. */
  readonly functions = new Map<string, RotationFunction>();
  stepSpelling: 'camelCase' | 'snake_case' = 'camelCase';
  private readonly running = new Set<Promise<void>>();

  start(rotation: Rotation): void {
    const run: Promise<void> = this.run(rotation).finally(() => this.running.delete(run));
    this.running.add(run);
  }

  /** Resolves when none is running. */
  async settled(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }

  private async run(rotation: Rotation): Promise<void> {
    // RotateSecret answers first: "Rotation is an asynchronous process" (API_RotateSecret).
    await new Promise(setImmediate);
    try {
      for (const step of rotation.isTrial ? (['testSecret'] as const) : ALL_STEPS) await this.invoke(rotation, step);
      rotation.ended(true);
    } catch {
      rotation.ended(false);
    }
  }

  private async invoke(rotation: Rotation, step: RotationStep): Promise<void> {
    await this.functions.get(rotation.lambdaArn)?.({
      Step: this.stepSpelling === 'camelCase' ? step : inSnakeCase(step),
      SecretId: rotation.secretArn,
      ClientRequestToken: rotation.token,
      RotationToken: randomUUID(),
    });
  }
}
