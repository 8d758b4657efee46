import type { S3Client } from '@aws-sdk/client-s3';
import { createDynamoDBEventLines } from '../../adapters/aws/dynamodb/dynamodb-event-lines';
import { createLambdaLogPublisher } from '../../adapters/aws/lambda/lambda-log-publisher';
import { createS3Bucket } from '../../adapters/aws/s3/s3-bucket';
import { createS3Client } from '../../adapters/aws/s3/s3-client';
import { createS3PublishedLog } from '../../adapters/aws/s3/s3-published-log';
import { API_FUNCTION_MS } from '../contract/function-times';
import { SECOND_MS } from '../contract/time-units';
import { NO_LOGS, type LogPorts } from '../transparency/log-ports';
import type { LogPublisher } from '../transparency/ports/log-publisher';
import type { Logs, PublishedLog } from '../transparency/ports/published-log';
import { regionsHomeFirst, storedProvidersIn } from './compose-adapters';
import { clientOptions, dynamodbIn } from './compose-clients';
import type { Outside } from './lazy-runtime';
import { hasLog, readArchiveBucket, readLogBucket, readPublishFunction } from './log-configuration';
import { oneForEachRegion } from './made-once';

/*
 * Composes what the calls about published logs read: the logs of all regions.
 */

const s3In: (deps: Outside, region: string) => S3Client = /* @__PURE__ */ oneForEachRegion((deps, region) =>
  createS3Client(clientOptions(deps, region)),
);

const logIn: (deps: Outside, region: string) => PublishedLog = /* @__PURE__ */ oneForEachRegion((deps, region) => {
  const bucketOf = (bucket: string) => createS3Bucket({ client: s3In(deps, region), bucket, clock: deps.clock });
  return createS3PublishedLog({
    region,
    log: bucketOf(readLogBucket(process.env, region)),
    archive: bucketOf(readArchiveBucket(process.env, region)),
  });
});

function logsOf(deps: Outside): Logs {
  const regions = regionsHomeFirst(deps.configuration);
  return {
    regions,
    of: (region) => (regions.includes(region) ? logIn(deps, region) : undefined),
    // Objects of the archive are locked for a time, and stay after it.
    archiveDays: undefined,
    eventDays: deps.configuration.auditRetentionDays,
  };
}

/** Whoever asks is answered before the gateway gives up, and so is who asks for more than fits into that time. */
const PATIENCE_MS = 15 * SECOND_MS;

const publisherOf = (deps: Outside): LogPublisher =>
  createLambdaLogPublisher({
    functionIn: (region) => ({
      ...clientOptions(deps, region),
      requestTimeoutMs: API_FUNCTION_MS,
      // One run at a time: a second one would only compete with the first.
      maxAttempts: 1,
      functionName: readPublishFunction(process.env),
    }),
    clock: deps.clock,
    patienceMs: PATIENCE_MS,
  });

/** The ports of the calls about published logs; those of no log where the deployment keeps none. */
export function logPortsIn(deps: Outside): LogPorts {
  if (!hasLog(process.env)) return NO_LOGS;
  const { region, tables, providers } = deps.configuration;
  return {
    logs: logsOf(deps),
    publisher: publisherOf(deps),
    lines: createDynamoDBEventLines({
      client: dynamodbIn(deps, region),
      table: tables.audit,
      providers,
      stored: storedProvidersIn(deps, region),
    }),
  };
}
