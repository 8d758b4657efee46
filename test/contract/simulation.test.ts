import { createKekRotation } from '../../lambdas/adapters/aws/secrets-manager/secrets-manager-kek-rotation';
import { SecretsManagerKekStore } from '../../lambdas/adapters/aws/secrets-manager/secrets-manager-kek-store';
import { KeywardError } from '../../lambdas/core/errors/errors';
import type { RewrapRequest } from '../../lambdas/core/kek-rotation/ports/rewrap-queue';
import type { DekRotationMessage } from '../../lambdas/core/dek-rotation/ports/dek-rotation-queue';
import { auditLog } from '../doubles/stores/audit-log';
import { credentialScanner, oldestOf } from '../doubles/stores/credential-scanner';
import { credentialStore } from '../doubles/stores/credential-store';
import { keysetStore } from '../doubles/stores/keyset-store';
import { CLOSED_TO, dekRotationStore } from '../doubles/stores/dek-rotation-store';
import { rewrapQueue, dekRotationQueue } from '../simulation/queue-ports';
import { regionProver } from '../simulation/region-prover';
import { HOME } from '../simulation/regions';
import { SeededRandom } from '../simulation/seeded-random';
import { SECRET, SimulatedKekSecret } from '../simulation/simulated-kek-secret';
import { SimulatedQueue } from '../simulation/simulated-queue';
import type { ReplicatedTable } from '../simulation/replicated-table';
import type { SimulatedProcess } from '../simulation/simulated-process';
import { shardsOf, tableIn } from '../simulation/simulated-tables';
import { auditReaderContract, auditSinkContract, singleAppendContract } from './audit-log.contract';
import { keeps } from './contract';
import { credentialScannerContract } from './credential-scanner.contract';
import { credentialStoreContract } from './credential-store.contract';
import { keysetScannerContract, keysetStoreContract } from './keyset-store.contract';
import { openIntentsContract } from './open-intents.contract';
import { kekRotationContract } from './kek-rotation.contract';
import { FIRST_VALUE, kekSecretReplicaContract, kekSecretStoreContract } from './kek-secret-store.contract';
import { PROOF, regionProverContract, type Situation } from './region-prover.contract';
import { rewrapQueueContract } from './rewrap-queue.contract';
import { dekRotationQueueContract } from './dek-rotation-queue.contract';
import { dekRotationStoreContract } from './dek-rotation-store.contract';
import { clockContract } from './small-ports.contract';
import { SimulatedDeployment } from './simulated-deployment';

/** The ports of the simulation: the stores of the memory ports, over its tables and its network. */

/** A store over a deployment's table, for the process under test and for another one. */
function openStore<P extends object>(
  make: (deployment: SimulatedDeployment, process: SimulatedProcess) => P,
): { deployment: SimulatedDeployment; port: P; rival: P; faults: SimulatedDeployment['faults'] } {
  const deployment = new SimulatedDeployment();
  const [port, rival] = [deployment.subject, deployment.rival].map((process) =>
    deployment.driven(make(deployment, process)),
  ) as [P, P];
  return { deployment, port, rival, faults: deployment.faults };
}

const inHome = <V>(process: SimulatedProcess, table: ReplicatedTable<V>, name: string) =>
  tableIn(process, table, HOME, name);

const openKeysets = () => {
  const opened = openStore(({ tables }, process) => keysetStore(inHome(process, tables.keysets, 'keysets'), HOME));
  return { ...opened, store: opened.rival };
};
keeps('keysetStore', keysetStoreContract, openKeysets);
keeps('keysetStore', keysetScannerContract, openKeysets);

keeps('credentialStore', credentialStoreContract, () =>
  openStore(({ tables }, process) => credentialStore(inHome(process, tables.credentials, 'credentials'))),
);

keeps('credentialScanner', credentialScannerContract, () => {
  const shards = shardsOf(16);
  const { deployment, port, faults } = openStore(({ tables }, process) =>
    credentialScanner(inHome(process, tables.credentials, 'credentials'), shards, () => tables.index),
  );
  const { tables, rival } = deployment;
  // As the simulation's checks do after some time.
  tables.credentials.onWrite = (_region, key, stored) => {
    const [oldest] = oldestOf(stored);
    if (oldest === undefined) tables.index.delete(key);
    else tables.index.set(key, oldest);
  };
  const store = deployment.driven(credentialStore(inHome(rival, tables.credentials, 'credentials')));
  return { port, store, faults, shardOf: shards.of };
});

keeps('dekRotationStore', dekRotationStoreContract, () => ({
  ...openStore(({ tables }, process) => dekRotationStore(inHome(process, tables.rotations, 'rotations'))),
  // A new deployment for each statement.
  forgetIntentsClosedTo: async () => CLOSED_TO,
}));

const openAudit = () => {
  const opened = openStore(({ tables }, process) => auditLog(inHome(process, tables.audit, 'audit'), tables.used));
  const { clock } = opened.deployment.subject;
  return { ...opened, reader: opened.rival, sink: opened.rival, clock, setTime: () => undefined };
};
keeps('auditLog', auditSinkContract, openAudit);
keeps('auditLog', singleAppendContract, openAudit);
keeps('auditLog', auditReaderContract, openAudit);
keeps('auditLog', openIntentsContract, openAudit);

/** A queue, and the messages that it delivered. */
function openQueue<M>(deployment: SimulatedDeployment) {
  const { scheduler } = deployment;
  const options = { maxReceives: 3, duplicateChance: 0.3, maxDelayMs: 500 };
  const queue = new SimulatedQueue<M>({ scheduler, random: new SeededRandom(1, 1) }, options);
  const messages: M[] = [];
  queue.consume = async (message) => {
    messages.push(message);
    return true;
  };
  const start = scheduler.now;
  const received = async (afterSeconds: number): Promise<readonly M[]> => {
    await scheduler.runUntil(start + afterSeconds * 1_000);
    return messages;
  };
  const takeDown = (): void => {
    deployment.faults.writesFail();
  };
  return { queue, received, takeDown };
}

keeps('dekRotationQueue', dekRotationQueueContract, () => {
  const deployment = new SimulatedDeployment();
  const { queue, ...rest } = openQueue<DekRotationMessage>(deployment);
  return { port: deployment.driven(dekRotationQueue(deployment.subject, queue)), ...rest };
});

keeps('rewrapQueue', rewrapQueueContract, () => {
  const deployment = new SimulatedDeployment();
  const { queue, received, takeDown } = openQueue<RewrapRequest>(deployment);
  return {
    port: deployment.driven(rewrapQueue(deployment.subject, queue)),
    received: () => received(60),
    takeDown,
  };
});

keeps('regionProver', regionProverContract, () => {
  const deployment = new SimulatedDeployment();
  const challenges: unknown[] = [];
  let situation: Situation = 'proves';
  const port = deployment.driven(
    regionProver(deployment.subject, 'ap-south-1', async (challenge) => {
      challenges.push(challenge);
      if (situation === 'proves') return { kind: 'answered', value: PROOF };
      if (situation === 'does not answer') return { kind: 'crashed' };
      return { kind: 'threw', error: new KeywardError('keys_unavailable', 'not yet') };
    }),
  );
  return {
    port,
    become: (other) => {
      situation = other;
    },
    challenges: () => challenges,
  };
});

/** The KEK secret of a deployment, with its first version. */
async function openSecret() {
  const deployment = new SimulatedDeployment();
  const { scheduler, subject, rival, faults } = deployment;
  const secret = new SimulatedKekSecret({ scheduler, random: new SeededRandom(1, 1) });
  await secret.create(FIRST_VALUE);
  const storeOf = (process: SimulatedProcess, region = HOME) =>
    deployment.driven(
      new SecretsManagerKekStore({ client: secret.clientOf(process, region), secretId: SECRET, region }),
    );
  const { versionId: first } = await secret.current(HOME);
  return { deployment, secret, storeOf, port: storeOf(subject), rival: storeOf(rival), first, faults };
}
keeps('SecretsManagerKekStore in the simulation', kekSecretStoreContract, openSecret);

for (const region of [HOME, 'ap-south-1']) {
  keeps(`SecretsManagerKekStore in the simulation's ${region}`, kekSecretReplicaContract, async () => {
    const { deployment, storeOf, rival, first, faults } = await openSecret();
    return { port: storeOf(deployment.subject, region), region, first, store: rival, faults };
  });
}

keeps('createKekRotation in the simulation', kekRotationContract, async () => {
  const { deployment, secret, rival, faults } = await openSecret();
  let begun = 0;
  secret.onRotation = () => {
    begun += 1;
  };
  const client = secret.clientOf(deployment.subject, HOME);
  return {
    port: deployment.driven(createKekRotation({ client, secretId: SECRET })),
    begun: async () => {
      await deployment.scheduler.runUntil(deployment.scheduler.now + 1_000);
      return begun;
    },
    beginAnother: async () => {
      await rival.putPending('p'.repeat(32), 'pending');
    },
    faults,
  };
});

keeps('SimulatedProcess', clockContract, () => {
  const deployment = new SimulatedDeployment();
  return { port: deployment.driven(deployment.subject.clock) };
});
