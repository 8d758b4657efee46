import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { API_SERVICE, INVOKE_ACTION } from '../../lambdas/core/contract/execute-api';
import type { ApiRoute } from './api-route';
import { STAGE } from './caller-policies';
import type { Deployment } from '../deployment';

/**
 * The resource policy of the API. It allows anyone to call what needs no signature, and nothing else: a caller of this account
 * needs an Allow of its own policy, which an Allow here would replace; a caller of another account would need both (API Gateway
 * Developer Guide, "How API Gateway resource policies affect authorization workflow"). Configured source addresses and a
 * configured organization are each a Deny, which no policy of a caller overrides.
 */
export const apiPolicy = (routes: readonly ApiRoute[], deployment: Deployment): PolicyDocument =>
  new PolicyDocument({
    statements: [
      new PolicyStatement({
        sid: 'AnyoneMayAskWhetherItIsAlive',
        principals: [new AnyPrincipal()],
        actions: [INVOKE_ACTION],
        resources: open(routes).map((route) => `${API_SERVICE}:/${STAGE}/${route.method}${route.path}`),
      }),
      deny('OnlyEncrypted', [`${API_SERVICE}:/*`], { Bool: { 'aws:SecureTransport': 'false' } }),
      ...limits(routes, deployment),
    ],
  });

/**
 * A missing condition key is not in any list, so both conditions deny a request without it: NotIpAddress a request through a VPC
 * endpoint, StringNotEquals an unsigned request or a principal outside any organization (IAM User Guide, "IAM JSON policy
 * elements: condition operators"; API Gateway Developer Guide, "AWS condition keys that can be used in API Gateway resource
 * policies").
 */
function limits(routes: readonly ApiRoute[], { sourceAddresses, organizationId }: Deployment): PolicyStatement[] {
  const statements: PolicyStatement[] = [];
  if (sourceAddresses !== undefined) {
    const conditions = { NotIpAddress: { 'aws:SourceIp': [...sourceAddresses] } };
    statements.push(deny('OnlyFromListedAddresses', signed(routes), conditions));
  }
  if (organizationId !== undefined) {
    const conditions = { StringNotEquals: { 'aws:PrincipalOrgID': organizationId } };
    statements.push(deny('OnlyFromTheOrganization', signed(routes), conditions));
  }
  return statements;
}

const open = (routes: readonly ApiRoute[]): readonly ApiRoute[] => routes.filter((route) => !route.authenticated);

/**
 * All resources but the unsigned calls, in any stage: everything below a first segment of a signed route, by any method, and all
 * methods without an unsigned call, however the gateway routes an oddly written path. Not by NotResource, which the gateway's
 * documentation does not mention.
 *
 * @throws Error if an unsigned call lies below one of them
 */
function signed(routes: readonly ApiRoute[]): readonly string[] {
  const closed = routes.filter((route) => route.authenticated);
  const segments = [...new Set(closed.map(firstSegment))];
  const exposed = open(routes).find((route) => segments.includes(firstSegment(route)));
  if (exposed !== undefined) throw new Error(`${exposed.path} needs no signature, but is below a path that does.`);
  const openMethods = open(routes).map(({ method }) => method);
  const methods = [...new Set(closed.map(({ method }) => method))].filter((each) => !openMethods.includes(each));
  return [
    ...segments.flatMap((segment) => [`${API_SERVICE}:/*/*/${segment}`, `${API_SERVICE}:/*/*/${segment}/*`]),
    ...methods.map((method) => `${API_SERVICE}:/*/${method}/*`),
  ];
}

const firstSegment = ({ path }: ApiRoute): string => path.split('/')[1] ?? '';

const deny = (sid: string, resources: readonly string[], conditions: Record<string, unknown>): PolicyStatement =>
  new PolicyStatement({
    sid,
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: [INVOKE_ACTION],
    resources: [...resources],
    conditions,
  });
