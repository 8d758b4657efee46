import { toAuditItem } from '../../../lambdas/adapters/aws/dynamodb/audit-item';
import { EmbeddedMetrics } from '../../../lambdas/adapters/aws/observability/embedded-metrics';
import { createFunctionLogger } from '../../../lambdas/adapters/aws/observability/function-logger';
import { systemClock } from '../../../lambdas/adapters/system/system-clock';
import { ACCESS_LOG_FORMAT } from '../../../lambdas/core/contract/access-log-format';
import { World } from '../../doubles/world';
import { itemBytes } from './item-bytes';

/** What one audited decrypt leaves behind, in bytes. */
export interface MeasuredSizes {
  /** The audit event as an item, without what DynamoDB adds. */
  readonly auditItem: number;
  /** Each line of a log. */
  readonly logLines: readonly number[];
}

/** A service behind a role; the user agent of the SDK for JavaScript. */
const CALLER = {
  user_id: 'arn:aws:sts::111111111111:assumed-role/search-service-production/i-0123456789abcdef0',
  ip_address: '198.51.100.123',
  user_agent: 'aws-sdk-js/3.1162.0 ua/2.1 os/linux#6.1 lang/js md/nodejs#24.11.0 m/E',
  request_id: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
};

/** The variables of the access log for it; those without a value are a hyphen. */
const CONTEXT: Readonly<Record<string, string>> = {
  status: '200',
  requestId: CALLER.request_id,
  extendedRequestId: 'JJbxmPlRvHcFdBA=',
  requestTime: '26/Nov/2025:20:01:33 +0000',
  requestTimeEpoch: '1764187293123',
  'identity.userArn': CALLER.user_id,
  'identity.user': 'AROAABCDEFGHIJKLMNOPQ:i-0123456789abcdef0',
  'identity.caller': 'AROAABCDEFGHIJKLMNOPQ:i-0123456789abcdef0',
  'identity.accountId': '111111111111',
  'identity.principalOrgId': 'o-a1b2c3d4e5',
  'identity.sourceIp': CALLER.ip_address,
  'identity.userAgent': CALLER.user_agent,
  httpMethod: 'POST',
  resourcePath: '/v1/providers/{provider}/decrypt',
  protocol: 'HTTP/1.1',
  responseLength: '172',
  responseLatency: '24',
  'integration.status': '200',
  'integration.latency': '21',
  'authorize.status': '200',
  'authorize.latency': '1',
  'waf.status': '200',
};

/** Lambda's own lines around each invocation (Lambda Developer Guide, "Viewing CloudWatch logs for Lambda functions"). */
const PLATFORM_LINES = [
  `START RequestId: ${CALLER.request_id} Version: $LATEST\n`,
  `END RequestId: ${CALLER.request_id}\n`,
  `REPORT RequestId: ${CALLER.request_id}\tDuration: 19.31 ms\tBilled Duration: 20 ms\tMemory Size: 1024 MB\tMax Memory Used: 128 MB\t\n`,
];

/** @param retentionDays of audit events */
export async function measureSizes(retentionDays: number): Promise<MeasuredSizes> {
  const world = new World();
  const { application } = world;
  const { ciphertext } = await application.encrypt(CALLER, {
    provider: 'openai',
    plaintext: 'x'.repeat(108),
    context: {},
  });
  await application.decrypt(CALLER, { provider: 'openai', ciphertext, context: {} });
  const record = world.audit.records.at(-1);
  if (record?.event_type !== 'decrypt') throw new Error('no audit event of a decrypt');
  const accessLine = ACCESS_LOG_FORMAT.replaceAll(
    /\$context\.([A-Za-z.]+)/g,
    (_, name: string) => CONTEXT[name] ?? '-',
  );
  const lines = [accessLine, ...PLATFORM_LINES, requestLine(), metricsLine()];
  return {
    auditItem: itemBytes(toAuditItem(record, retentionDays)),
    logLines: lines.map((line) => Buffer.byteLength(line)),
  };
}

/** What the function itself says of a request. */
const requestLine = (): string =>
  writtenBy(() => {
    const fields = { request_id: CALLER.request_id, operation: 'decrypt', provider: 'openai' };
    createFunctionLogger('keyward', systemClock).info('request served', { ...fields, status: 200, duration_ms: 19 });
  });

/** What a decrypt from the cache counts, in CloudWatch's embedded format. */
const metricsLine = (): string =>
  writtenBy(() => {
    const metrics = new EmbeddedMetrics('keyward', systemClock);
    metrics.count('dek_cache_hit');
    metrics.flush();
  });

function writtenBy(write: () => void): string {
  const { stdout } = process;
  const original = stdout.write.bind(stdout);
  let written = '';
  stdout.write = (chunk: string | Uint8Array) => {
    written += String(chunk);
    return true;
  };
  try {
    write();
  } finally {
    stdout.write = original;
  }
  return written;
}
