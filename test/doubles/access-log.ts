import { gzipSync } from 'node:zlib';
import { ACCESS_LOG_FORMAT } from '../../lambdas/core/contract/access-log-format';

/** The log group of a deployment of the stage `keyward`. */
export const ACCESS_LOG = '/aws/apigateway/keyward-access';

let lines = 0;

/**
 * A line as API Gateway writes it: each variable in its place, nothing escaped, and a hyphen for what has no value. By default that of
 * an unsigned request, with ids of its own.
 *
 * @param values by the variable's name, without `$context.`
 */
export function accessLine(values: Readonly<Record<string, string>> = {}): string {
  lines += 1;
  const all: Readonly<Record<string, string>> = {
    status: '403',
    requestId: `00000000-0000-4000-8000-${String(lines).padStart(12, '0')}`,
    extendedRequestId: `Ab${String(lines).padStart(10, '0')}c=`,
    requestTime: '21/Nov/2026:09:00:00 +0000',
    requestTimeEpoch: String(Date.parse('2026-11-21T09:00:00.000Z') + lines),
    'identity.sourceIp': '192.0.2.1',
    'identity.userAgent': 'test/1.0',
    httpMethod: 'GET',
    resourcePath: '/v1/providers',
    protocol: 'HTTP/1.1',
    responseLength: '172',
    responseLatency: '1',
    'error.responseType': 'MISSING_AUTHENTICATION_TOKEN',
    'error.message': 'Missing Authentication Token',
    ...values,
  };
  return ACCESS_LOG_FORMAT.replaceAll(/\$context\.([A-Za-z.]+)/g, (_, name: string) => all[name] ?? '-');
}

/** What CloudWatch Logs sends to a function that subscribed to a log group. */
export const deliveryOf = (messages: readonly string[], more: Readonly<Record<string, unknown>> = {}) => {
  const delivery = {
    messageType: 'DATA_MESSAGE',
    owner: '111111111111',
    logGroup: ACCESS_LOG,
    logStream: '0123456789abcdef0123456789abcdef',
    subscriptionFilters: ['keyward-refusals'],
    logEvents: messages.map((message, index) => ({
      id: `3917${String(index).padStart(52, '0')}`,
      timestamp: 1_795_251_600_000 + index,
      message,
    })),
    ...more,
  };
  return inAwslogs(JSON.stringify(delivery));
};

export const inAwslogs = (text: string) => ({ awslogs: { data: gzipSync(text).toString('base64') } });

/** "mainly for checking if the destination is reachable": what comes when a subscription is made. */
export const CONTROL_MESSAGE = inAwslogs(
  JSON.stringify({
    messageType: 'CONTROL_MESSAGE',
    owner: 'CloudwatchLogs',
    logGroup: '',
    logStream: '',
    subscriptionFilters: [],
    logEvents: [
      { id: '', timestamp: 1_795_251_600_000, message: 'CWL CONTROL MESSAGE: Checking health of destination Lambda.' },
    ],
  }),
);
