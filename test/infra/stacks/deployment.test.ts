import { newKeyset } from '../../../lambdas/core/keysets/dek-keyset';
import { ACCOUNT_FOR_SYNTHESIS, readDeployment } from '../../../lib/deployment';
import { newKeks, TEST_START, testRandomness } from '../../doubles/memory-ports';

test('an empty configuration is the default one', () => {
  const deployment = readDeployment(undefined);
  expect(deployment).toMatchObject({
    stage: 'keyward',
    account: ACCOUNT_FOR_SYNTHESIS,
    homeRegion: 'us-east-1',
    regions: ['us-east-1', 'eu-west-1', 'ap-south-1'],
    providers: ['openai', 'anthropic', 'google', 'global'],
    kekRotationIntervalDays: 90,
    previousValueDays: 30,
    breakGlassRole: 'keyward-break-glass',
    secretMaintenance: false,
  });
  expect(deployment.alarmEmail).toBeUndefined();
});

test('the KEK is in Secrets Manager unless it is said where in Vault', () => {
  expect(readDeployment({}).kek).toEqual({ provider: 'aws', movingFrom: undefined, vault: undefined });
  expect(readDeployment({ kek: { provider: 'aws' } }).kek.vault).toBeUndefined();
  const kek = { provider: 'vault', address: 'https://vault.example:8200', role_id: 'r', secret_id_secret: 'vault/kek' };
  const login = { auth: 'approle', roleId: 'r', secretIdSecret: 'vault/kek' };
  expect(readDeployment({ kek }).kek.vault).toEqual({
    address: 'https://vault.example:8200',
    namespace: undefined,
    caCertificate: undefined,
    tlsServerName: undefined,
    kekPath: 'secret/keyward/kek',
    reader: login,
    rotator: login,
  });
  const pairs = 'us-east-1=https://a, eu-west-1=https://b ,ap-south-1=https://c';
  expect(readDeployment({ kek: { ...kek, address: pairs } }).kek.vault?.address).toBe(
    'us-east-1=https://a,eu-west-1=https://b,ap-south-1=https://c',
  );
  const certificate = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  for (const ca_certificate of [certificate, certificate + certificate]) {
    expect(readDeployment({ kek: { ...kek, ca_certificate } }).kek.vault?.caCertificate).toBe(ca_certificate);
  }
});

test('a grace period is measured by the interval of new DEKs, and not by that of the KEK', () => {
  const of = (context: object) => readDeployment(context).gracePeriodDays;
  expect(of({ kek_rotation_interval_days: 30, grace_period_days: 31 })).toBe(31);
  const { primary } = newKeks();
  const { rotation_policy: policy } = newKeyset('openai', primary, TEST_START, testRandomness);
  expect(of({ kek_rotation_interval_days: 30, grace_period_days: policy.interval_days })).toBe(policy.interval_days);
  expect(() => of({ grace_period_days: policy.interval_days + 1 })).toThrow(
    `The configuration's grace_period_days must not be longer than ${policy.interval_days}, the days after which the DEK of a new provider rotates.`,
  );
});

test('the account is the configured one, then that of the environment', () => {
  expect(readDeployment({}, '222222222222').account).toBe('222222222222');
  expect(readDeployment({ account: '333333333333' }, '222222222222').account).toBe('333333333333');
});

test.each([0, 1, 30, 90])('previous values are kept for %i days where that is configured', (previous_value_days) => {
  expect(readDeployment({ previous_value_days }).previousValueDays).toBe(previous_value_days);
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
  ['grace_period_days', { grace_period_days: 91 }],
  ['grace_period_days', { kek_rotation_interval_days: 90, grace_period_days: 365 }],
  ['grace_period_days', { grace_period_days: -1 }],
  ['grace_period_days', { grace_period_days: 1.5 }],
  ['audit_retention_days', { audit_retention_days: 1 }],
  ['previous_value_days', { previous_value_days: -1 }],
  ['previous_value_days', { previous_value_days: 91 }],
  ['previous_value_days', { previous_value_days: 1.5 }],
  ['previous_value_days', { previous_value_days: '30' }],
  ['previous_value_days', { previous_value_days: null }],
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
  ['stage', { stage: 'x-dek' }],
  ['stage', { stage: 'dev-x-dek', disposable: true }],
  ['providers', { providers: ['openai', 'eu-west-1-openai'] }],
  ['providers', { providers: ['x-us-east-1-y'] }],
  ['refusals_in_5_minutes', { refusals_in_5_minutes: -1 }],
  ['refusals_in_5_minutes', { refusals_in_5_minutes: '100' }],
  ['refusals_in_5_minutes', { refusals_in_5_minutes: 2_000_000 }],
  ['organization_id', { organization_id: 'o-1' }],
  ['organization_id', { organization_id: 'o-A1B2C3D4E5' }],
  ['organization_id', { organization_id: ['o-a1b2c3d4e5'] }],
  ['organization_id', { organization_id: null }],
  ['source_addresses', { source_addresses: '192.0.2.0/24' }],
  ['source_addresses', { source_addresses: [] }],
  ['source_addresses', { source_addresses: ['192.0.2.0/24', '192.0.2.0/24'] }],
  ['source_addresses', { source_addresses: Array.from({ length: 101 }, (_, index) => `192.0.2.${index}/32`) }],
  ['disposable', { disposable: true }],
  ['disposable', { disposable: true, stage: 'prod' }],
  ['disposable', { disposable: true, stage: 'test' }],
  ['disposable', { disposable: true, stage: 'testing-x' }],
  ['disposable', { disposable: true, stage: 'my-test-x' }],
  ['disposable', { disposable: 'yes', stage: 'test-x' }],
  ['home_regions', { home_regions: 'us-east-1' }],
  ['kek ', { kek: 'vault' }],
  ['kek ', { kek: ['vault'] }],
  ['kek.provider', { kek: { provider: 'local' } }],
  ['kek.address', { kek: { address: 'https://vault.example' } }],
  ['kek.moving_from', { kek: { provider: 'aws', moving_from: 'aws' } }],
  ['kek.moving_from', { kek: { moving_from: 'local' } }],
  ['kek.vault', { kek: { provider: 'vault', vault: {} } }],
  ...(
    [
      ['address', { address: undefined }],
      ['address', { address: 'http://vault.example' }],
      ['address', { address: 'https://user:password@vault.example' }],
      ['address', { address: 'https://vault.example/?a=b' }],
      ['address', { address: 'us-east-1=https://a' }],
      ['address', { address: 'us-east-1=https://a,us-east-1=https://b,eu-west-1=https://c,ap-south-1=https://d' }],
      ['namespace', { namespace: '/admin' }],
      ['ca_certificate', { ca_certificate: '/etc/ca.pem' }],
      [
        'ca_certificate',
        { ca_certificate: `-----BEGIN CERTIFICATE-----\n${'A'.repeat(3000)}\n-----END CERTIFICATE-----` },
      ],
      ['tls_server_name', { tls_server_name: 'a b' }],
      ['kek_path', { kek_path: 'secret' }],
      ['kek_path', { kek_path: 'secret/kek-pending' }],
      ['role_id', { role_id: undefined }],
      ['secret_id_secret', { secret_id_secret: 'a*' }],
      ['secret_id', { secret_id: 'x' }],
      ['auth', { auth: 'token' }],
      ['role_id', { auth: 'aws', aws_role: 'keyward' }],
      ['server_id', { server_id: 'x' }],
      ['aws_role', { auth: 'aws', role_id: undefined, secret_id_secret: undefined }],
      ['sts', { auth: 'aws', role_id: undefined, secret_id_secret: undefined, aws_role: 'keyward', sts: 'eu-west-1' }],
      ['rotator', { rotator: 'x' }],
      ['rotator.address', { rotator: { address: 'https://vault.example' } }],
      ['rotator.role_id', { rotator: {} }],
    ] as const
  ).map(([field, change]): [string, object] => {
    const good = { provider: 'vault', address: 'https://vault.example', role_id: 'r', secret_id_secret: 's' };
    return [`kek.${field}`, { kek: { ...good, ...change } }];
  }),
  ['keyward', []],
])('%s is named in one sentence: %j', (field, configuration) => {
  let message = '';
  try {
    readDeployment(configuration);
  } catch (thrown) {
    message = (thrown as Error).message;
  }
  expect(message.startsWith(`The configuration's ${field.trim()} `)).toBe(true);
  expect(message).toMatch(/^[^.\n]+([._][^.\n ]+)*[^.\n]*\.$/);
});

test('what is optional is off, and is taken as it stands', () => {
  expect(readDeployment({})).toMatchObject({
    refusalsIn5Minutes: 100,
    sourceAddresses: undefined,
    organizationId: undefined,
    disposable: false,
  });
  const source_addresses = ['192.0.2.0/24', '2001:db8::/32'];
  expect(
    readDeployment({
      refusals_in_5_minutes: 0,
      source_addresses,
      organization_id: 'o-a1b2c3d4e5',
      stage: 'kw-us-east-1',
    }),
  ).toMatchObject({ refusalsIn5Minutes: 0, sourceAddresses: source_addresses, organizationId: 'o-a1b2c3d4e5' });
});

test.each(['test-x', 'dev-x', 'test-', 'dev-branch-7'].map((stage) => ({ stage })))(
  'a stage %j may be disposable, and is not unless it says so',
  ({ stage }) => {
    const named = stage.endsWith('-') ? `${stage}1` : stage;
    expect(readDeployment({ stage: named }).disposable).toBe(false);
    expect(readDeployment({ stage: named, disposable: true }).disposable).toBe(true);
  },
);

test.each([
  '192.0.2.1/32',
  '192.0.2.0/24',
  '128.0.0.0/1',
  '10.0.0.0/8',
  '2001:db8::/32',
  '2001:db8::1/128',
  '::1/128',
  '8000::/1',
  'fe80:1:2:3:4:5:6:7/128',
])('%s is a block of addresses', (block) => {
  expect(readDeployment({ source_addresses: [block] }).sourceAddresses).toEqual([block]);
});

test.each([
  ...['', '/', '192.0.2.0', '192.0.2.0/', '192.0.2.0/33', '192.0.2.0/024', '192.0.2.0/24/', '192.0.2.0/24 '],
  ...[
    '192.0.2.1/24',
    '192.0.2/24',
    '192.0.02.0/24',
    '0300.0.2.0/24',
    '256.0.2.0/24',
    '0.0.0.0/0',
    '::/0',
    '192.0.2.0/-1',
  ],
  ...['2001:db8::/129', '2001:DB8::/32', '2001:0db8::/32', '2001:db8:0:0::/32', '2001:db8::1/32', '2001:db8:::/32'],
  ...[
    '::ffff:192.0.2.0/120',
    '::ffff:c000:200/120',
    'fe80::%eth0/64',
    '[2001:db8::]/32',
    '192.0.2.0/2e1',
    '*',
    '0x7f.0.0.1/32',
  ],
  7,
  null,
])('%j is none', (block) => {
  expect(() => readDeployment({ source_addresses: [block] })).toThrow("The configuration's source_addresses ");
});
