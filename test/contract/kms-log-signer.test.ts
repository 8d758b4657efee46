import { createKmsClient } from '../../lambdas/adapters/aws/kms/kms-client';
import {
  openKmsLogSigner,
  openRetiredKmsLogSigner,
  type KmsLogSignerConfig,
} from '../../lambdas/adapters/aws/kms/kms-log-signer';
import { AMPLE } from '../ample-limits';
import { RecordingFailures } from '../doubles/recording-failures';
import { startKms } from '../doubles/start-kms';
import { testSigner } from '../doubles/transparency/test-signer';
import { keeps } from './contract';
import { UNAVAILABLE } from './store-under-test';
import { logSignerContract } from './transparency-log.contract';
import { useAwsDouble } from './use-aws-double';

const kms = useAwsDouble('KMS', startKms);
const KEY_ID = 'arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000';
const ORIGIN = '111111111111/keyward/prod/us-east-1';

const configOf = (name = ORIGIN, keyId = KEY_ID): KmsLogSignerConfig => {
  kms().keys.set(KEY_ID, testSigner(ORIGIN));
  const client = createKmsClient({ ...AMPLE, maxAttempts: 1, failures: new RecordingFailures(), region: 'us-east-1' });
  return { client, keyId, name, type: 'ed25519' };
};
const open = (name = ORIGIN, keyId = KEY_ID) => openKmsLogSigner(configOf(name, keyId));
const openRetired = () => openRetiredKmsLogSigner(configOf());

keeps('openKmsLogSigner', logSignerContract, async () => ({ port: await open() }));
keeps('openRetiredKmsLogSigner', logSignerContract, async () => {
  const port = await openRetired();
  if (port === undefined) throw new Error('the key is none');
  return { port };
});

test('has the name and the type that it was given', async () => {
  const { name, type, id } = (await open()).key;
  expect({ name, type, id }).toEqual({ name: ORIGIN, type: 'ed25519', id: testSigner(ORIGIN).key.id });
});

test.each([
  ['of another kind', ORIGIN, { PublicKey: Buffer.alloc(44).toString('base64') }],
  ['of none', ORIGIN, {}],
  ['with more behind it', ORIGIN, { PublicKey: `MCowBQYDK2VwAyEA${Buffer.alloc(33).toString('base64')}` }],
  ['whose name is none', 'a b', undefined],
])('does not open a key %s', async (_, name, answer) => {
  kms().answer = () => answer;
  await expect(open(name)).rejects.toMatchObject({ code: 'configuration_invalid' });
});

test.each([{}, { Signature: Buffer.alloc(63).toString('base64') }])(
  'takes no signature of another length',
  async (answer) => {
    const signer = await open();
    kms().answer = () => answer;
    await expect(signer.sign(Buffer.from('a message'))).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: 'KMS did not answer; try again',
      outside: { service: 'KMS', operation: 'Sign', name: 'UnusableAnswer' },
    });
  },
);

test.each([
  ['KMSInternalException', 'outage'],
  ['KeyUnavailableException', 'outage'],
  ['DisabledException', 'refused'],
  ['KMSInvalidStateException', 'refused'],
  ['AccessDeniedException', 'denied'],
])('names %s', async (name, kind) => {
  const signer = await open();
  kms().failing = name;
  await expect(signer.sign(Buffer.from('a message'))).rejects.toMatchObject({
    outside: { operation: 'Sign', name, kind },
  });
});

describe('a key that has handed over', () => {
  test.each(['DisabledException', 'KMSInvalidStateException', 'NotFoundException'])(
    'is none any more for %s',
    async (name) => {
      kms().failing = name;
      await expect(openRetired()).resolves.toBeUndefined();
    },
  );

  test.each(['KMSInternalException', 'AccessDeniedException'])('is not given up for %s', async (name) => {
    kms().failing = name;
    await expect(openRetired()).rejects.toMatchObject(UNAVAILABLE);
  });

  test('opens as any other', async () => {
    kms().keys.set(KEY_ID, testSigner(ORIGIN));
    expect((await openRetired())?.key.id).toBe(testSigner(ORIGIN).key.id);
  });
});

test('does not open a key that is not there', async () => {
  await expect(open(ORIGIN, 'another')).rejects.toMatchObject({
    ...UNAVAILABLE,
    outside: { operation: 'GetPublicKey', name: 'NotFoundException', kind: 'refused' },
  });
});
