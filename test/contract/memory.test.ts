import { keeps } from './contract';
import { auditReaderContract, auditSinkContract, singleAppendContract } from './audit-log.contract';
import { credentialScannerContract } from './credential-scanner.contract';
import { credentialStoreContract } from './credential-store.contract';
import { keysetScannerContract, keysetStoreContract } from './keyset-store.contract';
import { openIntentsContract } from './open-intents.contract';
import { regionProverContract } from './region-prover.contract';
import { dekRotationQueueContract } from './dek-rotation-queue.contract';
import { dekRotationStoreContract } from './dek-rotation-store.contract';
import { secretsProviderContract } from './secrets-provider.contract';
import { clockContract, loggerContract, metricsContract } from './small-ports.contract';
import {
  openAudit,
  openCountingMetrics,
  openKeysets,
  openMemoryCredentials,
  openMemoryProver,
  openMemoryQueue,
  openMemoryDekRotations,
  openMemoryScanner,
  openMemorySecrets,
  openRecordingLogger,
  openTestClock,
} from './memory-under-test';

/** The memory ports of the use cases' tests. */

keeps('CountingMetrics', metricsContract, openCountingMetrics);
keeps('MemoryAudit', auditReaderContract, openAudit);
keeps('MemoryAudit', auditSinkContract, openAudit);
keeps('MemoryAudit', openIntentsContract, openAudit);
keeps('MemoryAudit', singleAppendContract, openAudit);
keeps('MemoryCredentials', credentialStoreContract, openMemoryCredentials);
keeps('MemoryKeysets', keysetScannerContract, openKeysets);
keeps('MemoryKeysets', keysetStoreContract, openKeysets);
keeps('MemoryProver', regionProverContract, openMemoryProver);
keeps('MemoryQueue', dekRotationQueueContract, openMemoryQueue);
keeps('MemoryDekRotations', dekRotationStoreContract, openMemoryDekRotations);
keeps('MemoryScanner', credentialScannerContract, openMemoryScanner);
keeps('MemorySecrets', secretsProviderContract, openMemorySecrets);
keeps('TestClock', clockContract, openTestClock);
keeps('RecordingLogger', loggerContract, openRecordingLogger);
