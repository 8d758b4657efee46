import { CustomResource, Duration, Stack } from 'aws-cdk-lib';
import { BOOTSTRAP_MS, BOOTSTRAP_SERVICE_MS } from '../../lambdas/core/contract/function-times';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Provider } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import type { BootstrapProperties } from '../../lambdas/core/contract/system-events';
import { ENVIRONMENT } from '../../lambdas/core/contract/environment';
import { acknowledgeWildcard } from '../acknowledge-wildcard';
import type { Deployment } from '../deployment';
import { removalPolicy } from '../data/disposable';
import { KeywardFunction } from './keyward-function';
import type { ResourceNames } from '../resource-names';

/**
 * Runs bootstrap in every deployment that changes its code, the providers or the regions: makes the first KEK and missing
 * keysets, and checks that every region has both. CDK's provider framework calls the function for CloudFormation.
 */
export class Bootstrap extends Construct {
  constructor(scope: Construct, id: string, props: { deployment: Deployment; names: ResourceNames; logsKey: IKey }) {
    super(scope, id);
    const { deployment, names, logsKey } = props;
    const bootstrap = new KeywardFunction(scope, 'bootstrap', {
      ...props,
      timeout: Duration.millis(BOOTSTRAP_MS),
      memoryMB: 512,
      environment: { [ENVIRONMENT.gracePeriodDays]: String(deployment.gracePeriodDays) },
    });
    const logGroupName = names.logGroup('bootstrap-provider');
    const logGroup = new LogGroup(this, 'provider-log', {
      logGroupName,
      encryptionKey: logsKey,
      retention: deployment.logRetentionDays,
      removalPolicy: removalPolicy(deployment),
    });
    const logStreams = names.logStreamsArn(logGroupName, deployment.homeRegion);
    const role = new Role(this, 'provider-role', {
      roleName: names.of(`bootstrap-provider-${deployment.homeRegion}`),
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        log: new PolicyDocument({
          statements: [
            new PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logStreams] }),
          ],
        }),
      },
    });
    const cfnFunction = bootstrap.node.defaultChild as CfnFunction;
    acknowledgeWildcard(
      role,
      'Log streams of its own log group, and versions of the one function that it invokes.',
      logStreams,
      `<${Stack.of(this).getLogicalId(cfnFunction)}.Arn>:*`,
    );
    const provider = new Provider(this, 'provider', {
      onEventHandler: bootstrap,
      providerFunctionName: names.of('bootstrap-provider'),
      frameworkOnEventRole: role,
      logGroup,
    });
    new CustomResource(this, 'run', {
      resourceType: 'Custom::KeywardBootstrap',
      serviceToken: provider.serviceToken,
      serviceTimeout: Duration.millis(BOOTSTRAP_SERVICE_MS),
      properties: { ...bootstrapProperties(deployment), code: cfnFunction.code },
    });
  }
}

const bootstrapProperties = ({ providers, regions }: Deployment): BootstrapProperties => ({ providers, regions });
