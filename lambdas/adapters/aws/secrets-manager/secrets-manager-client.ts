import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { boundedClient, type BoundedClientOptions } from '../bounded-client';

/** Makes a client for one region with time limits. */
export const createSecretsManagerClient = (options: BoundedClientOptions): SecretsManagerClient =>
  boundedClient(SecretsManagerClient, options);
