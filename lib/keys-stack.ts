import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { ResourceNames } from './resource-names';

export interface KeysStackProps extends StackProps {
  readonly names: ResourceNames;
}

const USE = ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*', 'kms:DescribeKey'];

/** One region's customer-managed keys, one for each purpose: what must exist before anything that is encrypted. */
export class KeysStack extends Stack {
  readonly logs: Key;
  readonly messages: Key;

  constructor(scope: Construct, id: string, { names, ...props }: KeysStackProps) {
    super(scope, id, props);
    const account = this.account;
    const region = this.region;

    // Whoever may use a table or the secret may use its key through that service, and in no other way: the same
    // statement that AWS's own keys for these services carry. What a role may do is said in one place, its policy.
    const through = (...services: string[]): PolicyStatement =>
      new PolicyStatement({
        sid: 'ThroughTheService',
        principals: [new AnyPrincipal()],
        actions: [...USE, 'kms:CreateGrant'],
        resources: ['*'],
        conditions: {
          StringEquals: {
            'kms:CallerAccount': account,
            'kms:ViaService': services.map((service) => `${service}.${region}.amazonaws.com`),
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
    secret.addToResourcePolicy(through('secretsmanager'));

    const tables = this.key('tables', names, 'the tables');
    tables.addToResourcePolicy(through('dynamodb'));
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
    this.messages.addToResourcePolicy(through('sqs', 'sns'));
    this.messages.addToResourcePolicy(
      by('AlarmsAreSent', 'cloudwatch.amazonaws.com', { StringEquals: { 'aws:SourceAccount': account } }),
    );
    // Without a condition: "Adding the aws:SourceAccount, aws:SourceArn, and aws:SourceOrgID to a AWS KMS policy is not
    // supported for EventBridge-to-encrypted topics" (SNS Developer Guide, "Managing encryption keys"): nothing would arrive.
    this.messages.addToResourcePolicy(by('EventsAreSent', 'events.amazonaws.com'));
  }

  private key(purpose: 'secret' | 'tables' | 'logs' | 'messages', names: ResourceNames, what: string): Key {
    return new Key(this, purpose, {
      alias: names.keyAlias(purpose),
      description: `Keyward: ${what}`,
      enableKeyRotation: true,
      pendingWindow: Duration.days(30),
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }
}
