import { SQSClient } from '@aws-sdk/client-sqs';

/** How one region's SQS is reached. Times are in milliseconds, each for one attempt. */
export interface SqsClientOptions {
  readonly region: string;
  readonly requestTimeoutMs: number;
  readonly connectionTimeoutMs: number;
  /** Attempts in all, the first included. */
  readonly maxAttempts: number;
}

/** A client for one region that gives up in time. */
export const createSqsClient = (options: SqsClientOptions): SQSClient =>
  new SQSClient({
    region: options.region,
    maxAttempts: options.maxAttempts,
    requestHandler: {
      requestTimeout: options.requestTimeoutMs,
      socketTimeout: options.requestTimeoutMs,
      connectionTimeout: options.connectionTimeoutMs,
      throwOnRequestTimeout: true,
    },
  });
