import { KeywardError } from '../../../lambdas/core/errors/errors';

/** The KeywardError with which a call ends; anything else fails the test. */
export const failureOf = async (run: Promise<unknown>): Promise<KeywardError> => {
  const thrown: unknown = await run.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof KeywardError)) throw new Error('expected a KeywardError');
  return thrown;
};
