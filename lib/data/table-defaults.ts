import { AttributeType, Billing, ProjectionType, TableEncryptionV2, type Attribute } from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { RESTORABLE_DAYS } from '../../lambdas/core/contract/limits';
import { TABLES, type KeyAttribute, type TableName, type TableShape } from '../../lambdas/core/contract/tables';
import type { Deployment } from '../deployment';
import { removalPolicy } from './disposable';
import type { ResourceNames } from '../resource-names';

export interface TableProps {
  readonly deployment: Deployment;
  readonly names: ResourceNames;
}

/**
 * Properties of a table in every region. Tables are retained and protected from deletion unless the deployment is disposable, and
 * can be restored to any second of the last 35 days. KMS keys are named by alias, so that no region's deployment reads another
 * region.
 */
export function tableDefaults(scope: Construct, table: TableName, { deployment, names }: TableProps) {
  const safety = {
    deletionProtection: !deployment.disposable,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: RESTORABLE_DAYS },
  };
  const key = Key.fromKeyArn(
    new Construct(scope, `${table}-key`),
    'alias',
    names.keyAliasArn('tables', deployment.homeRegion),
  );
  return {
    ...keysOf(TABLES[table]),
    tableName: names.of(table),
    billing: Billing.onDemand(),
    removalPolicy: removalPolicy(deployment),
    encryption: TableEncryptionV2.customerManagedKey(
      key,
      Object.fromEntries(deployment.replicaRegions.map((region) => [region, names.keyAliasArn('tables', region)])),
    ),
    ...safety,
    replicas: deployment.replicaRegions.map((region) => ({ region, ...safety })),
  };
}

const keysOf = ({ partitionKey, sortKey, index, timeToLive }: TableShape) => ({
  partitionKey: attribute(partitionKey),
  ...(sortKey !== undefined && { sortKey: attribute(sortKey) }),
  ...(timeToLive !== undefined && { timeToLiveAttribute: timeToLive }),
  ...(index !== undefined && {
    globalSecondaryIndexes: [
      {
        indexName: index.name,
        partitionKey: attribute(index.partitionKey),
        sortKey: attribute(index.sortKey),
        projectionType: ProjectionType.KEYS_ONLY,
      },
    ],
  }),
});

const attribute = ({ name, type }: KeyAttribute): Attribute => ({
  name,
  type: type === 'S' ? AttributeType.STRING : AttributeType.NUMBER,
});
