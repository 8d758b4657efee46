import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { boundedClient, type BoundedClientOptions } from '../bounded-client';

/** A client for one region that gives up in time. */
export const createSecretsManagerClient = (options: BoundedClientOptions): SecretsManagerClient =>
  boundedClient(SecretsManagerClient, options);
