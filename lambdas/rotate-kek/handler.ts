import * as z from 'zod/mini';
import { rotateKekFromEnvironment, type RotateKekRuntime } from '../core/runtime/compose-operations';
import { createEventHandler } from '../core/runtime/event-handler';
import type { RotationStep } from '../core/kek-rotation/rotate-kek';

/** The user guide spells steps in the one way, events on the wire in the other. */
const STEPS: Readonly<Record<string, RotationStep>> = {
  createSecret: 'createSecret',
  create_secret: 'createSecret',
  setSecret: 'setSecret',
  set_secret: 'setSecret',
  testSecret: 'testSecret',
  test_secret: 'testSecret',
  finishSecret: 'finishSecret',
  finish_secret: 'finishSecret',
};

/**
 * API_PutSecretValue has the limits of both tokens. Members that are not listed are left out of account: Secrets
 * Manager added RotationToken years after the rest, and must be able to add another.
 */
const rotationEvent = z.object({
  Step: z.enum(Object.keys(STEPS)),
  SecretId: z.string().check(z.minLength(1), z.maxLength(2048)),
  ClientRequestToken: z.string().check(z.regex(/^[A-Za-z0-9-]{32,64}$/)),
  RotationToken: z.optional(z.string().check(z.regex(/^[A-Za-z0-9-]{36,256}$/))),
});

interface RotationEvent {
  readonly step: RotationStep;
  readonly token: string;
}

/** One step of a rotation of this deployment's KEK secret. Secrets Manager calls it again where it fails. */
export const createHandler = (runtime: () => RotateKekRuntime) =>
  createEventHandler({
    name: 'rotate-kek',
    runtime,
    parse: (event, { isKekSecret }): RotationEvent | undefined => {
      const { success, data } = z.safeParse(rotationEvent, event);
      const step = success ? STEPS[data.Step] : undefined;
      if (data === undefined || step === undefined || !isKekSecret(data.SecretId)) return undefined;
      return { step, token: data.ClientRequestToken };
    },
    serve: async ({ step, token }, { rotateKek, logger }) => {
      await rotateKek.run(step, token);
      logger.info('rotation step done', { operation: step, request_id: token });
    },
  });

export const handler = createHandler(rotateKekFromEnvironment);
