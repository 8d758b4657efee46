import type { KeysetRecord } from '../../lambdas/core/domain/dek-keyset';
import { MemoryAudit, MemoryCredentials, MemoryKeysets, TestClock } from '../doubles/memory-ports';
import { MemoryRotations, MemoryScanner, shardOf } from '../doubles/memory-rotation-ports';
import { auditLog } from '../doubles/stores/audit-log';
import { credentialStore } from '../doubles/stores/credential-store';
import { keysetStore } from '../doubles/stores/keyset-store';
import { MemoryTable } from '../doubles/stores/memory-table';
import { CLOSED_TO, rotationStore } from '../doubles/stores/rotation-store';
import { auditReaderContract, auditSinkContract, singleAppendContract } from './audit-log.contract';
import { keeps } from './contract';
import { credentialScannerContract } from './credential-scanner.contract';
import { credentialStoreContract } from './credential-store.contract';
import { keysetScannerContract, keysetStoreContract } from './keyset-store.contract';
import { openIntentsContract } from './open-intents.contract';
import { rotationStoreContract } from './rotation-store.contract';
import type { StoreFaults } from './store-under-test';

/** The stores in memory that the tests of the use cases stand on. */

const REGION = 'us-east-1';

const faultsOf = (table: Omit<MemoryTable<never>, 'rows' | 'read' | 'write'>): StoreFaults => ({
  loseWrites: (...lost) => {
    table.lostWrites = [...lost];
  },
  readsFail: () => {
    table.readsDown = true;
  },
  writesFail: () => {
    table.writesDown = true;
  },
});

const openKeysets = () => {
  const port = new MemoryKeysets(REGION);
  const rival = keysetStore(new MemoryTable(port.records as Map<string, KeysetRecord>), REGION);
  return { port, rival, store: rival, faults: faultsOf(port.table) };
};
keeps('MemoryKeysets', keysetStoreContract, openKeysets);
keeps('MemoryKeysets', keysetScannerContract, openKeysets);

keeps('MemoryCredentials', credentialStoreContract, () => {
  const port = new MemoryCredentials();
  return { port, rival: credentialStore(new MemoryTable(port.rows)), faults: faultsOf(port.table) };
});

keeps('MemoryScanner', credentialScannerContract, () => {
  const store = new MemoryCredentials();
  const port = new MemoryScanner(store);
  return { port, store, shardOf, faults: faultsOf(port.table) };
});

keeps('MemoryRotations', rotationStoreContract, () => {
  const port = new MemoryRotations();
  return {
    port,
    rival: rotationStore(new MemoryTable(port.rows)),
    faults: faultsOf(port.table),
    forgetIntentsClosedTo: async () => port.rows.delete(CLOSED_TO),
  };
});

const openAudit = () => {
  const port = new MemoryAudit();
  const rival = auditLog(new MemoryTable(port.table.rows), port.used);
  const clock = new TestClock();
  return { port, rival, reader: rival, sink: rival, clock, setTime: () => undefined, faults: faultsOf(port.table) };
};
keeps('MemoryAudit', auditSinkContract, openAudit);
keeps('MemoryAudit', singleAppendContract, openAudit);
keeps('MemoryAudit', auditReaderContract, openAudit);
keeps('MemoryAudit', openIntentsContract, openAudit);
