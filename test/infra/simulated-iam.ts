import { runSimulation } from '@cloud-copilot/iam-simulate';
import { ACCOUNT, resourcesOf, synthesized, templateOf, type Resource } from './synthesized';

export interface Policy {
  readonly Version: string;
  readonly Statement: readonly unknown[];
}

export interface Question {
  readonly principal: string;
  readonly policies: readonly Policy[];
  readonly action: string;
  readonly resource: string;
  readonly context?: Record<string, string | string[]>;
  readonly resourcePolicy?: Policy;
}

export const API_ID = 'a1b2c3d4e5';
const ALLOW_ALL = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

/** Whether IAM would let it through; a question that IAM could not be asked is an error. */
export async function isAllowed(question: Question): Promise<boolean> {
  const result = await runSimulation(
    {
      request: {
        principal: question.principal,
        action: question.action,
        resource: { resource: question.resource, accountId: ACCOUNT },
        contextVariables: {
          'aws:PrincipalArn': question.principal,
          'aws:PrincipalIsAWSService': 'false',
          'aws:ViaAWSService': 'false',
          'aws:SecureTransport': 'true',
          ...question.context,
        },
      },
      identityPolicies: question.policies.map((policy, index) => ({ name: `policy-${index}`, policy })),
      serviceControlPolicies: [{ orgIdentifier: 'root', policies: [{ name: 'all', policy: ALLOW_ALL }] }],
      resourceControlPolicies: [],
      ...(question.resourcePolicy !== undefined && { resourcePolicy: question.resourcePolicy }),
    },
    {},
  );
  if (result.resultType === 'error') throw new Error(JSON.stringify(result.errors));
  return result.overallResult === 'Allowed';
}

export const roleArn = (roleName: string): string => `arn:aws:iam::${ACCOUNT}:role/${roleName}`;

const policiesByRole = new Map<string, readonly Policy[]>();

/** All policies of a role, wherever they are attached. @throws Error where there is no such role */
export function policiesOfRole(roleName: string): readonly Policy[] {
  const policies = policiesByRole.get(roleName) ?? findPoliciesOfRole(roleName);
  policiesByRole.set(roleName, policies);
  return policies;
}

function findPoliciesOfRole(roleName: string): readonly Policy[] {
  for (const template of synthesized().templates.values()) {
    for (const [id, role] of resourcesOf(template, 'AWS::IAM::Role')) {
      if (role.Properties['RoleName'] !== roleName) continue;
      if (role.Properties['ManagedPolicyArns'] !== undefined) throw new Error('a managed policy is not simulated');
      const inline = (role.Properties['Policies'] ?? []) as { PolicyDocument: unknown }[];
      const attached = resourcesOf(template, 'AWS::IAM::Policy').filter(([, policy]) => names(policy, id));
      return [...inline, ...attached.map(([, { Properties }]) => Properties as { PolicyDocument: unknown })].map(
        ({ PolicyDocument }) => resolve(PolicyDocument) as Policy,
      );
    }
  }
  throw new Error(`no role ${roleName}`);
}

const names = (policy: Resource, roleId: string): boolean =>
  JSON.stringify(policy.Properties['Roles']).includes(`"${roleId}"`);

/** A managed policy of a region's API, by the end of its name. */
export const managedPolicy = (region: string, name: string): Policy =>
  managedPolicyOf(`keyward-api-${region}`, `keyward-${region}-${name}`);

/** A managed policy of a stack. @throws Error where there is none */
export function managedPolicyOf(stack: string, name: string): Policy {
  const found = resourcesOf(templateOf(stack), 'AWS::IAM::ManagedPolicy').find(
    ([, { Properties }]) => Properties['ManagedPolicyName'] === name,
  );
  if (found === undefined) throw new Error(`no policy ${name} in ${stack}`);
  return resolve(found[1].Properties['PolicyDocument']) as Policy;
}

/** The resource policy of a type in a stack: the only one, or that of a resource whose logical id begins so. */
export function resourcePolicy(stack: string, type: string, property: string, idStart = ''): Policy {
  const found = resourcesOf(templateOf(stack), type).find(([id]) => id.startsWith(idStart));
  return resolve(found?.[1].Properties[property]) as Policy;
}

/** Puts something in the place of what CloudFormation would fill in. */
export function resolve(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolve);
  if (typeof value !== 'object' || value === null) return value;
  const object = value as Record<string, unknown>;
  const join = object['Fn::Join'] as [string, unknown[]] | undefined;
  if (join !== undefined) return join[1].map(resolve).join(join[0]);
  if (object['Ref'] === 'AWS::Partition') return 'aws';
  if ('Ref' in object) return API_ID;
  if ('Fn::GetAtt' in object) return `arn:aws:lambda:us-east-1:${ACCOUNT}:function:elsewhere`;
  return Object.fromEntries(Object.entries(object).map(([key, member]) => [key, resolve(member)]));
}
