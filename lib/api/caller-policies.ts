import type { CfnRestApi, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { API_SERVICE, INVOKE_ACTION } from '../../lambdas/core/contract/execute-api';
import { CALLER_GRANTS, OPERATOR_GRANTS, type Grant } from '../../lambdas/core/contract/grants';
import { acknowledgeWildcard } from '../acknowledge-wildcard';
import type { ApiRoute } from './api-route';
import type { Deployment } from '../deployment';
import type { ResourceNames } from '../resource-names';

/**
 * Managed policies for callers of the API: one for each provider and grant, and for operators those for keysets, rotations and
 * the audit log of all providers. They are not attached to anybody. Each allows `execute-api:Invoke` on the routes whose operation
 * declares the grant: `reveal` on `POST/v1/providers/<provider>/credentials/<name>/reveal` of the API's stage. README.md, "The API",
 * has the grant of each call.
 */
export class CallerPolicies extends Construct {
  constructor(
    scope: Construct,
    id: string,
    props: { deployment: Deployment; names: ResourceNames; api: RestApi; routes: readonly ApiRoute[] },
  ) {
    super(scope, id);
    const { deployment, names, api, routes } = props;
    const { region } = Stack.of(this);
    const base = `arn:aws:${API_SERVICE}:${region}:${deployment.account}`;
    const apiLogicalId = Stack.of(this).getLogicalId(api.node.defaultChild as CfnRestApi);
    const pathsFor = (grant: Grant, providers: readonly string[]): string[] =>
      routes
        .filter((route) => route.grant === grant)
        .flatMap((route) => pathsOf(route.path, providers).map((path) => `${STAGE}/${route.method}${path}`));
    const onePolicy = (policyId: string, description: string, paths: readonly string[]): void => {
      const managed = new ManagedPolicy(this, policyId, {
        managedPolicyName: names.of(`${region}-${policyId}`),
        description,
        statements: [
          new PolicyStatement({
            actions: [INVOKE_ACTION],
            resources: paths.map((path) => `${base}:${api.restApiId}/${path}`),
          }),
        ],
      });
      acknowledgeWildcard(
        managed,
        'The wildcard stands for the name of a credential, a rotation or a version, below one provider, or for the id of an audit event.',
        ...paths.filter((path) => path.includes('*')).map((path) => `${base}:<${apiLogicalId}>/${path}`),
      );
    };
    const policy = (policyId: string, description: string, paths: readonly string[]): void => {
      for (const [index, part] of inParts(paths, base.length + API_ID_CHARACTERS).entries()) {
        onePolicy(index === 0 ? policyId : `${policyId}-${index + 1}`, description, part);
      }
    };
    for (const provider of deployment.providers) {
      for (const grant of CALLER_GRANTS) {
        policy(`${provider}-${grant}`, `Keyward: may ${grant} for ${provider}`, pathsFor(grant, [provider]));
      }
    }
    for (const grant of OPERATOR_GRANTS) {
      policy(`operators-${grant}`, `Keyward: operators, ${grant}`, pathsFor(grant, deployment.providers));
    }
  }
}

/** A managed policy has at most 6,144 characters (IAM and AWS STS quotas); the statement around the list takes some. */
const MAX_CHARACTERS = 5800;
const API_ID_CHARACTERS = 10;
/** Quotation marks, a comma, a colon and a slash. */
const PUNCTUATION = 5;

/** Splits the paths, in their order, into as few policies as can hold them. */
function inParts(paths: readonly string[], prefixCharacters: number): readonly (readonly string[])[] {
  const parts: string[][] = [];
  let room = 0;
  for (const path of paths) {
    const characters = prefixCharacters + PUNCTUATION + path.length;
    if (characters > room) {
      parts.push([]);
      room = MAX_CHARACTERS;
    }
    parts.at(-1)?.push(path);
    room -= characters;
  }
  return parts;
}

/** The gateway's one stage. */
export const STAGE = 'live';

/** A path parameter, which is one segment. */
const PARAMETER = /\{[a-z_]+\}/g;

/** Lists each provider: in a policy `*` would also match the paths below it. */
const pathsOf = (path: string, providers: readonly string[]): readonly string[] =>
  path.includes('{provider}')
    ? providers.map((provider) => path.replace('{provider}', provider).replaceAll(PARAMETER, '*'))
    : [path.replaceAll(PARAMETER, '*')];
