import { auditLog } from '../doubles/stores/audit-log';
import { credentialScanner } from '../doubles/stores/credential-scanner';
import { credentialStore } from '../doubles/stores/credential-store';
import { keysetStore } from '../doubles/stores/keyset-store';
import { CLOSED_TO, rotationStore } from '../doubles/stores/rotation-store';
import { HOME } from '../simulation/regions';
import type { ReplicatedTable } from '../simulation/replicated-table';
import type { SimulatedProcess } from '../simulation/simulated-process';
import { shardsOf, tableIn } from '../simulation/simulated-tables';
import { auditReaderContract, auditSinkContract, singleAppendContract } from './audit-log.contract';
import { keeps } from './contract';
import { credentialScannerContract } from './credential-scanner.contract';
import { credentialStoreContract } from './credential-store.contract';
import { keysetScannerContract, keysetStoreContract } from './keyset-store.contract';
import { openIntentsContract } from './open-intents.contract';
import { rotationStoreContract } from './rotation-store.contract';
import { SimulatedDeployment } from './simulated-deployment';

/** The stores that the simulation stands on: the same as in memory, over its tables and its network. */

/** A store over one of a deployment's tables, for the process under test and for another one. */
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
  // As the simulation's checks do, after a while.
  tables.credentials.onWrite = (_region, key, stored) => {
    if ('key_version' in stored) tables.index.set(key, stored.key_version);
    else tables.index.delete(key);
  };
  const store = deployment.driven(credentialStore(inHome(rival, tables.credentials, 'credentials')));
  return { port, store, faults, shardOf: shards.of };
});

keeps('rotationStore', rotationStoreContract, () => ({
  ...openStore(({ tables }, process) => rotationStore(inHome(process, tables.rotations, 'rotations'))),
  // A deployment of its own for each statement.
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
