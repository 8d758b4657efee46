import {
  InvalidRequestException,
  RotateSecretCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { KekRotation } from '../../../core/kek-rotation/ports/kek-rotation';
import { storeUnavailable } from '../dynamodb/store-unavailable';

/** Requests rotations of the KEK secret in the home region, by the secret's own rotation function. */
export const createKekRotation = (deps: { client: SecretsManagerClient; secretId: string }): KekRotation => ({
  start: async () => {
    try {
      await deps.client.send(new RotateSecretCommand({ SecretId: deps.secretId, RotateImmediately: true }));
    } catch (thrown) {
      if (!isRunning(thrown)) throw storeUnavailable(thrown, 'Secrets Manager');
    }
  },
});

/**
 * "A previous rotation isn't complete. That rotation will be reattempted." has the same exception as a secret without a rotation
 * function, one scheduled for deletion, and one managed by another service (API_RotateSecret, Errors); only the text differs.
 */
const isRunning = (thrown: unknown): boolean =>
  thrown instanceof InvalidRequestException && !/lambda|delet|managed/i.test(thrown.message);
