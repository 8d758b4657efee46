import { SQSClient } from '@aws-sdk/client-sqs';
import type { FailureLog } from '../../../core/ports/failure-log';
import { nameFailures } from '../observability/name-failures';

/** How one region's SQS is reached. Times are in milliseconds, each for one attempt. */
export interface SqsClientOptions {
  readonly region: string;
  readonly requestTimeoutMs: number;
  readonly connectionTimeoutMs: number;
  /** Attempts in all, the first included. */
  readonly maxAttempts: number;
  readonly failures: FailureLog;
}

/** A client for one region that gives up in time. */
export function createSqsClient(options: SqsClientOptions): SQSClient {
  const client = new SQSClient({
    region: options.region,
    maxAttempts: options.maxAttempts,
    requestHandler: {
      requestTimeout: options.requestTimeoutMs,
      socketTimeout: options.requestTimeoutMs,
      connectionTimeout: options.connectionTimeoutMs,
      throwOnRequestTimeout: true,
    },
  });
  return nameFailures(client, options.failures);
}
