import { inspect } from 'node:util';
import { KeywardError } from '../../../lambdas/core/errors/errors';

/** The KeywardError that a call throws; no error, or any other, fails the test. */
export function thrownBy(run: () => unknown): KeywardError {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof KeywardError) return thrown;
    throw new Error('expected a KeywardError', { cause: thrown });
  }
  throw new Error('expected an error, got a value');
}

/** Everything that an error could print, so that a test can check it for secrets. */
export const allThatIsSaidBy = (error: Error): string =>
  [
    error.message,
    String(error),
    JSON.stringify(error),
    error.stack,
    inspect(error, { depth: 9, showHidden: true }),
  ].join();

export const failsAsDecryption = (run: () => unknown): boolean => {
  const { code, message } = thrownBy(run);
  return code === 'decryption_failed' && message === 'the ciphertext could not be decrypted';
};
