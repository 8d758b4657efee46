import type { AuditEvent } from '../../lambdas/core/domain/audit-event';
import { MemoryAudit, MemoryCredentials } from '../doubles/memory-ports';
import { MemoryIntents, MemoryRotations, MemoryScanner } from '../doubles/memory-rotation-ports';
import { credentialScannerContract } from './credential-scanner.contract';
import { openIntentsContract } from './open-intents.contract';
import { intentsClosedToContract, rotationStoreContract } from './rotation-store.contract';

/** The doubles that the tests of the use cases stand on keep the same contracts as the adapters. */

describe('rotation store', () => {
  rotationStoreContract(() => {
    const store = new MemoryRotations();
    return { store, takeDown: () => (store.down = true) };
  });
  intentsClosedToContract(() => new MemoryRotations());
});

describe('credential scanner', () => {
  credentialScannerContract(() => {
    const store = new MemoryCredentials();
    const scanner = new MemoryScanner(store);
    return { scanner, store, takeDown: () => (scanner.down = true) };
  });
});

describe('open intents', () => {
  openIntentsContract(() => {
    const audit = new MemoryAudit();
    const intents = new MemoryIntents(audit);
    return {
      intents,
      append: async (events: readonly AuditEvent[]) => {
        for (const event of events) await audit.append(event);
      },
      takeDown: () => (intents.down = true),
    };
  });
});
