import * as z from 'zod/mini';
import { KEK_VERSION_ID_PATTERN } from '../contract/names';
import { MOVE_KEK_REQUEST, rotateKekRequest } from '../contract/system-events';
import type { Logger } from '../ports/logger';
import type { createKekRotator } from './kek-rotator';
import type { RotateKek, KekRotationStep } from './rotate-kek';

/** Dependencies of the function. */
export interface RotateKekUse {
  readonly rotateKek: Pick<RotateKek, 'run'>;
  /** Whether a secret's name or ARN is that of the KEK secret. */
  readonly isKekSecret: (secretId: string) => boolean;
  /** Absent where Secrets Manager drives the rotation: then Keyward's own requests are refused. */
  readonly rotator?: ReturnType<typeof createKekRotator>;
  /** Goes on with a move of the KEK. Absent where one home is configured: then the request is refused. */
  readonly moveKek?: () => Promise<unknown>;
}

/** The user guide and real events spell the steps differently. */
const STEPS: Readonly<Record<string, KekRotationStep>> = {
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
 * API_PutSecretValue has the limits of both tokens. Other members are ignored: Secrets Manager added RotationToken years after
 * the rest, and may add another.
 */
const schema = z.object({
  Step: z.enum(Object.keys(STEPS)),
  SecretId: z.string().check(z.minLength(1), z.maxLength(2048)),
  ClientRequestToken: z.string().check(z.regex(KEK_VERSION_ID_PATTERN)),
  RotationToken: z.optional(z.string().check(z.regex(/^[A-Za-z0-9-]{36,256}$/))),
});

/** {@link rotateKekRequest}. */
const request = z.strictObject({ keyward: z.literal(rotateKekRequest(true).keyward), begin: z.boolean() });

/** {@link MOVE_KEK_REQUEST}. */
const moveRequest = z.strictObject({ keyward: z.literal(MOVE_KEK_REQUEST.keyward), move: z.literal(true) });

/** A step that Secrets Manager asks for, or Keyward's own request, to drive all of them or to move the KEK. */
type KekRotationEvent =
  | { readonly step: KekRotationStep; readonly token: string }
  | { readonly step: 'own'; readonly work: () => Promise<unknown> };

/**
 * Serves one step of a rotation of the KEK secret, which Secrets Manager retries if it fails, drives the rotation where no Secrets
 * Manager does, or goes on with a move of the KEK.
 */
export const rotateKekEvent = {
  name: 'rotate-kek',
  parse: (event: unknown, { isKekSecret, rotator, moveKek }: RotateKekUse): KekRotationEvent | undefined => {
    const { data: own } = z.safeParse(request, event);
    if (own !== undefined) return rotator === undefined ? undefined : { step: 'own', work: () => rotator(own.begin) };
    if (z.safeParse(moveRequest, event).success)
      return moveKek === undefined ? undefined : { step: 'own', work: moveKek };
    const { data } = z.safeParse(schema, event);
    if (data === undefined || !isKekSecret(data.SecretId)) return undefined;
    // The schema allows only these steps.
    return { step: STEPS[data.Step] as KekRotationStep, token: data.ClientRequestToken };
  },
  serve: async (
    event: KekRotationEvent,
    { rotateKek, logger }: RotateKekUse & { readonly logger: Logger },
  ): Promise<void> => {
    if (event.step === 'own') {
      await event.work();
      return;
    }
    const { step, token } = event;
    await rotateKek.run(step, token);
    logger.info('rotation step done', { operation: step, request_id: token });
  },
};
