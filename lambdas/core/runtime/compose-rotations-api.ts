import { createAuditLog } from '../../adapters/aws/dynamodb/dynamodb-audit-log';
import { createDynamoDBClient } from '../../adapters/aws/dynamodb/dynamodb-client';
import { API_LIMITS, API_PROOF_LIMITS } from '../contract/client-limits';
import { apiRuntime, type ApiParts } from './compose-api-runtime';
import { rotationPorts } from './compose-rotations';
import type { RotationsApplication } from './application';
import { createRotations } from '../dek-rotation/create-rotations';
import { createDescribeVersion } from '../dek-rotation/describe-version';

/** Works on the home region, and writes its audit events where it runs. Makes clients, and asks nobody anything. */
function compose({ configuration, ...shared }: ApiParts): RotationsApplication {
  const { region, homeRegion, tables, providers, auditRetentionDays } = configuration;
  const { failures } = shared;
  const home = createDynamoDBClient({ region: homeRegion, ...API_LIMITS, failures });
  const ports = rotationPorts({
    ...shared,
    configuration,
    dynamodb: home,
    limits: API_LIMITS,
    proofLimits: API_PROOF_LIMITS,
    region,
    auditSink: createAuditLog({
      client: region === homeRegion ? home : createDynamoDBClient({ region, ...API_LIMITS, failures }),
      table: tables.audit,
      providers,
      clock: shared.clock,
      ...(auditRetentionDays !== undefined && { retentionDays: auditRetentionDays }),
    }),
  });
  return { ...createRotations(ports), describeVersion: createDescribeVersion(ports) };
}

/** The runtime of the function behind the rotation routes. */
export const rotationsFromEnvironment = apiRuntime(compose);
