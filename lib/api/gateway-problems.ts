import { STATUS_CODES } from 'node:http';
import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { MAX_BATCH_BODY_BYTES } from '../../lambdas/core/contract/limits';
import {
  GATEWAY_DETAILS,
  PROBLEM_CONTENT_TYPE,
  PROBLEM_STATUSES,
  RETRY_AFTER_SECONDS,
  tooLarge,
  TRY_AGAIN,
  type ErrorCode,
} from '../../lambdas/core/contract/problems';

interface GatewayProblem {
  readonly type: ResponseType;
  /** Left out: the gateway's own status, and the title of that status. */
  readonly status?: number;
  readonly title: string;
  readonly code: string;
  readonly detail: string;
}

const problem = (type: ResponseType, status: number, code: string, detail: string): GatewayProblem => ({
  type,
  status,
  title: STATUS_CODES[status] ?? '',
  code,
  detail,
});
/** A problem with the status that a function would answer. */
const known = (type: ResponseType, code: ErrorCode, detail: string): GatewayProblem =>
  problem(type, PROBLEM_STATUSES[code], code, detail);
const FAILED = 'an unexpected error occurred';

/**
 * Fixed texts, because the gateway's own messages can quote the request. What needs a request validator, a usage plan or an authorizer
 * function (API Gateway Developer Guide, "Gateway response types") cannot come about here; the default types would answer it. Each
 * type takes a resource of the stack, which has room for few (test/infra/stacks/limits.test.ts).
 */
const PROBLEMS: readonly GatewayProblem[] = [
  known(ResponseType.ACCESS_DENIED, 'access_denied', GATEWAY_DETAILS.notAllowed),
  known(ResponseType.UNAUTHORIZED, 'access_denied', GATEWAY_DETAILS.unsigned),
  known(ResponseType.INVALID_SIGNATURE, 'access_denied', GATEWAY_DETAILS.unsigned),
  known(
    ResponseType.MISSING_AUTHENTICATION_TOKEN,
    'access_denied',
    `the request is not signed, or ${GATEWAY_DETAILS.noRoute}`,
  ),
  known(ResponseType.EXPIRED_TOKEN, 'access_denied', 'the credentials that signed the request have expired'),
  known(ResponseType.WAF_FILTERED, 'access_denied', 'too many requests came from this address'),
  known(ResponseType.RESOURCE_NOT_FOUND, 'route_not_found', GATEWAY_DETAILS.noRoute),
  known(ResponseType.REQUEST_TOO_LARGE, 'payload_too_large', tooLarge(MAX_BATCH_BODY_BYTES)),
  // With a proxy integration the only cause is a Content-Encoding that the gateway does not decode.
  known(ResponseType.UNSUPPORTED_MEDIA_TYPE, 'unsupported_media_type', GATEWAY_DETAILS.encoded),
  known(ResponseType.THROTTLED, 'throttled', GATEWAY_DETAILS.throttled),
  known(ResponseType.INTEGRATION_FAILURE, 'store_unavailable', 'the function did not answer; try again'),
  known(ResponseType.INTEGRATION_TIMEOUT, 'store_unavailable', 'the function did not answer in time; try again'),
  known(ResponseType.API_CONFIGURATION_ERROR, 'internal', FAILED),
  // The gateway's own status stays if the cause is unknown.
  {
    type: ResponseType.DEFAULT_4XX,
    title: 'Refused',
    code: 'invalid_request',
    detail: 'the gateway refused the request',
  },
  { type: ResponseType.DEFAULT_5XX, title: 'Failed', code: 'internal', detail: FAILED },
];

/** Makes the gateway answer its own errors as RFC 9457 problem documents, like those of the functions. */
export function addGatewayProblems(api: RestApi): void {
  for (const { type, status, title, code, detail } of PROBLEMS) {
    // The default types take their status from the cause, so only they use the gateway's variable.
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
        'content-type': `'${PROBLEM_CONTENT_TYPE}'`,
        'cache-control': "'no-store'",
        'x-content-type-options': "'nosniff'",
        'x-request-id': 'context.requestId',
        ...(status !== undefined && TRY_AGAIN.includes(status) && { 'retry-after': `'${RETRY_AFTER_SECONDS}'` }),
      },
    });
  }
}
