import { Stack, type StackProps } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { changedKeys } from '../observability/change-patterns';
import { changeRule } from '../observability/change-rule';
import type { Deployment } from '../deployment';
import { keyPendingWindow, removalPolicy, whereDataIs } from '../data/disposable';
import { executionRoleName } from '../operations/execution-role';
import type { ResourceNames } from '../resource-names';

export interface KeysStackProps extends StackProps {
  readonly deployment: Deployment;
  readonly names: ResourceNames;
}

/**
 * The region of the calling service. Secrets Manager forwards the session of a change to the replicas' regions, where the value
 * is encrypted again; DynamoDB's replication uses a table's key from other regions. AWS's own keys have an asterisk there for
 * both ("DynamoDB requires the permission to be independent of any particular AWS Region so it can make cross-Region calls",
 * DynamoDB Developer Guide, "Encryption at rest: usage notes"; Secrets Manager User Guide, "Secret encryption and decryption").
 * With one region alone no rotation would reach the others, and CloudFormation would not report it
 * (aws-cloudformation/cloudformation-coverage-roadmap#1459).
 */
type Where = 'here' | 'from any region';

const USE = ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*', 'kms:DescribeKey'];

/** One region's customer-managed keys, one for each purpose. They must exist before the resources that they encrypt. */
export class KmsStack extends Stack {
  readonly logs: Key;
  readonly messages: Key;

  private readonly where: Construct;
  private readonly deployment: Deployment;

  constructor(scope: Construct, id: string, { deployment, names, ...props }: KeysStackProps) {
    super(scope, id, props);
    this.where = whereDataIs(this, deployment);
    this.deployment = deployment;
    const account = this.account;
    const region = this.region;

    // A principal that may use a table or the secret may use its key through that service alone: the same
    // statement that AWS's own keys for these services have. The role's policy alone decides what it may do.
    const through = (where: Where, ...services: string[]): PolicyStatement =>
      new PolicyStatement({
        sid: 'ThroughTheService',
        principals: [new AnyPrincipal()],
        actions: [...USE, 'kms:CreateGrant'],
        resources: ['*'],
        conditions: {
          StringEquals: { 'kms:CallerAccount': account },
          StringLike: {
            'kms:ViaService': services.map((service) => `${service}.${where === 'here' ? region : '*'}.amazonaws.com`),
          },
        },
      });
    const by = (sid: string, service: string, conditions: Record<string, unknown> = {}): PolicyStatement =>
      new PolicyStatement({
        sid,
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal(service)],
        actions: USE,
        resources: ['*'],
        conditions,
      });

    const secret = this.key('secret', names, 'the KEK secret');
    secret.addToResourcePolicy(through('from any region', 'secretsmanager'));

    const tables = this.key('tables', names, 'the tables');
    tables.addToResourcePolicy(through('from any region', 'dynamodb'));
    // Without it DynamoDB cannot see that a key was disabled (DynamoDB Developer Guide, "Encryption at rest: usage notes").
    tables.addToResourcePolicy(
      new PolicyStatement({
        sid: 'LooksAtTheKey',
        principals: [new ServicePrincipal('dynamodb.amazonaws.com')],
        actions: ['kms:Describe*', 'kms:Get*', 'kms:List*'],
        resources: ['*'],
      }),
    );

    this.logs = this.key('logs', names, 'the logs');
    this.logs.addToResourcePolicy(
      by('ByTheService', `logs.${region}.amazonaws.com`, {
        ArnLike: { 'kms:EncryptionContext:aws:logs:arn': names.logGroupArns(region) },
      }),
    );

    this.messages = this.key('messages', names, 'queues and alarm notices');
    // A queue and a topic are used only at their own region's endpoint: neither is replicated.
    this.messages.addToResourcePolicy(through('here', 'sqs', 'sns'));
    this.messages.addToResourcePolicy(
      by('AlarmsAreSent', 'cloudwatch.amazonaws.com', { StringEquals: { 'aws:SourceAccount': account } }),
    );
    // Without a condition: "Adding the aws:SourceAccount, aws:SourceArn, and aws:SourceOrgID to a AWS KMS policy is not
    // supported for EventBridge-to-encrypted topics" (SNS Developer Guide, "Managing encryption keys"): nothing would arrive.
    this.messages.addToResourcePolicy(by('EventsAreSent', 'events.amazonaws.com'));

    // Here the keys' ids are known without an export; the alarm is in the API's stack.
    const keyIds = [secret, tables, this.logs, this.messages].map((key) => key.keyId);
    const executionRoleNameOf = (each: string) => executionRoleName(this, account, each);
    changeRule(this, 'changed-keys', {
      names,
      pattern: changedKeys({ deployment, names, region, executionRoleName: executionRoleNameOf }, keyIds),
    });
  }

  private key(purpose: 'secret' | 'tables' | 'logs' | 'messages', names: ResourceNames, what: string): Key {
    return new Key(this.where, purpose, {
      alias: names.keyAlias(purpose),
      description: `Keyward: ${what}`,
      enableKeyRotation: true,
      pendingWindow: keyPendingWindow(this.deployment),
      removalPolicy: removalPolicy(this.deployment),
    });
  }
}
