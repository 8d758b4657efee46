import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Deployment } from './configuration';
import { READS_KEK } from './function-permissions';
import { OPERATIONS_FUNCTIONS, type FunctionName, type ResourceNames } from './resource-names';

/** A put or a stage move of somebody else's would push the good KEK out; UpdateSecret can put, too. */
const CHANGE_VALUE = [
  'secretsmanager:PutSecretValue',
  'secretsmanager:UpdateSecretVersionStage',
  'secretsmanager:DeleteSecret',
];
const CHANGE_SECRET = [
  'secretsmanager:UpdateSecret',
  'secretsmanager:ReplicateSecretToRegions',
  'secretsmanager:RemoveRegionsFromReplication',
  'secretsmanager:StopReplicationToReplica',
];

/**
 * Who may not read or write the KEK, whatever their own policies say: all but the functions that need it and the role
 * for emergencies. It gives nobody anything. Roles are named in a condition, because a principal must exist and those of
 * other regions do not yet; the policy is replicated with the secret, and so names the roles of all regions.
 *
 * Describing the secret and changing this policy are left to the account's own policies, so that a deployment can go on
 * managing it.
 */
export function kekSecretPolicy(deployment: Deployment, names: ResourceNames): PolicyDocument {
  const breakGlass = names.roleArn(deployment.breakGlassRole);
  const rotation = names.functionRoleArn('rotate-kek', deployment.homeRegion);
  const readers = READS_KEK.flatMap((name) =>
    regionsOf(name, deployment).map((region) => names.functionRoleArn(name, region)),
  );
  const deploying = deployment.secretMaintenance
    ? [names.roleArn(`cdk-*-cfn-exec-role-${deployment.account}-${deployment.homeRegion}`)]
    : [];
  return new PolicyDocument({
    statements: [
      denyToAllBut('OnlyThoseWhoWrapAndUnwrapRead', [...readers, breakGlass], ['secretsmanager:GetSecretValue']),
      denyToAllBut('OnlyTheRotationChangesTheValue', [rotation, breakGlass], CHANGE_VALUE),
      denyToAllBut('OnlyTheRotationChangesTheSecret', [rotation, breakGlass, ...deploying], CHANGE_SECRET),
    ],
  });
}

const denyToAllBut = (sid: string, roles: readonly string[], actions: readonly string[]): PolicyStatement =>
  new PolicyStatement({
    sid,
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: [...actions],
    resources: ['*'],
    conditions: {
      ArnNotLike: { 'aws:PrincipalArn': [...roles] },
      // Replication is Secrets Manager's own call, which comes without the ARN of a role.
      BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
    },
  });

const regionsOf = (name: FunctionName, { regions, homeRegion }: Deployment): readonly string[] =>
  (OPERATIONS_FUNCTIONS as readonly string[]).includes(name) ? [homeRegion] : regions;
