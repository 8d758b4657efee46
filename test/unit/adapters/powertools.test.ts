import { createPowertoolsLogger } from '../../../lambdas/adapters/aws/observability/powertools-logger';
import { PowertoolsMetrics } from '../../../lambdas/adapters/aws/observability/powertools-metrics';
import type { LogFields } from '../../../lambdas/core/ports/logger';
import { writtenLines } from '../../doubles/written-lines';

test('log lines have the members on the list and those of Powertools, and no others', () => {
  const logger = createPowertoolsLogger('stage');
  const wide = { code: 'internal', status: 500, api_key: 'CANARY', error: new Error('CANARY') } as LogFields;
  const lines = writtenLines(() => {
    logger.info('one');
    logger.warn('two', { provider: 'openai' });
    logger.error('three', wide);
  });
  expect(lines).toMatchObject([
    { level: 'INFO', message: 'one', service: 'stage' },
    { level: 'WARN', message: 'two', provider: 'openai' },
    { level: 'ERROR', message: 'three', code: 'internal', status: 500 },
  ]);
  expect(JSON.stringify(lines)).not.toMatch(/CANARY|api_key/);
});

test('metrics leave as one line of EMF a flush, with their sums and last values', () => {
  const metrics = new PowertoolsMetrics('stage');
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
