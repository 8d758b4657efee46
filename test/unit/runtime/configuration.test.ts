import { ENVIRONMENT } from '../../../lambdas/core/contract/environment';
import {
  readConfiguration,
  readLocalKekMovingFrom,
  readProveKeysetFunction,
  readProviders,
  readRewrapQueueUrl,
  readDekRotationQueueUrl,
  readRotateKekFunction,
} from '../../../lambdas/core/runtime/configuration';

const complete = {
  [ENVIRONMENT.region]: 'eu-west-1',
  [ENVIRONMENT.regions]: 'us-east-1,eu-west-1,ap-south-1',
  [ENVIRONMENT.keysetsTable]: 'k',
  [ENVIRONMENT.credentialsTable]: 'c',
  [ENVIRONMENT.auditTable]: 'a',
  [ENVIRONMENT.rotationsTable]: 'r',
  [ENVIRONMENT.kekSecret]: 's',
};

test('the old home of the KEK in local mode is another one than the target, or none', () => {
  for (const text of [undefined, ''])
    expect(readLocalKekMovingFrom({ KEYWARD_KEK_MOVING_FROM: text }, 'vault')).toBe(undefined);
  expect(readLocalKekMovingFrom({ KEYWARD_KEK_MOVING_FROM: 'local' }, 'vault')).toBe('local');
  for (const [text, target] of [
    ['vault', 'vault'],
    ['aws', 'vault'],
    ['kek.json', 'local'],
  ] as const) {
    expect(() => readLocalKekMovingFrom({ KEYWARD_KEK_MOVING_FROM: text }, target)).toThrow(
      'KEYWARD_KEK_MOVING_FROM must be local or vault in local mode, and another one than SECRETS_PROVIDER',
    );
  }
});

describe('configuration from the environment', () => {
  test('home is the first region; every order begins with the nearest', () => {
    expect(readConfiguration(complete)).toEqual({
      providers: ['openai', 'anthropic', 'google', 'global'],
      region: 'eu-west-1',
      homeRegion: 'us-east-1',
      kekSource: 'aws',
      kekMovingFrom: undefined,
      regions: ['eu-west-1', 'us-east-1', 'ap-south-1'],
      secretsRegions: ['eu-west-1', 'us-east-1', 'ap-south-1'],
      tables: { keysets: 'k', credentials: 'c', audit: 'a', rotations: 'r' },
      kekSecret: 's',
      auditRetentionDays: undefined,
      gracePeriodDays: 7,
      kekRotationIntervalDays: 90,
      previousValueDays: 30,
    });
    const elsewhere = readConfiguration({ ...complete, [ENVIRONMENT.secretsRegion]: 'ap-south-1' });
    expect(elsewhere.secretsRegions).toEqual(['ap-south-1', 'us-east-1', 'eu-west-1']);
  });

  test.each(Object.keys(complete))('%s missing or empty is named', (name) => {
    for (const value of [undefined, '']) {
      expect(() => readConfiguration({ ...complete, [name]: value })).toThrow(`${name} is not set`);
    }
  });

  test('a source of KEKs that this function cannot use is named', () => {
    for (const value of ['local', 'Vault', 'AWS']) {
      expect(() => readConfiguration({ ...complete, [ENVIRONMENT.secretsProvider]: value })).toThrow(
        'SECRETS_PROVIDER',
      );
    }
    expect(readConfiguration({ ...complete, [ENVIRONMENT.secretsProvider]: 'aws' }).kekSecret).toBe('s');
  });

  test('a secret of Secrets Manager is needed where the KEK is or was there', () => {
    const { [ENVIRONMENT.kekSecret]: _, ...others } = complete;
    const inVault = { ...others, [ENVIRONMENT.secretsProvider]: 'vault' };
    expect(readConfiguration(inVault)).toMatchObject({ kekSource: 'vault', kekMovingFrom: undefined, kekSecret: '' });
    const moving = { ...inVault, [ENVIRONMENT.kekMovingFrom]: 'aws' };
    expect(() => readConfiguration(moving)).toThrow('KEYWARD_KEK_SECRET is not set');
    expect(readConfiguration({ ...complete, ...moving })).toMatchObject({ kekMovingFrom: 'aws', kekSecret: 's' });
    for (const from of ['vault', 'local', 'x']) {
      const read = () => readConfiguration({ ...inVault, [ENVIRONMENT.kekMovingFrom]: from });
      expect(read).toThrow('KEYWARD_KEK_MOVING_FROM must');
    }
  });

  test('days of retention', () => {
    const read = (days: string) => readConfiguration({ ...complete, [ENVIRONMENT.auditRetentionDays]: days });
    expect(read('400').auditRetentionDays).toBe(400);
    expect(read('').auditRetentionDays).toBeUndefined();
    for (const bad of ['0', '-1', '1.5', 'x', '100000'])
      expect(() => read(bad)).toThrow('KEYWARD_AUDIT_RETENTION_DAYS');
  });

  test('days of grace and between rotations of the KEK', () => {
    const read = (grace: string, interval: string) =>
      readConfiguration({
        ...complete,
        [ENVIRONMENT.gracePeriodDays]: grace,
        [ENVIRONMENT.kekRotationIntervalDays]: interval,
      });
    expect(read('14', '30')).toMatchObject({ gracePeriodDays: 14, kekRotationIntervalDays: 30 });
    expect(read('', '')).toMatchObject({ gracePeriodDays: 7, kekRotationIntervalDays: 90 });
    expect(read('0', '1')).toMatchObject({ gracePeriodDays: 0, kekRotationIntervalDays: 1 });
    expect(() => read('x', '30')).toThrow('KEYWARD_GRACE_PERIOD_DAYS');
    expect(() => read('14', '0')).toThrow('KEYWARD_KEK_ROTATION_INTERVAL_DAYS');
  });

  test('a previous value is kept for 30 days, or for 0 to 90', () => {
    const read = (days: string) => readConfiguration({ ...complete, [ENVIRONMENT.previousValueDays]: days });
    expect(['', '0', '1', '90'].map((days) => read(days).previousValueDays)).toEqual([30, 0, 1, 90]);
    for (const days of ['91', '-1', '1.5', 'x', '007']) {
      expect(() => read(days)).toThrow('KEYWARD_PREVIOUS_VALUE_DAYS');
    }
  });

  test.each([
    [ENVIRONMENT.rewrapQueueUrl, readRewrapQueueUrl],
    [ENVIRONMENT.dekRotationQueueUrl, readDekRotationQueueUrl],
    [ENVIRONMENT.proveKeysetFunction, readProveKeysetFunction],
    [ENVIRONMENT.rotateKekFunction, readRotateKekFunction],
  ])('%s, which only some functions need', (name, read) => {
    expect(read({ [name]: 'https://sqs.example.invalid/queue' })).toBe('https://sqs.example.invalid/queue');
    for (const value of [undefined, '']) expect(() => read({ [name]: value })).toThrow(`${name} is not set`);
  });

  test('providers', () => {
    expect(readProviders({ [ENVIRONMENT.providers]: '' })).toHaveLength(4);
    expect(readProviders({ [ENVIRONMENT.providers]: 'mistral, openai' })).toEqual(['mistral', 'openai']);
    for (const bad of ['OpenAI', 'a,a', 'a,', '../a']) {
      expect(() => readProviders({ [ENVIRONMENT.providers]: bad })).toThrow('KEYWARD_PROVIDERS');
    }
  });
});
