/** A request in a test. */
export interface TestRequest {
  readonly method?: string;
  readonly path: string;
  /** Text is sent unchanged; anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly identity?: Readonly<Record<string, unknown>>;
}

export const USER_ARN = 'arn:aws:iam::111122223333:user/tester';

/** The REST proxy event (payload format 1.0) that the gateway makes of a request. */
export function proxyEventOf({ method = 'GET', path, body, headers = {}, query, identity = {} }: TestRequest) {
  const lists = Object.entries(query ?? {}).map(([name, value]) => [name, Array.isArray(value) ? value : [value]]);
  return {
    resource: '/{proxy+}',
    path,
    httpMethod: method,
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    queryStringParameters: query ? Object.fromEntries(lists.map(([name, list]) => [name, list?.at(-1) ?? ''])) : null,
    multiValueQueryStringParameters: query ? Object.fromEntries(lists) : null,
    pathParameters: null,
    stageVariables: null,
    requestContext: {
      requestId: 'request-1',
      path: `/prod${path}`,
      identity: { sourceIp: '192.0.2.1', userAgent: 'test/1.0', userArn: USER_ARN, ...identity },
    },
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    isBase64Encoded: false,
  };
}
