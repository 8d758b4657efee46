import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { ResourceNames, SigningPurpose } from '../resource-names';

/**
 * What an administrator of the account may be given by IAM: everything but the use of the key, and grants, by which it could be
 * used ("Key administrators", AWS KMS Developer Guide, "Default key policy").
 */
const ADMINISTERS = [
  ...['kms:Describe*', 'kms:List*', 'kms:Get*', 'kms:Enable*', 'kms:Disable*', 'kms:Put*', 'kms:Update*'],
  ...['kms:CreateAlias', 'kms:DeleteAlias', 'kms:TagResource', 'kms:UntagResource'],
  ...['kms:RevokeGrant', 'kms:ScheduleKeyDeletion', 'kms:CancelKeyDeletion'],
];

/** Uses the private key, or has others use it. */
const USES = ['kms:Sign', 'kms:CreateGrant', 'kms:DeriveSharedSecret', 'kms:ReplicateKey'];

export interface SigningKeyProps {
  readonly names: ResourceNames;
  readonly purpose: SigningPurpose;
  readonly what: string;
  /** From 1 on; each hand-over has the next one. */
  readonly number: number;
}

/**
 * A key pair of one region's log, always retained: Ed25519, whose private half never leaves KMS. IAM policies of the account allow to
 * manage it and to read its public half, and never to sign: only this policy does, for the role of the publishing function, and only
 * pure Ed25519 of a whole message, as signed notes need it. It also denies all others, because a grant or a later statement could
 * allow it.
 */
export class SigningKey extends Key {
  constructor(scope: Construct, id: string, props: SigningKeyProps) {
    const { names, purpose, what, number } = props;
    const { account, region } = Stack.of(scope);
    const publisher = names.functionRoleArn('publish-checkpoint', region);
    super(scope, id, {
      alias: names.signingKeyAlias(purpose, number),
      description: `Keyward: ${what}`,
      keySpec: KeySpec.ECC_NIST_EDWARDS25519,
      keyUsage: KeyUsage.SIGN_VERIFY,
      removalPolicy: RemovalPolicy.RETAIN,
      policy: new PolicyDocument({
        statements: [
          new PolicyStatement({
            sid: 'TheAccountManages',
            principals: [new AccountRootPrincipal()],
            actions: ADMINISTERS,
            resources: ['*'],
          }),
          new PolicyStatement({
            sid: 'ThePublisherSigns',
            principals: [new AnyPrincipal()],
            actions: ['kms:Sign'],
            resources: ['*'],
            conditions: {
              StringEquals: {
                'kms:CallerAccount': account,
                'kms:SigningAlgorithm': 'ED25519_SHA_512',
                'kms:MessageType': 'RAW',
              },
              ArnEquals: { 'aws:PrincipalArn': publisher },
            },
          }),
          new PolicyStatement({
            sid: 'ThePublisherKnowsItsKey',
            principals: [new AnyPrincipal()],
            actions: ['kms:GetPublicKey'],
            resources: ['*'],
            conditions: {
              StringEquals: { 'kms:CallerAccount': account },
              ArnEquals: { 'aws:PrincipalArn': publisher },
            },
          }),
          new PolicyStatement({
            sid: 'NobodyElseSigns',
            effect: Effect.DENY,
            principals: [new AnyPrincipal()],
            actions: USES,
            resources: ['*'],
            conditions: { ArnNotEquals: { 'aws:PrincipalArn': publisher } },
          }),
        ],
      }),
    });
  }
}
