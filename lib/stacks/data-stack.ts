import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AuditTable } from '../data/audit-table';
import type { Deployment } from '../deployment';
import { CredentialsTable } from '../data/credentials-table';
import { whereDataIs } from '../data/disposable';
import { KekSecret } from '../data/kek-secret';
import { KeysetsTable } from '../data/keysets-table';
import { hasKekSecret, isRotatedBySecretsManager } from '../kek-configuration';
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
  /** Undefined if the KEK is in Vault alone. */
  readonly kekSecretArn: string | undefined;

  constructor(scope: Construct, id: string, { deployment, names, ...props }: DataStackProps) {
    super(scope, id, { ...props, terminationProtection: !deployment.disposable });
    const where = whereDataIs(this, deployment);
    new KeysetsTable(where, 'keysets', { deployment, names });
    new CredentialsTable(where, 'credentials', { deployment, names });
    new AuditTable(where, 'audit', { deployment, names });
    new RotationsTable(where, 'rotations', { deployment, names });
    this.kekSecretArn = hasKekSecret(deployment) ? new KekSecret(where, 'kek', { deployment, names }).arn : undefined;
    if (this.kekSecretArn !== undefined && !isRotatedBySecretsManager(deployment)) {
      // During a move the operations stack imports it no longer; its release before does, and is deployed later than this one.
      this.exportValue(this.kekSecretArn);
    }
  }
}
