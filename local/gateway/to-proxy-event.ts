import type { IncomingMessage } from 'node:http';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { LOCAL_ACCOUNT_ID } from '../../lambdas/core/contract/local-mode';
import type { Principal } from '../identity/principals';
import type { RequestTarget } from './request-target';

/** The gateway's facts about a request, besides its text. */
export interface RequestFacts {
  readonly requestId: string;
  readonly receivedAt: number;
  readonly sourceIp: string | null;
  /** Undefined on public routes. */
  readonly principal: Principal | undefined;
  /** The route template and its parameters, if the path matches a route. */
  readonly route: { readonly path: string; readonly parameters: Readonly<Record<string, string>> } | undefined;
}

type Values = Record<string, string[]>;

/**
 * Converts a request to the event that API Gateway passes to a Lambda function: REST API, proxy integration, payload format 1.0
 * (API Gateway Developer Guide, "Input format of a Lambda function for proxy integration"). The Authorization header is left out:
 * the function gets the verified identity instead.
 */
export function toProxyEvent(
  request: IncomingMessage,
  target: RequestTarget,
  body: string,
  facts: RequestFacts,
): APIGatewayProxyEvent {
  const method = request.method ?? '';
  const multiValueHeaders = headersOf(request.rawHeaders);
  const query = queryOf(target);
  const { principal } = facts;
  const resource = facts.route?.path ?? '/{proxy+}';
  return {
    resource,
    path: target.path,
    httpMethod: method,
    headers: lastOfEach(multiValueHeaders),
    multiValueHeaders,
    queryStringParameters: query === null ? null : lastOfEach(query),
    multiValueQueryStringParameters: query,
    pathParameters: facts.route === undefined ? { proxy: target.path.slice(1) } : orNull(facts.route.parameters),
    stageVariables: null,
    requestContext: {
      accountId: LOCAL_ACCOUNT_ID,
      apiId: 'local',
      authorizer: null,
      httpMethod: method,
      identity: {
        accessKey: principal?.accessKeyId ?? null,
        accountId: principal === undefined ? null : LOCAL_ACCOUNT_ID,
        apiKey: null,
        apiKeyId: null,
        caller: principal?.user ?? null,
        clientCert: null,
        cognitoAuthenticationProvider: null,
        cognitoAuthenticationType: null,
        cognitoIdentityId: null,
        cognitoIdentityPoolId: null,
        principalOrgId: null,
        sourceIp: facts.sourceIp ?? '',
        user: principal?.user ?? null,
        userAgent: request.headers['user-agent'] ?? null,
        userArn: principal?.arn ?? null,
      },
      path: `/local${target.path}`,
      protocol: `HTTP/${request.httpVersion}`,
      requestId: facts.requestId,
      requestTimeEpoch: facts.receivedAt,
      resourceId: 'local',
      resourcePath: resource,
      stage: 'local',
    },
    body: body === '' ? null : body,
    isBase64Encoded: false,
  };
}

function headersOf(rawHeaders: readonly string[]): Values {
  const headers = noMembers();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.toLowerCase() !== 'authorization') (headers[name] ??= []).push(rawHeaders[index + 1] ?? '');
  }
  return headers;
}

function queryOf({ query }: RequestTarget): Values | null {
  if (query === undefined || query.pairs.length === 0) return null;
  const values = noMembers();
  for (const [name, value] of query.pairs) (values[name] ??= []).push(value);
  return values;
}

/** API Gateway's single value of a repeated name is the last one. */
function lastOfEach(lists: Values): Record<string, string> {
  const singles = Object.create(null) as Record<string, string>;
  for (const name in lists) singles[name] = lists[name]?.at(-1) ?? '';
  return singles;
}

const orNull = (parameters: Readonly<Record<string, string>>): Record<string, string> | null =>
  Object.keys(parameters).length === 0 ? null : { ...parameters };

/** Has no prototype, so that a header or parameter may have any name. */
const noMembers = (): Values => Object.create(null) as Values;
