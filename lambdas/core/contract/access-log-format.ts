/**
 * One log line per request: caller, call and the gateway's result; no body, no path, and no header but the user agent (API
 * Gateway Developer Guide, "Variables for access logging"). It has the template of the path, because the path itself has names of
 * credentials.
 *
 * **API Gateway does not escape texts.** A text with a quotation mark makes a line that is not JSON, or that has a member twice.
 * So the order is fixed: first the values that the gateway or IAM makes, the status before all, then {@link SENDERS_TEXTS}, which a
 * sender can choose. A reader takes the first occurrence of each member, and reads everything after the beginning of those texts as
 * text.
 */
const MADE_BY_THE_GATEWAY = {
  status: '$context.status',
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
 * "Clients can override this request ID": so the id comes first of what a sender can choose. The gateway's messages quote the
 * request: for a wrong signature the path, the signed headers and the body's SHA-256, for a missing permission the resource. The
 * user agent comes last.
 */
const SENDERS_TEXTS = {
  request_id: '$context.requestId',
  integration_error: '$context.integration.error',
  waf_error: '$context.waf.error',
  authorize_error: '$context.authorize.error',
  error_message: '$context.error.message',
  user_agent: '$context.identity.userAgent',
} as const;

export const ACCESS_LOG_FORMAT = JSON.stringify({ ...MADE_BY_THE_GATEWAY, ...SENDERS_TEXTS });

/** A member that the gateway or IAM makes. */
export type GatewaysMember = keyof typeof MADE_BY_THE_GATEWAY;

/** In the order of the line. */
export const GATEWAYS_MEMBERS = Object.keys(MADE_BY_THE_GATEWAY) as readonly GatewaysMember[];

/** What stands for a variable without a value. */
export const NO_VALUE = '-';
