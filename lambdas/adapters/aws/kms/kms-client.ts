import { KMSClient } from '@aws-sdk/client-kms';
import { boundedClient, type BoundedClientOptions } from '../bounded-client';

/** Makes a client for one region with time limits. */
export const createKmsClient = (options: BoundedClientOptions): KMSClient => boundedClient(KMSClient, options);
