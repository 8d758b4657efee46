import { type CfnCustomResource, Duration, Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { AwsCustomResource, Logging, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import { acknowledgeWildcard } from '../acknowledge-wildcard';
import { removalPolicy } from '../data/disposable';
import type { Deployment } from '../deployment';
import type { ResourceNames } from '../resource-names';

const ARN = 'Table.LatestStreamArn';

/**
 * The ARN of the audit table's stream in this region. Each replica has a stream of its own, whose ARN ends with the time at which it
 * began; the home region's stack does not tell it, and CDK knows it only as a pattern. So a custom resource asks DynamoDB, at the first
 * deployment and whenever the list of regions changes.
 */
export class AuditStream extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: { deployment: Deployment; names: ResourceNames; logsKey: IKey }) {
    super(scope, id);
    const { deployment, names, logsKey } = props;
    const { region } = Stack.of(this);
    const name = 'find-stream';
    const logGroup = new LogGroup(this, 'log', {
      logGroupName: names.logGroup(name),
      encryptionKey: logsKey,
      retention: deployment.logRetentionDays,
      removalPolicy: removalPolicy(deployment),
    });
    const logStreams = names.logStreamsArn(names.logGroup(name), region);
    const role = new Role(this, 'role', {
      roleName: names.of(`${name}-${region}`),
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        [name]: new PolicyDocument({
          statements: [
            new PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logStreams] }),
            new PolicyStatement({
              actions: ['dynamodb:DescribeTable'],
              resources: [names.tableArn('audit', region)],
            }),
          ],
        }),
      },
    });
    acknowledgeWildcard(role, 'Log streams of its own log group; Lambda makes up their names.', logStreams);
    const found = new AwsCustomResource(this, 'find', {
      resourceType: 'Custom::KeywardAuditStream',
      functionName: names.of(name),
      role,
      logGroup,
      timeout: Duration.minutes(1),
      installLatestAwsSdk: false,
      onUpdate: {
        service: 'DynamoDB',
        action: 'describeTable',
        parameters: { TableName: names.of('audit') },
        physicalResourceId: PhysicalResourceId.fromResponse(ARN),
        outputPaths: [ARN],
        logging: Logging.withDataHidden(),
      },
    });
    // Not read by the function: a change of it has CloudFormation ask again.
    const resource = found.node.findChild('Resource').node.defaultChild as CfnCustomResource;
    resource.addPropertyOverride('Regions', deployment.regions);
    this.arn = found.getResponseField(ARN);
  }
}
