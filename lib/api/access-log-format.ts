/**
 * One log line per request: caller, call and the gateway's result; no body, no path, and no header but the user agent (API
 * Gateway Developer Guide, "Variables for access logging"). It has the template of the path, because the path itself has names of
 * credentials.
 *
 * **API Gateway does not escape texts.** A text with a quotation mark makes a line that is not JSON, or that has a member twice.
 * So the order is fixed: first the values that the gateway or IAM makes, the status before all, then {@link FREE_TEXTS}, which a
 * sender can choose. A reader takes the first occurrence of each member, and reads everything after the beginning of the free
 * texts as text.
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
 * The gateway's messages quote the request: for a wrong signature the path, the signed headers and the body's SHA-256, for a
 * missing permission the resource. The user agent is chosen by the sender and comes last.
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
 * Matches the lines of requests that were refused with 403, by the beginning of the line, which a sender cannot change; the rest
 * need not be JSON. A regular expression between percent signs; a dot stands for a quotation mark or brace, which such patterns
 * cannot have (CloudWatch Logs User Guide, "Supported regular expressions syntax").
 */
export const REFUSED = '%^..status...403%';
