import {
  AccessLogFormat,
  AuthorizationType,
  AwsIntegration,
  EndpointType,
  LogGroupLogDestination,
  MethodLoggingLevel,
  RestApi,
  SecurityPolicy,
  type CfnRestApi,
  type MethodDeploymentOptions,
} from 'aws-cdk-lib/aws-apigateway';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Stats, type Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, LogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ACCESS_LOG_FORMAT } from '../../lambdas/core/contract/access-log-format';
import { REFUSALS_METRIC } from '../../lambdas/core/contract/metrics';
import { REFUSED } from './access-log-filters';
import { apiPolicy } from './api-policy';
import type { ApiRoute } from './api-route';
import { STAGE } from './caller-policies';
import type { Deployment } from '../deployment';
import { removalPolicy } from '../data/disposable';
import { loggedNamespace } from '../observability/gateway-metric';
import { addGatewayProblems } from './gateway-problems';
import type { ResourceNames } from '../resource-names';

export interface KeywardRestApiProps {
  readonly deployment: Deployment;
  readonly names: ResourceNames;
  readonly routes: readonly ApiRoute[];
  readonly functions: ReadonlyMap<ApiRoute['function'], IFunction>;
  readonly logsKey: IKey;
}

/**
 * TLS 1.2 or 1.3, with post-quantum key exchange for clients that support it: a regional API accepts TLS 1.0 by default (API
 * Gateway Developer Guide, "Security policies for REST APIs"). Such a policy requires an access mode; BASIC changes nothing else.
 */
const TLS_POLICY = SecurityPolicy.TLS13_1_2_PQ_2025_09;

/** Limits of unsigned calls: enough for load balancers and monitors. */
const UNSIGNED_THROTTLE = { throttlingRateLimit: 20, throttlingBurstLimit: 40 };

/**
 * The API of one region, made from the operations. IAM allows or denies a caller each method; only the functions validate bodies,
 * because errors of the gateway's validation can quote them.
 */
export class KeywardRestApi extends RestApi {
  /** Requests that the gateway refused. They reach no function, so they are counted from the access log. */
  readonly refusals: Metric;

  constructor(scope: Construct, id: string, props: KeywardRestApiProps) {
    const { deployment, names, routes, functions, logsKey } = props;
    const accessLog = new LogGroup(scope, 'access-log', {
      logGroupName: names.accessLogGroup,
      encryptionKey: logsKey,
      retention: deployment.logRetentionDays,
      removalPolicy: removalPolicy(deployment),
    });
    super(scope, id, {
      restApiName: names.of('api'),
      endpointTypes: [EndpointType.REGIONAL],
      policy: apiPolicy(routes, deployment),
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      disableExecuteApiEndpoint: false,
      deployOptions: {
        stageName: STAGE,
        accessLogDestination: new LogGroupLogDestination(accessLog),
        accessLogFormat: AccessLogFormat.custom(ACCESS_LOG_FORMAT),
        cachingEnabled: false,
        dataTraceEnabled: false,
        loggingLevel: MethodLoggingLevel.OFF,
        // The gateway has metrics of the whole API in any case; metrics per method cost extra, and nothing reads them.
        metricsEnabled: false,
        tracingEnabled: false,
        methodOptions: Object.fromEntries(
          routes.map((route) => [`${route.path}/${route.method}`, methodSettings(route, deployment)]),
        ),
      },
    });
    this.refusals = new MetricFilter(this, 'refusals', {
      logGroup: accessLog,
      filterPattern: FilterPattern.literal(REFUSED),
      metricNamespace: loggedNamespace(deployment.stage),
      metricName: REFUSALS_METRIC,
      metricValue: '1',
    }).metric({ period: Duration.minutes(5), statistic: Stats.SUM });
    const cfnRestApi = this.node.defaultChild as CfnRestApi;
    cfnRestApi.securityPolicy = TLS_POLICY;
    cfnRestApi.endpointAccessMode = 'BASIC';
    this.addRoutes(routes, functions);
    this.permit(routes, functions);
    addGatewayProblems(this);
    this.acknowledge();
  }

  private addRoutes(routes: readonly ApiRoute[], functions: KeywardRestApiProps['functions']): void {
    for (const route of routes) {
      const target = functions.get(route.function);
      if (target === undefined) throw new Error(`No function serves ${route.method} ${route.path}.`);
      const method = this.root.resourceForPath(route.path).addMethod(route.method, invocationOf(target), {
        authorizationType: route.authenticated ? AuthorizationType.IAM : AuthorizationType.NONE,
      });
      Validations.of(method).acknowledge({
        id: 'AwsSolutions-COG4',
        reason: 'Callers are services with roles: IAM authorizes them, not a user pool.',
      });
      if (!route.authenticated) {
        Validations.of(method).acknowledge({
          id: 'AwsSolutions-APIG4',
          reason: 'Says only that the process is alive, to monitors that cannot sign.',
        });
      }
    }
  }

  /**
   * One permission per function, for all methods of the live stage: the API's configuration decides which method calls which
   * function, and a permission per method would take a tenth of a stack's resource limit. The console's test of a method, which
   * skips the authorizer, comes from another stage and is denied.
   */
  private permit(routes: readonly ApiRoute[], functions: KeywardRestApiProps['functions']): void {
    for (const name of new Set(routes.map((route) => route.function))) {
      functions.get(name)?.addPermission('api', {
        principal: new ServicePrincipal('apigateway.amazonaws.com'),
        sourceArn: this.arnForExecuteApi('*', '/*', STAGE),
      });
    }
  }

  private acknowledge(): void {
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-APIG2',
      reason: 'Bodies are validated by the functions alone: the error of the gateway may quote them.',
    });
    Validations.of(this.deploymentStage).acknowledge({
      id: 'AwsSolutions-APIG6',
      reason: 'Execution logs go to a log group without our key and retention; the access log has who, what and why.',
    });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
      reason: 'The one role that the gateway takes for writing its logs, as AWS documents it.',
    });
  }
}

/** A proxy integration like LambdaIntegration, without its permission per method. */
const invocationOf = (target: IFunction): AwsIntegration =>
  new AwsIntegration({
    proxy: true,
    service: 'lambda',
    path: `2015-03-31/functions/${target.functionArn}/invocations`,
  });

const methodSettings = (route: ApiRoute, { throttles }: Deployment): MethodDeploymentOptions => ({
  cachingEnabled: false,
  dataTraceEnabled: false,
  loggingLevel: MethodLoggingLevel.OFF,
  metricsEnabled: false,
  ...(route.authenticated
    ? { throttlingRateLimit: throttles.requestsPerSecond, throttlingBurstLimit: throttles.burst }
    : UNSIGNED_THROTTLE),
});
