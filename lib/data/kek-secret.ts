import { Validations } from 'aws-cdk-lib';
import { CfnResourcePolicy, CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { KEK_PLACEHOLDER } from '../../lambdas/core/contract/secret-stages';
import type { Deployment } from '../deployment';
import { executionRoleName } from '../operations/execution-role';
import { removalPolicy } from './disposable';
import { kekSecretPolicy } from './kek-secret-policy';
import type { ResourceNames } from '../resource-names';

/** The one secret with all KEKs, replicated to every region. */
export class KekSecret extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: { deployment: Deployment; names: ResourceNames }) {
    super(scope, id);
    const { deployment, names } = props;
    const secret = new CfnSecret(this, 'secret', {
      name: names.kekSecret,
      description: 'Keyward: the keys that wrap data keys. Only rotate-kek writes here.',
      kmsKeyId: names.keyAliasArn('secret', deployment.homeRegion),
      // Another value would overwrite every KEK, and a generated one would be generated again (AWS::SecretsManager::Secret).
      secretString: KEK_PLACEHOLDER,
      replicaRegions: deployment.replicaRegions.map((region) => ({
        region,
        kmsKeyId: names.keyAliasArn('secret', region),
      })),
    });
    secret.applyRemovalPolicy(removalPolicy(deployment));
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'The rotation is in the operations stack, which may be replaced while the secret stays.',
    });
    const deploying = names.roleArn(executionRoleName(this, deployment.account, deployment.homeRegion));
    const policy = new CfnResourcePolicy(this, 'policy', {
      secretId: secret.ref,
      blockPublicPolicy: true,
      resourcePolicy: kekSecretPolicy(deployment, names, deploying).toJSON() as object,
    });
    policy.applyRemovalPolicy(removalPolicy(deployment));
    this.arn = secret.ref;
  }
}
