import { Billing, TableEncryptionV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { Deployment } from '../configuration';
import { removalPolicy } from './disposable';
import type { ResourceNames, TableName } from '../resource-names';

export interface TableProps {
  readonly deployment: Deployment;
  readonly names: ResourceNames;
}

/** As far back as DynamoDB can go. */
const RECOVERY_DAYS = 35;

/**
 * What all tables have, in every region: they outlive their stack and cannot be deleted by mistake, unless the deployment is
 * disposable, and can be put back to any second of the last 35 days. Keys are named by alias, so that no region reads from another while it is deployed.
 */
export function tableDefaults(scope: Construct, table: TableName, { deployment, names }: TableProps) {
  const safety = {
    deletionProtection: !deployment.disposable,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: RECOVERY_DAYS },
  };
  const key = Key.fromKeyArn(
    new Construct(scope, `${table}-key`),
    'alias',
    names.keyAliasArn('tables', deployment.homeRegion),
  );
  return {
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
