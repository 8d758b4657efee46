import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';

interface GatewayProblem {
  readonly type: ResponseType;
  /** Left out: the gateway's own status. */
  readonly status?: number;
  readonly title: string;
  readonly code: string;
  readonly detail: string;
}

const denied = (type: ResponseType, detail: string): GatewayProblem => ({
  type,
  status: 403,
  title: 'Forbidden',
  code: 'access_denied',
  detail,
});
const unavailable = (type: ResponseType, status: 500 | 503, detail: string): GatewayProblem => ({
  type,
  status,
  title: status === 503 ? 'Service Unavailable' : 'Internal Server Error',
  code: status === 503 ? 'store_unavailable' : 'internal',
  detail,
});
const UNSIGNED = 'the request carries no valid AWS Signature Version 4';

/** Fixed texts: the gateway's own messages can quote what was sent. */
const PROBLEMS: readonly GatewayProblem[] = [
  denied(ResponseType.ACCESS_DENIED, 'the policy of the caller does not allow this request'),
  denied(ResponseType.UNAUTHORIZED, UNSIGNED),
  denied(ResponseType.INVALID_SIGNATURE, UNSIGNED),
  denied(ResponseType.MISSING_AUTHENTICATION_TOKEN, 'the request is not signed, or there is no such route'),
  denied(ResponseType.EXPIRED_TOKEN, 'the credentials that signed the request have expired'),
  denied(ResponseType.WAF_FILTERED, 'the request is too big, or too many came from this address'),
  {
    type: ResponseType.RESOURCE_NOT_FOUND,
    status: 404,
    title: 'Not Found',
    code: 'route_not_found',
    detail: 'there is no such route',
  },
  {
    type: ResponseType.REQUEST_TOO_LARGE,
    status: 413,
    title: 'Payload Too Large',
    code: 'payload_too_large',
    detail: 'the body may have at most 65536 bytes',
  },
  {
    type: ResponseType.UNSUPPORTED_MEDIA_TYPE,
    status: 400,
    title: 'Bad Request',
    code: 'invalid_request',
    detail: 'the body must be application/json',
  },
  {
    type: ResponseType.BAD_REQUEST_BODY,
    status: 400,
    title: 'Bad Request',
    code: 'invalid_request',
    detail: 'the body is not valid',
  },
  {
    type: ResponseType.BAD_REQUEST_PARAMETERS,
    status: 400,
    title: 'Bad Request',
    code: 'invalid_request',
    detail: 'a parameter is not valid',
  },
  {
    type: ResponseType.THROTTLED,
    status: 429,
    title: 'Too Many Requests',
    code: 'throttled',
    detail: 'too many requests; try again',
  },
  {
    type: ResponseType.QUOTA_EXCEEDED,
    status: 429,
    title: 'Too Many Requests',
    code: 'throttled',
    detail: 'too many requests; try again',
  },
  unavailable(ResponseType.INTEGRATION_FAILURE, 503, 'the function did not answer; try again'),
  unavailable(ResponseType.INTEGRATION_TIMEOUT, 503, 'the function did not answer in time; try again'),
  unavailable(ResponseType.API_CONFIGURATION_ERROR, 500, 'something went wrong'),
  unavailable(ResponseType.AUTHORIZER_CONFIGURATION_ERROR, 500, 'something went wrong'),
  unavailable(ResponseType.AUTHORIZER_FAILURE, 500, 'something went wrong'),
  // The gateway's own status stays where the cause is not known.
  {
    type: ResponseType.DEFAULT_4XX,
    title: 'Refused',
    code: 'invalid_request',
    detail: 'the gateway refused the request',
  },
  { type: ResponseType.DEFAULT_5XX, title: 'Failed', code: 'internal', detail: 'something went wrong' },
];

const TRY_AGAIN = new Set([429, 503]);

/** Has the gateway answer its own errors as RFC 9457 problem documents, like those of the functions. */
export function addGatewayProblems(api: RestApi): void {
  for (const { type, status, title, code, detail } of PROBLEMS) {
    // The default types take their status from the cause: only there is it a variable of the gateway.
    const body = JSON.stringify({
      type: 'about:blank',
      title,
      ...(status !== undefined && { status }),
      code,
      detail,
      request_id: '$context.requestId',
    });
    api.addGatewayResponse(type.responseType, {
      type,
      ...(status !== undefined && { statusCode: String(status) }),
      templates: { 'application/json': body },
      responseHeaders: {
        'content-type': "'application/problem+json'",
        'cache-control': "'no-store'",
        'x-content-type-options': "'nosniff'",
        'x-request-id': 'context.requestId',
        ...(status !== undefined && TRY_AGAIN.has(status) && { 'retry-after': "'1'" }),
      },
    });
  }
}
