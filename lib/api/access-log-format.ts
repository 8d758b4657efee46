/**
 * One line for each request: who asked for what, and what the gateway made of it; never a body, no path, and no header but the
 * user agent (API Gateway Developer Guide, "Variables for access logging"). The template of the path stands for it: the path itself
 * has the names of credentials.
 *
 * **API Gateway fills in texts as they are.** One with a quotation mark makes a line that is no JSON, or one that names a member
 * twice. So the order is fixed: what the gateway or IAM makes comes first, the status before all, then {@link FREE_TEXTS}, in which
 * a sender can write what he likes. A reader takes each member where it stands first, and nothing from the free texts on but text.
 */
const MADE_BY_THE_GATEWAY = {
  status: '$context.status',
  request_id: '$context.requestId',
  extended_request_id: '$context.extendedRequestId',
  time: '$context.requestTime',
  time_ms: '$context.requestTimeEpoch',
  user_arn: '$context.identity.userArn',
  user: '$context.identity.user',
  caller: '$context.identity.caller',
  account_id: '$context.identity.accountId',
  organization_id: '$context.identity.principalOrgId',
  source_ip: '$context.identity.sourceIp',
  method: '$context.httpMethod',
  resource: '$context.resourcePath',
  protocol: '$context.protocol',
  response_bytes: '$context.responseLength',
  latency_ms: '$context.responseLatency',
  integration_status: '$context.integration.status',
  integration_latency_ms: '$context.integration.latency',
  authorize_status: '$context.authorize.status',
  authorize_latency_ms: '$context.authorize.latency',
  error_response_type: '$context.error.responseType',
  waf_status: '$context.waf.status',
} as const;

/**
 * The gateway's messages quote what was sent: about a wrong signature the path, the signed headers and the body's SHA-256, about a
 * missing right the resource that was asked for. The user agent is the sender's alone, and last.
 */
const FREE_TEXTS = {
  integration_error: '$context.integration.error',
  waf_error: '$context.waf.error',
  authorize_error: '$context.authorize.error',
  error_message: '$context.error.message',
  user_agent: '$context.identity.userAgent',
} as const;

export const ACCESS_LOG_FORMAT = JSON.stringify({ ...MADE_BY_THE_GATEWAY, ...FREE_TEXTS });

/**
 * Matches the lines of requests that were refused with 403: by the beginning of the line, which no sender can shift or imitate, and
 * whether or not the rest is JSON. A regular expression between percent signs; `^` is the beginning, and a quotation mark or brace
 * is a dot, because these are no characters of such patterns (CloudWatch Logs User Guide, "Supported regular expressions syntax").
 */
export const REFUSED = '%^..status...403%';
