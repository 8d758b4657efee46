import { EmbeddedMetrics } from '../../../lambdas/adapters/aws/observability/embedded-metrics';
import { createFunctionLogger } from '../../../lambdas/adapters/aws/observability/function-logger';
import type { LogFields } from '../../../lambdas/core/ports/logger';
import { TestClock, TEST_START } from '../../doubles/memory-ports';
import { writtenLines } from '../../doubles/written-lines';

test('log lines have the members on the list and their own, and no others', () => {
  const logger = createFunctionLogger('stage', new TestClock());
  const wide = { code: 'internal', status: 500, api_key: 'CANARY', error: new Error('CANARY') } as LogFields;
  const lines = writtenLines(() => {
    logger.info('one');
    logger.warn('two', { provider: 'openai' });
    logger.error('three', wide);
  });
  const timestamp = new Date(TEST_START).toISOString();
  expect(lines).toStrictEqual([
    { level: 'INFO', message: 'one', timestamp, service: 'stage' },
    { level: 'WARN', message: 'two', timestamp, service: 'stage', provider: 'openai' },
    { level: 'ERROR', message: 'three', timestamp, service: 'stage', code: 'internal', status: 500 },
  ]);
});

test.each([
  ['Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1', '1-5759e988-bd862e3fe1be46a994272793'],
  ['Sampled=0;Root=1-a', '1-a'],
  ['NoRoot=1-a', undefined],
  ['', undefined],
])('a log line names the X-Ray trace of its invocation (%s)', (header, id) => {
  const before = process.env['_X_AMZN_TRACE_ID'];
  process.env['_X_AMZN_TRACE_ID'] = header;
  try {
    const [line] = writtenLines(() => {
      createFunctionLogger('stage', new TestClock()).info('one');
    });
    expect(line?.['xray_trace_id']).toBe(id);
  } finally {
    if (before === undefined) delete process.env['_X_AMZN_TRACE_ID'];
    else process.env['_X_AMZN_TRACE_ID'] = before;
  }
});

test('metrics leave as one line of EMF a flush, with their sums and last values', () => {
  const metrics = new EmbeddedMetrics('stage', new TestClock());
  const lines = writtenLines(() => {
    metrics.flush();
    for (let times = 0; times < 250; times += 1) metrics.count('failed_decrypt');
    metrics.gauge('kek_age_days', 1);
    metrics.gauge('kek_age_days', 2.5);
    metrics.flush();
    metrics.flush();
    metrics.count('dek_cache_hit');
    metrics.flush();
  });
  expect(lines).toMatchObject([
    {
      service: 'stage',
      failed_decrypt: 250,
      kek_age_days: 2.5,
      _aws: {
        Timestamp: TEST_START,
        CloudWatchMetrics: [
          {
            Namespace: 'Keyward',
            Dimensions: [['service']],
            Metrics: [
              { Name: 'failed_decrypt', Unit: 'Count' },
              { Name: 'kek_age_days', Unit: 'None' },
            ],
          },
        ],
      },
    },
    { service: 'stage', dek_cache_hit: 1 },
  ]);
  expect(lines[1]).not.toHaveProperty('failed_decrypt');
});
