import {
  InvalidRequestException,
  RotateSecretCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { KekRotation } from '../../core/ports/kek-rotation';
import { storeUnavailable } from './store-unavailable';

/** Starts rotations of the KEK secret in the home region, by the function that the secret itself names. */
export const createKekRotation = (on: { client: SecretsManagerClient; secretId: string }): KekRotation => ({
  start: async () => {
    try {
      await on.client.send(new RotateSecretCommand({ SecretId: on.secretId, RotateImmediately: true }));
    } catch (thrown) {
      // "A previous rotation isn't complete. That rotation will be reattempted." (API_RotateSecret)
      if (!(thrown instanceof InvalidRequestException)) throw storeUnavailable(thrown, 'Secrets Manager');
    }
  },
});
