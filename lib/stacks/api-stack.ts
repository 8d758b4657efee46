import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { ENVIRONMENT } from '../../lambdas/core/contract/environment';
import { API_FUNCTION_MS } from '../../lambdas/core/contract/function-times';
import type { Construct } from 'constructs';
import { API_FUNCTIONS, INNER_FUNCTIONS, type FunctionName } from '../../lambdas/core/contract/functions';
import { AlarmTopic } from '../observability/alarm-topic';
import { ApiAlarms } from '../observability/api-alarms';
import type { ApiRoute } from '../api/api-route';
import { BreakGlassAlarm } from '../observability/break-glass-alarm';
import { CallerPolicies } from '../api/caller-policies';
import { ChangedByHandAlarm } from '../observability/changed-by-hand-alarm';
import type { Deployment } from '../deployment';
import type { KmsStack } from './kms-stack';
import { KeywardFunction } from '../operations/keyward-function';
import { RegionDashboard } from '../observability/region-dashboard';
import { type ResourceNames } from '../resource-names';
import { KeywardRestApi } from '../api/rest-api';
import { previousValueEnvironment } from '../operations/previous-value-environment';
import { dekRotationEnvironment } from '../operations/dek-rotation-environment';
import { WebAcl } from '../api/web-acl';

export interface ApiStackProps extends StackProps {
  readonly deployment: Deployment;
  readonly names: ResourceNames;
  readonly keys: KmsStack;
  readonly routes: readonly ApiRoute[];
}

/** 1,769 MB give one vCPU; the cryptography of one request needs less. */
const MEMORY_MB = 1024;

/** One region's API: its functions, the gateway, callers' policies, and alarms. */
export class ApiStack extends Stack {
  constructor(scope: Construct, id: string, { deployment, names, keys, routes, ...props }: ApiStackProps) {
    super(scope, id, props);
    const common = { deployment, names, logsKey: keys.logs };
    const functionOf = (name: FunctionName): KeywardFunction =>
      new KeywardFunction(this, name, {
        ...common,
        timeout: Duration.millis(API_FUNCTION_MS),
        memoryMB: MEMORY_MB,
        ...(name === 'rotations' && {
          environment: {
            ...dekRotationEnvironment(deployment, names),
            [ENVIRONMENT.kekRotationIntervalDays]: String(deployment.kekRotationIntervalDays),
          },
        }),
        ...(name === 'credentials' && { environment: previousValueEnvironment(deployment) }),
      });
    const functions = new Map(API_FUNCTIONS.map((name) => [name, functionOf(name)]));
    const watched = new Map<string, KeywardFunction>([
      ...functions,
      ...INNER_FUNCTIONS.map((name) => [name, functionOf(name)] as const),
    ]);
    const api = new KeywardRestApi(this, 'api', { ...common, routes, functions });
    const { requestsPerAddressIn5Minutes } = deployment.throttles;
    new WebAcl(this, 'web-acl', { name: names.of('api'), api, requestsPerAddressIn5Minutes });
    new CallerPolicies(this, 'callers', { deployment, names, api, routes });
    const topic = new AlarmTopic(this, 'alarms', { deployment, names, key: keys.messages });
    if (this.region === deployment.homeRegion) {
      // The operations stack of the previous release imports it; this release refers to the topic by its ARN. Remove it in the next one.
      this.exportValue(topic.topicArn);
    }
    const alarms = new ApiAlarms(this, 'api-alarms', {
      deployment,
      names,
      api,
      functions: watched,
      topic,
    });
    new BreakGlassAlarm(this, 'break-glass', { deployment, names, topic });
    new ChangedByHandAlarm(this, 'changed-by-hand', { deployment, names, restApiId: api.restApiId, topic });
    new RegionDashboard(this, 'dashboard', {
      deployment,
      names,
      api,
      functions: watched,
      alarms: alarms.all,
    });
  }
}
