import { DynamoDBCredentialScanner } from '../../adapters/aws/dynamodb/dynamodb-credential-scanner';
import { DynamoDBCredentialStore } from '../../adapters/aws/dynamodb/dynamodb-credential-store';
import type { createDynamoDBClient } from '../../adapters/aws/dynamodb/dynamodb-client';
import { DynamoDBKeysetStore } from '../../adapters/aws/dynamodb/dynamodb-keyset-store';
import { createOpenIntents } from '../../adapters/aws/dynamodb/dynamodb-open-intents';
import { DynamoDBRotationStore } from '../../adapters/aws/dynamodb/dynamodb-rotation-store';
import { createLambdaRegionProver } from '../../adapters/aws/lambda/lambda-region-prover';
import { createSecretsManagerClient } from '../../adapters/aws/secrets-manager/secrets-manager-client';
import { SecretsManagerSecretsProvider } from '../../adapters/aws/secrets-manager/secrets-manager-secrets-provider';
import { createSqsRotationQueue } from '../../adapters/aws/sqs/sqs-rotation-queue';
import { systemClock } from '../../adapters/system/system-clock';
import { OPERATIONS_LIMITS, WORKER_PROOF_LIMITS, type ClientLimits } from '../contract/client-limits';
import { regionsHomeFirst, type Parts } from './compose-parts';
import { readProveKeysetFunction, readRotationQueueUrl, type Configuration } from './environment';
import type { FailureLog } from '../ports/failure-log';
import type { RegionProver } from '../dek-rotation/ports/region-prover';
import type { RotationDependencies } from '../dek-rotation/create-rotations';

export interface RotationPortsOptions extends Pick<
  RotationDependencies,
  'auditSink' | 'clock' | 'logger' | 'metrics' | 'randomness' | 'region'
> {
  readonly configuration: Configuration;
  readonly failures: FailureLog;
  /** Of the home region. */
  readonly dynamodb: ReturnType<typeof createDynamoDBClient>;
  readonly limits: ClientLimits;
  /** A region's function may have to start first. */
  readonly proofLimits: ClientLimits;
}

/**
 * The ports of DEK rotation, all in the home region wherever the process runs; the KEK is read there first too. Makes
 * clients, and asks nobody anything.
 *
 * @throws KeywardError `configuration_invalid`
 */
export function rotationPorts(options: RotationPortsOptions): Omit<RotationDependencies, 'kek'> {
  const { configuration, dynamodb: client, limits, proofLimits, clock, metrics, logger, failures } = options;
  const { homeRegion, kekSecret: secretId, providers, tables } = configuration;
  const functionName = readProveKeysetFunction(process.env);
  const regions = regionsHomeFirst(configuration);
  const [home, ...others] = regions.map((region) =>
    createLambdaRegionProver({ region, functionName, ...proofLimits, failures }),
  );
  return {
    region: options.region,
    // The home region is one of them.
    provers: [home as RegionProver, ...others],
    providers,
    keysets: new DynamoDBKeysetStore({ client, table: tables.keysets, region: homeRegion }),
    secrets: new SecretsManagerSecretsProvider({
      secretId,
      regions: regions.map((region) => ({
        region,
        client: createSecretsManagerClient({ region, ...limits, failures }),
      })),
      clock,
      metrics,
      logger,
    }),
    credentials: new DynamoDBCredentialStore({ client, table: tables.credentials }),
    scanner: new DynamoDBCredentialScanner({ client, table: tables.credentials }),
    store: new DynamoDBRotationStore({ client, table: tables.rotations }),
    queue: createSqsRotationQueue({
      region: homeRegion,
      queueUrl: readRotationQueueUrl(process.env),
      ...limits,
      failures,
    }),
    auditSink: options.auditSink,
    intents: createOpenIntents({ client, table: tables.audit, clock }),
    clock,
    randomness: options.randomness,
    metrics,
    logger,
  };
}

/** The same for a function that runs in the home region. */
export const rotationPortsAtHome = ({
  configuration,
  dynamodb,
  audit,
  randomness,
  metrics,
  logger,
  failures,
}: Parts): Omit<RotationDependencies, 'kek'> =>
  rotationPorts({
    configuration,
    dynamodb,
    limits: OPERATIONS_LIMITS,
    proofLimits: WORKER_PROOF_LIMITS,
    region: configuration.homeRegion,
    auditSink: audit,
    clock: systemClock,
    randomness,
    metrics,
    logger,
    failures,
  });
