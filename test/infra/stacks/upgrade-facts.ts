import { createHash } from 'node:crypto';
import { HOME, REPLICAS, type Resource, type Template } from '../synthesized';

/** The parts of a stack that an existing deployment keeps. */
export interface StackFacts {
  /** By logical id. */
  readonly resources: Readonly<Record<string, ResourceFacts>>;
  /** Names of exports. */
  readonly exports: readonly string[];
  /** Names of exports of other stacks. */
  readonly imports: readonly string[];
}

export interface ResourceFacts {
  readonly type: string;
  /** The present properties whose change makes CloudFormation replace the resource. */
  readonly fixed?: Readonly<Record<string, unknown>>;
  /** DeletionPolicy and UpdateReplacePolicy, if any. */
  readonly kept?: string;
  /** The beginning of each policy's hash: whether it changed, not its contents. */
  readonly policies?: Readonly<Record<string, string>>;
}

/**
 * "Update requires: Replacement" in the CloudFormation Template Reference, of every type in use; a type that is not here stops
 * the comparison. Of a secret also what CloudFormation would write over the value.
 */
const REPLACES: Readonly<Record<string, readonly string[]>> = {
  'AWS::ApiGateway::Account': [],
  'AWS::ApiGateway::GatewayResponse': ['ResponseType', 'RestApiId'],
  'AWS::ApiGateway::Method': ['HttpMethod', 'ResourceId', 'RestApiId'],
  'AWS::ApiGateway::Resource': ['ParentId', 'PathPart', 'RestApiId'],
  'AWS::ApiGateway::RestApi': [],
  'AWS::ApiGateway::Stage': ['RestApiId', 'StageName'],
  'AWS::CloudWatch::Alarm': ['AlarmName'],
  'AWS::CloudWatch::Dashboard': ['DashboardName'],
  'AWS::DynamoDB::GlobalTable': ['TableName', 'KeySchema', 'LocalSecondaryIndexes', 'AttributeDefinitions'],
  'AWS::Events::Rule': ['Name', 'EventBusName'],
  'AWS::IAM::ManagedPolicy': ['ManagedPolicyName', 'Description', 'Path'],
  'AWS::IAM::Policy': ['PolicyName'],
  'AWS::IAM::Role': ['RoleName', 'Path'],
  'AWS::KMS::Alias': ['AliasName'],
  'AWS::KMS::Key': ['KeySpec', 'KeyUsage', 'MultiRegion', 'Origin'],
  'AWS::Lambda::EventInvokeConfig': ['FunctionName', 'Qualifier'],
  'AWS::Lambda::EventSourceMapping': ['EventSourceArn'],
  'AWS::Lambda::Function': ['FunctionName', 'PackageType'],
  'AWS::Lambda::Permission': ['Action', 'FunctionName', 'Principal', 'SourceAccount', 'SourceArn'],
  'AWS::Logs::LogGroup': ['LogGroupName'],
  'AWS::Logs::MetricFilter': ['FilterName', 'LogGroupName'],
  'AWS::SNS::Topic': ['TopicName', 'FifoTopic'],
  'AWS::SNS::TopicPolicy': [],
  'AWS::SQS::Queue': ['QueueName', 'FifoQueue'],
  'AWS::SQS::QueuePolicy': [],
  'AWS::Scheduler::Schedule': ['Name', 'GroupName'],
  'AWS::SecretsManager::ResourcePolicy': ['SecretId'],
  'AWS::SecretsManager::RotationSchedule': ['SecretId'],
  'AWS::SecretsManager::Secret': ['Name', 'SecretString', 'GenerateSecretString'],
  'AWS::WAFv2::WebACL': ['Name', 'Scope'],
  'AWS::WAFv2::WebACLAssociation': ['ResourceArn', 'WebACLArn'],
  'Custom::KeywardBootstrap': ['ServiceToken'],
};

/** Every change of the API makes a new deployment of the gateway, under an id that tells so. */
const ALWAYS_NEW = 'AWS::ApiGateway::Deployment';

const POLICIES = ['KeyPolicy', 'ResourcePolicy', 'Policy', 'PolicyDocument', 'Policies', 'AssumeRolePolicyDocument'];

/** The stacks that differ in more than their region, with the region written `<region>`. */
export const STACKS = ['keys', 'data', 'api-home', 'api-replica', 'operations'] as const;

const nameOf = (stack: (typeof STACKS)[number], replica: string): readonly [name: string, region: string] => {
  switch (stack) {
    case 'keys':
      return [`keyward-keys-${HOME}`, HOME];
    case 'api-home':
      return [`keyward-api-${HOME}`, HOME];
    case 'api-replica':
      return [`keyward-api-${replica}`, replica];
    default:
      return [`keyward-${stack}`, HOME];
  }
};

/** @param replica the region that stands for all replicas */
export function upgradeFacts(
  templates: ReadonlyMap<string, Template>,
  replica: string = REPLICAS[0],
): Readonly<Record<string, StackFacts>> {
  return Object.fromEntries(
    STACKS.map((stack) => {
      const [name, region] = nameOf(stack, replica);
      const template = templates.get(name);
      if (template === undefined) throw new Error(`no stack ${name}`);
      const facts = JSON.stringify(factsOf(template));
      return [stack, JSON.parse(stack === 'data' ? facts : facts.replaceAll(region, '<region>')) as StackFacts];
    }),
  );
}

function factsOf(template: Template): StackFacts {
  const { Outputs = {} } = template as { Outputs?: Record<string, { Export?: { Name: string } }> };
  const imports = JSON.stringify(template).matchAll(/"Fn::ImportValue":"([^"]*)"/g);
  return {
    resources: Object.fromEntries(
      Object.entries(template.Resources)
        .filter(([, { Type }]) => Type !== ALWAYS_NEW)
        .map(([id, resource]) => [id, resourceFacts(resource)]),
    ),
    exports: Object.values(Outputs).flatMap(({ Export }) => Export?.Name ?? []),
    imports: [...new Set([...imports].map(([, name = '']) => name))].toSorted(),
  };
}

function resourceFacts({ Type, Properties, DeletionPolicy, UpdateReplacePolicy }: Resource): ResourceFacts {
  const replaces = REPLACES[Type];
  if (replaces === undefined) throw new Error(`${Type}: say in upgrade-facts.ts which of its properties replace it`);
  const fixed = Object.fromEntries(
    replaces.filter((name) => Properties[name] !== undefined).map((name) => [name, brief(Properties[name])]),
  );
  const policies = Object.fromEntries(
    POLICIES.filter((name) => Properties[name] !== undefined).map((name) => [name, hashOf(Properties[name])]),
  );
  return {
    type: Type,
    ...(Object.keys(fixed).length > 0 && { fixed }),
    ...(DeletionPolicy !== undefined && { kept: `${DeletionPolicy}, ${UpdateReplacePolicy ?? ''}` }),
    ...(Object.keys(policies).length > 0 && { policies }),
  };
}

/** Only the change of a long value matters, not its contents. */
const brief = (value: unknown): unknown => (JSON.stringify(value).length > 200 ? hashOf(value) : value);

const hashOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);
