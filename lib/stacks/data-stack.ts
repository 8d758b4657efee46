import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AuditTable } from '../data/audit-table';
import type { Deployment } from '../deployment';
import { CredentialsTable } from '../data/credentials-table';
import { whereDataIs } from '../data/disposable';
import { KekSecret } from '../data/kek-secret';
import { KeysetsTable } from '../data/keysets-table';
import type { ResourceNames } from '../resource-names';
import { RotationsTable } from '../data/rotations-table';

export interface DataStackProps extends StackProps {
  readonly deployment: Deployment;
  readonly names: ResourceNames;
}

/**
 * The tables and the secret, with their replicas, which must never be lost. Ids here are frozen, because CloudFormation replaces
 * a resource whose id changes.
 */
export class DataStack extends Stack {
  readonly kekSecretArn: string;

  constructor(scope: Construct, id: string, { deployment, names, ...props }: DataStackProps) {
    super(scope, id, { ...props, terminationProtection: !deployment.disposable });
    const where = whereDataIs(this, deployment);
    new KeysetsTable(where, 'keysets', { deployment, names });
    new CredentialsTable(where, 'credentials', { deployment, names });
    new AuditTable(where, 'audit', { deployment, names });
    new RotationsTable(where, 'rotations', { deployment, names });
    this.kekSecretArn = new KekSecret(where, 'kek', { deployment, names }).arn;
  }
}
