import { S3Client } from '@aws-sdk/client-s3';
import { boundedClient, type BoundedClientOptions } from '../bounded-client';

/** Makes a client for one region with time limits. */
export const createS3Client = (options: BoundedClientOptions): S3Client => boundedClient(S3Client, options);
