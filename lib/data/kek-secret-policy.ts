import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { OPERATIONS_FUNCTIONS, type FunctionName } from '../../lambdas/core/contract/functions';
import type { Deployment } from '../deployment';
import { READS_KEK } from '../operations/function-permissions';
import { type ResourceNames } from '../resource-names';

const READ = ['secretsmanager:GetSecretValue'];
/** A foreign put or stage move would replace the KEK; UpdateSecret can also put a value. */
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
/** A KEK stays for 40 days after its use: the secret cannot hold the keys of too many rotations in that time. */
const ROTATE = ['secretsmanager:RotateSecret', 'secretsmanager:CancelRotateSecret'];
/** "Links a primary secret in your account to a replica secret in a different AWS account" (API_AssociateCrossAccountReplica). */
const COPY_TO_ANOTHER_ACCOUNT = ['secretsmanager:AssociateCrossAccountReplica'];

/**
 * Denies everybody but the functions that need it and the break-glass role to read, write or rotate the KEK, whatever their own
 * policies allow. It grants nothing. Roles are named in a condition, because a principal must exist and those of other regions do
 * not yet; the policy is replicated with the secret, so it names the roles of all regions.
 *
 * CloudFormation configures the rotation (AWS::SecretsManager::RotationSchedule is a RotateSecret that runs testSecret alone, and
 * its removal a CancelRotateSecret). With `secretMaintenance` it may also change the secret, and then reads it: its handlers for
 * AWS::SecretsManager::Secret call GetSecretValue on update and read (the type's schema, "handlers").
 *
 * Describing and tagging the secret and changing this policy are left to the account's own policies, so that a deployment can
 * still manage it.
 *
 * @param executionRole ARN of CloudFormation's role in the home region
 */
export function kekSecretPolicy(deployment: Deployment, names: ResourceNames, executionRole: string): PolicyDocument {
  const { homeRegion } = deployment;
  const breakGlass = names.roleArn(deployment.breakGlassRole);
  const rotation = names.functionRoleArn('rotate-kek', homeRegion);
  const readers = READS_KEK.flatMap((name) =>
    regionsOf(name, deployment).map((region) => names.functionRoleArn(name, region)),
  );
  const rotating = [
    names.roleArn(names.kekRotationScheduleRoleName(homeRegion)),
    names.functionRoleArn('sweep', homeRegion),
    names.functionRoleArn('bootstrap', homeRegion),
    ...regionsOf('rotations', deployment).map((region) => names.functionRoleArn('rotations', region)),
    executionRole,
  ];
  const maintaining = deployment.secretMaintenance ? [executionRole] : [];
  return new PolicyDocument({
    statements: [
      denyToAllBut('OnlyThoseWhoWrapAndUnwrapRead', [...readers, breakGlass, ...maintaining], READ),
      denyToAllBut('OnlyTheRotationChangesTheValue', [rotation, breakGlass], CHANGE_VALUE),
      denyToAllBut('OnlyTheRotationChangesTheSecret', [rotation, breakGlass, ...maintaining], CHANGE_SECRET),
      denyToAllBut('OnlyTheClockAndOperatorsStartARotation', [...rotating, breakGlass], ROTATE),
      denyToAllBut('NobodyCopiesItToAnotherAccount', [breakGlass], COPY_TO_ANOTHER_ACCOUNT),
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
      // Replication is Secrets Manager's own call, without a role ARN.
      BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
    },
  });

const regionsOf = (name: FunctionName, { regions, homeRegion }: Deployment): readonly string[] =>
  (OPERATIONS_FUNCTIONS as readonly string[]).includes(name) ? [homeRegion] : regions;
