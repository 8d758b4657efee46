/**
 * One JSON object for each request: who asked for what, and what the gateway made of it; never a body, and no header but the
 * user agent (API Gateway Developer Guide, "Variables for access logging"). The gateway's own message about a wrong signature
 * can repeat the signed headers and the body's SHA-256.
 */
export const ACCESS_LOG_FORMAT = JSON.stringify({
  request_id: '$context.requestId',
  extended_request_id: '$context.extendedRequestId',
  time: '$context.requestTime',
  time_ms: '$context.requestTimeEpoch',
  method: '$context.httpMethod',
  resource: '$context.resourcePath',
  path: '$context.path',
  protocol: '$context.protocol',
  status: '$context.status',
  response_bytes: '$context.responseLength',
  latency_ms: '$context.responseLatency',
  integration_status: '$context.integration.status',
  integration_latency_ms: '$context.integration.latency',
  integration_error: '$context.integration.error',
  user_arn: '$context.identity.userArn',
  user: '$context.identity.user',
  caller: '$context.identity.caller',
  account_id: '$context.identity.accountId',
  organization_id: '$context.identity.principalOrgId',
  source_ip: '$context.identity.sourceIp',
  user_agent: '$context.identity.userAgent',
  authorize_status: '$context.authorize.status',
  authorize_error: '$context.authorize.error',
  authorize_latency_ms: '$context.authorize.latency',
  error_message: '$context.error.message',
  error_response_type: '$context.error.responseType',
  waf_status: '$context.waf.status',
  waf_error: '$context.waf.error',
});
