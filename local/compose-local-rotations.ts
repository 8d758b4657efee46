import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LOCAL_REGION } from '../lambdas/core/contract/local-mode';
import { DynamoDBCredentialScanner } from '../lambdas/adapters/aws/dynamodb/dynamodb-credential-scanner';
import { createOpenIntents } from '../lambdas/adapters/aws/dynamodb/dynamodb-open-intents';
import { DynamoDBRotationStore } from '../lambdas/adapters/aws/dynamodb/dynamodb-rotation-store';
import type { AuditSink } from '../lambdas/core/audit/ports/audit-log';
import {
  createRotations,
  type RotationDependencies,
  type RotationOperations,
  type RotationWork,
} from '../lambdas/core/dek-rotation/create-rotations';
import { createProveKeyset } from '../lambdas/core/dek-rotation/prove-keyset';
import { LOCAL_TABLES } from './local-names';
import { resumeRotations } from './resume-rotations';
import { RotationWorker } from './rotation-worker';

export interface LocalRotations {
  readonly rotations: RotationOperations & RotationWork;
  /** Goes on with the rotations that a process before has begun, and starts the hourly sweep. */
  readonly startWork: () => Promise<void>;
  /** Ends what {@link startWork} has started, once the page under way is done. */
  readonly stopWork: () => Promise<void>;
}

export interface LocalRotationsOptions extends Pick<
  RotationDependencies,
  'clock' | 'credentials' | 'keysets' | 'logger' | 'metrics' | 'providers' | 'randomness' | 'sealing' | 'secrets'
> {
  readonly dynamodb: DynamoDBClient;
  readonly audit: AuditSink;
}

/** Callers share the process and the database with it, so it takes small bites; `npm run bench` shows what they notice. */
export const REKEY = { concurrency: 1, page: 5, countLimit: 25 };

/** Plugs DEK rotation together for one machine: one region, which proves to itself, and a queue in the process. */
export function composeLocalRotations({ dynamodb: client, audit, ...shared }: LocalRotationsOptions): LocalRotations {
  const { keysets, secrets, providers, clock, logger } = shared;
  const worker = new RotationWorker({ clock, logger });
  const scanner = new DynamoDBCredentialScanner({
    client,
    table: LOCAL_TABLES.credentials,
    countLimit: REKEY.countLimit,
  });
  const rotations = createRotations({
    ...shared,
    region: LOCAL_REGION,
    provers: [{ region: LOCAL_REGION, prove: createProveKeyset({ keysets, secrets }) }],
    scanner,
    store: new DynamoDBRotationStore({ client, table: LOCAL_TABLES.rotations }),
    queue: worker,
    auditSink: audit,
    intents: createOpenIntents({ client, table: LOCAL_TABLES.audit, clock }),
    rekeyConcurrency: REKEY.concurrency,
    rekeyPage: REKEY.page,
  });
  return {
    rotations,
    startWork: async () => {
      await resumeRotations({ keysets, providers, shardCount: scanner.shardCount, queue: worker, logger });
      worker.start(rotations);
    },
    stopWork: () => worker.close(),
  };
}
