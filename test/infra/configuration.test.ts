import { ACCOUNT_FOR_SYNTHESIS, readDeployment } from '../../lib/configuration';

test('an empty configuration is the default one', () => {
  const deployment = readDeployment(undefined);
  expect(deployment).toMatchObject({
    stage: 'keyward',
    account: ACCOUNT_FOR_SYNTHESIS,
    homeRegion: 'us-east-1',
    regions: ['us-east-1', 'eu-west-1', 'ap-south-1'],
    providers: ['openai', 'anthropic', 'google', 'global'],
    kekRotationIntervalDays: 90,
    breakGlassRole: 'keyward-break-glass',
    secretMaintenance: false,
  });
  expect(deployment.alarmEmail).toBeUndefined();
});

test('the account is the configured one, then that of the environment', () => {
  expect(readDeployment({}, '222222222222').account).toBe('222222222222');
  expect(readDeployment({ account: '333333333333' }, '222222222222').account).toBe('333333333333');
});

test('a deployment of one region is possible', () => {
  expect(readDeployment({ replica_regions: [] }).regions).toEqual(['us-east-1']);
});

test.each([
  ['stage', { stage: 'Keyward' }],
  ['stage', { stage: '-k' }],
  ['stage', { stage: 'k'.repeat(21) }],
  ['stage', { stage: 7 }],
  ['account', { account: 111111111111 }],
  ['account', { account: '1111' }],
  ['home_region', { home_region: 'us-east-9' }],
  ['home_region', { home_region: 'cn-north-1' }],
  ['replica_regions', { replica_regions: ['eu-west-1', 'eu-west-77'] }],
  ['replica_regions', { replica_regions: ['eu-west-1', 'us-east-1'] }],
  ['replica_regions', { home_region: 'eu-west-1' }],
  ['replica_regions', { replica_regions: ['eu-west-1', 'eu-west-1'] }],
  ['replica_regions', { replica_regions: 'eu-west-1' }],
  ['providers', { providers: ['OpenAI'] }],
  ['providers', { providers: ['-openai'] }],
  ['providers', { providers: ['open_ai'] }],
  ['providers', { providers: ['p'.repeat(51)] }],
  ['providers', { providers: ['openai', 'openai'] }],
  ['providers', { providers: [] }],
  ['providers', { providers: Array.from({ length: 41 }, (_, index) => `p${index}`) }],
  ['kek_rotation_interval_days', { kek_rotation_interval_days: 45 }],
  ['kek_rotation_interval_days', { kek_rotation_interval_days: '30' }],
  ['grace_period_days', { kek_rotation_interval_days: 30, grace_period_days: 31 }],
  ['grace_period_days', { grace_period_days: -1 }],
  ['grace_period_days', { grace_period_days: 1.5 }],
  ['audit_retention_days', { audit_retention_days: 1 }],
  ['log_retention_days', { log_retention_days: 100 }],
  ['alarm_email', { alarm_email: 'nobody' }],
  ['alarm_email', { alarm_email: 'a b@example.com' }],
  ['break_glass_role', { break_glass_role: '*' }],
  ['break_glass_role', { break_glass_role: 'path/name' }],
  ['throttles', { throttles: 5 }],
  ['throttles.burst', { throttles: { requests_per_second: 100, burst: 50 } }],
  ['throttles.requests_per_second', { throttles: { requests_per_second: 0 } }],
  ['throttles.requests_per_address_in_5_minutes', { throttles: { requests_per_address_in_5_minutes: 5 } }],
  ['throttles.rate', { throttles: { rate: 5 } }],
  ['secret_maintenance', { secret_maintenance: 'yes' }],
  ['home_regions', { home_regions: 'us-east-1' }],
  ['keyward', []],
])('%s is named in one sentence: %j', (field, configuration) => {
  let message = '';
  try {
    readDeployment(configuration);
  } catch (thrown) {
    message = (thrown as Error).message;
  }
  expect(message.startsWith(`The configuration's ${field} `)).toBe(true);
  expect(message).toMatch(/^[^.\n]+([._][^.\n ]+)*[^.\n]*\.$/);
});
