import * as z from 'zod/mini';
import type { Logger } from '../ports/logger';
import type { RotateKek, RotationStep } from './rotate-kek';

/** What a step of the KEK's rotation is done with. */
export interface RotateKekUse {
  readonly rotateKek: Pick<RotateKek, 'run'>;
  /** Whether a secret's name or ARN is that of the one secret that this function rotates. */
  readonly isKekSecret: (secretId: string) => boolean;
}

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
const schema = z.object({
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
export const rotateKekEvent = {
  name: 'rotate-kek',
  parse: (event: unknown, { isKekSecret }: RotateKekUse): RotationEvent | undefined => {
    const { data } = z.safeParse(schema, event);
    if (data === undefined || !isKekSecret(data.SecretId)) return undefined;
    // The schema knows these steps and no others.
    return { step: STEPS[data.Step] as RotationStep, token: data.ClientRequestToken };
  },
  serve: async ({ step, token }: RotationEvent, { rotateKek, logger }: RotateKekUse & { readonly logger: Logger }) => {
    await rotateKek.run(step, token);
    logger.info('rotation step done', { operation: step, request_id: token });
  },
};
