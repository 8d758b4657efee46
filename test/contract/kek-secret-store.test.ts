import { randomUUID } from 'node:crypto';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { createSecretsManagerClient } from '../../lambdas/adapters/aws/secrets-manager/secrets-manager-client';
import { SecretsManagerKekStore } from '../../lambdas/adapters/aws/secrets-manager/secrets-manager-kek-store';
import { AMPLE } from '../ample-limits';
import { RecordingFailures } from '../doubles/recording-failures';
import { inProcessClient } from '../doubles/secrets-manager/in-process-client';
import { startSecretsManager, type RunningSecretsManager } from '../doubles/secrets-manager/start-secrets-manager';
import { keeps } from './contract';
import { firstKekVersionContract } from './first-kek-version.contract';
import { FIRST_VALUE, kekSecretReplicaContract, kekSecretStoreContract } from './kek-secret-store.contract';
import { secretFaults } from './secret-faults';

const SECRET = 'keyward/kek';
const HOME = 'us-east-1';
const LIMITS = {
  ...AMPLE,
  maxAttempts: 1,
  failures: new RecordingFailures(),
};

let running: RunningSecretsManager;
beforeEach(async () => {
  running = await startSecretsManager();
});
afterEach(() => running.close());

/** The secret with its first version; the store under test reaches it by HTTP, others in the process. */
async function open(region = HOME, value: string | null = FIRST_VALUE) {
  const direct = inProcessClient(running.service, HOME);
  const first = randomUUID();
  await direct.send(
    new CreateSecretCommand({
      Name: SECRET,
      ClientRequestToken: first,
      AddReplicaRegions: [{ Region: 'ap-south-1' }],
      ...(value !== null && { SecretString: value }),
    }),
  );
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example-not-a-secret' };
  const client = createSecretsManagerClient({ ...LIMITS, region, endpoint: running.endpoint, credentials });
  const port = new SecretsManagerKekStore({ client, secretId: SECRET, region });
  const rival = new SecretsManagerKekStore({ client: direct, secretId: SECRET, region: HOME });
  const close = (): void => {
    client.destroy();
  };
  return { port, rival, store: rival, region, first, faults: secretFaults(running.faults, region), close };
}

keeps('SecretsManagerKekStore', kekSecretStoreContract, () => open());
keeps('SecretsManagerKekStore', firstKekVersionContract, () => open(HOME, null));
keeps('SecretsManagerKekStore at home', kekSecretReplicaContract, () => open(HOME));
keeps('SecretsManagerKekStore in a replica', kekSecretReplicaContract, () => open('ap-south-1'));

describe('beyond the contract', () => {
  it('a region without a current value is one that does not answer', async () => {
    const { port, close } = await open(HOME, null);
    await expect(port.current()).rejects.toMatchObject({ code: 'store_unavailable' });
    close();
  });

  it('moving the label asks for it to be taken off the one that was read', async () => {
    const { port, first, close } = await open();
    await port.putPending('v'.repeat(32), 'second');
    await port.moveCurrent(first, 'v'.repeat(32));
    expect(running.calls.at(-1)).toMatchObject({
      operation: 'UpdateSecretVersionStage',
      request: { VersionStage: 'AWSCURRENT', RemoveFromVersionId: first, MoveToVersionId: 'v'.repeat(32) },
    });
    close();
  });
});
