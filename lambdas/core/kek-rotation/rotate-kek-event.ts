import * as z from 'zod/mini';
import type { Logger } from '../ports/logger';
import type { RotateKek, KekRotationStep } from './rotate-kek';

/** Dependencies of the function. */
export interface RotateKekUse {
  readonly rotateKek: Pick<RotateKek, 'run'>;
  /** Whether a secret's name or ARN is that of the KEK secret. */
  readonly isKekSecret: (secretId: string) => boolean;
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
  ClientRequestToken: z.string().check(z.regex(/^[A-Za-z0-9-]{32,64}$/)),
  RotationToken: z.optional(z.string().check(z.regex(/^[A-Za-z0-9-]{36,256}$/))),
});

interface KekRotationEvent {
  readonly step: KekRotationStep;
  readonly token: string;
}

/** Serves one step of a rotation of the KEK secret. Secrets Manager retries a step that fails. */
export const rotateKekEvent = {
  name: 'rotate-kek',
  parse: (event: unknown, { isKekSecret }: RotateKekUse): KekRotationEvent | undefined => {
    const { data } = z.safeParse(schema, event);
    if (data === undefined || !isKekSecret(data.SecretId)) return undefined;
    // The schema allows only these steps.
    return { step: STEPS[data.Step] as KekRotationStep, token: data.ClientRequestToken };
  },
  serve: async (
    { step, token }: KekRotationEvent,
    { rotateKek, logger }: RotateKekUse & { readonly logger: Logger },
  ) => {
    await rotateKek.run(step, token);
    logger.info('rotation step done', { operation: step, request_id: token });
  },
};
