import { join } from 'node:path';
import { type Duration, Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, RecursiveLoop, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { ENVIRONMENT } from '../../lambdas/core/contract/environment';
import type { FunctionName } from '../../lambdas/core/contract/functions';
import { ROOT } from '../../compile/root';
import { acknowledgeWildcard } from '../acknowledge-wildcard';
import { aliasArguments, BUNDLING } from './bundling';
import type { Deployment } from '../deployment';
import { removalPolicy } from '../data/disposable';
import { functionPermissions } from './function-permissions';
import { hasKekSecret } from '../kek-configuration';
import { logEnvironment } from './log-environment';
import type { ResourceNames } from '../resource-names';
import { vaultEnvironment } from './vault-environment';

export interface KeywardFunctionProps {
  readonly deployment: Deployment;
  readonly names: ResourceNames;
  readonly logsKey: IKey;
  readonly timeout: Duration;
  readonly memoryMB: number;
  /** Whether it sends to the queue that it serves: Lambda would stop such a chain after 16 rounds (boto/boto3#3899). */
  readonly feedsItself?: boolean;
  /** Variables beyond those of every function. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** One function of lambdas/, with its own role and log group; its id is its name. */
export class KeywardFunction extends NodejsFunction {
  constructor(scope: Construct, name: FunctionName, props: KeywardFunctionProps) {
    const { deployment, names, logsKey, timeout, memoryMB, feedsItself, environment } = props;
    const { region } = Stack.of(scope);
    const logGroup = new LogGroup(scope, `${name}-log`, {
      logGroupName: names.logGroup(name),
      encryptionKey: logsKey,
      retention: deployment.logRetentionDays,
      removalPolicy: removalPolicy(deployment),
    });
    const logStreams = names.logStreamsArn(names.logGroup(name), region);
    const writeLog = new PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logStreams],
    });
    const permissions = functionPermissions(name, { deployment, names, region });
    const role = new Role(scope, `${name}-role`, {
      roleName: names.roleName(name, region),
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        [name]: new PolicyDocument({
          statements: [writeLog, ...permissions],
        }),
      },
    });
    acknowledgeWildcard(role, 'Log streams of its own log group; Lambda makes up their names.', logStreams);
    acknowledgeWildcard(
      role,
      'Objects of buckets, and streams of the one table: their names come into being later.',
      ...permissions.flatMap(({ resources }) =>
        resources.filter((each) => /(?:^arn:aws:s3:|:table\/).*\*$/.test(each)),
      ),
    );
    super(scope, name, {
      functionName: names.of(name),
      entry: join(ROOT, 'lambdas', name, 'handler.ts'),
      handler: 'handler',
      projectRoot: ROOT,
      depsLockFilePath: join(ROOT, 'package-lock.json'),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout,
      memorySize: memoryMB,
      role,
      logGroup,
      tracing: Tracing.DISABLED,
      ...(feedsItself === true && { recursiveLoop: RecursiveLoop.ALLOW }),
      awsSdkConnectionReuse: false,
      environment: {
        [ENVIRONMENT.providers]: deployment.providers.join(','),
        [ENVIRONMENT.regions]: deployment.regions.join(','),
        [ENVIRONMENT.keysetsTable]: names.of('keysets'),
        [ENVIRONMENT.credentialsTable]: names.of('credentials'),
        [ENVIRONMENT.auditTable]: names.of('audit'),
        [ENVIRONMENT.rotationsTable]: names.of('rotations'),
        ...(hasKekSecret(deployment) && { [ENVIRONMENT.kekSecret]: names.kekSecret }),
        [ENVIRONMENT.auditRetentionDays]: String(deployment.auditRetentionDays),
        [ENVIRONMENT.secretsProvider]: deployment.kek.provider,
        [ENVIRONMENT.service]: deployment.stage,
        ...vaultEnvironment(name, region, deployment, names),
        ...logEnvironment(name, deployment, names),
        ...environment,
      },
      bundling: {
        minify: BUNDLING.minify,
        target: BUNDLING.target,
        format: OutputFormat.CJS,
        sourceMap: BUNDLING.sourceMap,
        mainFields: [...BUNDLING.mainFields],
        externalModules: [...BUNDLING.externalModules],
        bundleAwsSDK: true,
        esbuildArgs: aliasArguments(),
      },
    });
  }
}
