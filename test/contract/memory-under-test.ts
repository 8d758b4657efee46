import type { KeysetRecord } from '../../lambdas/core/keysets/keyset-record';
import { KeywardError } from '../../lambdas/core/errors/errors';
import { parseKekSecret, type KekKeyset } from '../../lambdas/core/crypto/kek-keyset';
import type { DekRotationMessage } from '../../lambdas/core/dek-rotation/ports/dek-rotation-queue';
import {
  CountingMetrics,
  MemoryAudit,
  MemoryCredentials,
  MemoryKeysets,
  MemorySecrets,
  TestClock,
} from '../doubles/memory-ports';
import {
  MemoryProver,
  MemoryQueue,
  MemoryDekRotations,
  MemoryScanner,
  shardOf,
} from '../doubles/memory-dek-rotation-ports';
import { RecordingLogger } from '../doubles/recording-logger';
import { auditLog } from '../doubles/stores/audit-log';
import { credentialStore } from '../doubles/stores/credential-store';
import { keysetStore } from '../doubles/stores/keyset-store';
import { MemoryTable } from '../doubles/stores/memory-table';
import { CLOSED_TO, dekRotationStore } from '../doubles/stores/dek-rotation-store';
import { PROOF, type RegionProverUnderTest, type Situation } from './region-prover.contract';
import { nextSecret, type SecretsProviderUnderTest } from './secrets-provider.contract';
import type { DekRotationQueueUnderTest } from './dek-rotation-queue.contract';
import type { MetricsUnderTest } from './small-ports.contract';
import type { StoreFaults } from './store-under-test';

/** The memory ports of the use cases' tests. */

const REGION = 'us-east-1';

export const faultsOf = (table: Omit<MemoryTable<never>, 'rows' | 'read' | 'write'>): StoreFaults => ({
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

export const openKeysets = () => {
  const port = new MemoryKeysets(REGION);
  const rival = keysetStore(new MemoryTable(port.records as Map<string, KeysetRecord>), REGION);
  return { port, rival, store: rival, faults: faultsOf(port.table) };
};

export const openMemoryCredentials = () => {
  const port = new MemoryCredentials();
  return { port, rival: credentialStore(new MemoryTable(port.rows)), faults: faultsOf(port.table) };
};

export const openMemoryScanner = () => {
  const store = new MemoryCredentials();
  const port = new MemoryScanner(store);
  return { port, store, shardOf, faults: faultsOf(port.table) };
};

export const openMemoryDekRotations = () => {
  const port = new MemoryDekRotations();
  return {
    port,
    rival: dekRotationStore(new MemoryTable(port.rows)),
    faults: faultsOf(port.table),
    forgetIntentsClosedTo: async () => port.rows.delete(CLOSED_TO),
  };
};

export const openAudit = () => {
  const port = new MemoryAudit();
  const rival = auditLog(new MemoryTable(port.table.rows), port.used);
  const clock = new TestClock();
  return { port, rival, reader: rival, sink: rival, clock, setTime: () => undefined, faults: faultsOf(port.table) };
};

export const openMemoryQueue = (): DekRotationQueueUnderTest => {
  const port = new MemoryQueue();
  return {
    port,
    received: async (afterSeconds): Promise<readonly DekRotationMessage[]> =>
      port.sent.filter(({ delaySeconds }) => delaySeconds <= afterSeconds).map(({ message }) => message),
    takeDown: () => {
      port.down = true;
    },
  };
};

export const openMemoryProver = (): RegionProverUnderTest => {
  let situation: Situation = 'proves';
  const port = new MemoryProver('ap-south-1', () => {
    if (situation === 'cannot yet') throw new KeywardError('keys_unavailable', 'not yet');
    return PROOF;
  });
  return {
    port,
    become: (other) => {
      situation = other;
      port.down = other === 'does not answer';
    },
    challenges: () => port.challenges,
  };
};

const parsed = (secret: string): KekKeyset | undefined => {
  try {
    return parseKekSecret(secret);
  } catch {
    return undefined;
  }
};
export const openMemorySecrets = (): SecretsProviderUnderTest => {
  const first = nextSecret();
  const clock = new TestClock();
  const port = new MemorySecrets(parseKekSecret(first), clock);
  return {
    port,
    clock,
    first,
    store: async (value) => {
      port.stored = parsed(value);
    },
    answers: async (does) => {
      port.down = !does;
    },
    reads: () => port.reads,
  };
};

export const openTestClock = () => ({ port: new TestClock() });

export const openRecordingLogger = () => {
  const port = new RecordingLogger();
  return { port, lines: () => port.lines.map(({ fields = {}, ...line }) => ({ ...line, fields })) };
};

export const openCountingMetrics = (): MetricsUnderTest => {
  const port = new CountingMetrics();
  return { port, counted: (name) => port.of(name), measured: (name) => port.gauges.get(name) };
};
