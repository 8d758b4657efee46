import { join } from 'node:path';
import { ScanCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createAuditGroupCommit, type AuditGroupCommit } from '../lambdas/adapters/aws/audit-group-commit';
import { createAuditLog } from '../lambdas/adapters/aws/dynamodb-audit-log';
import { DynamoDBCredentialStore } from '../lambdas/adapters/aws/dynamodb-credential-store';
import { DynamoDBKeysetStore } from '../lambdas/adapters/aws/dynamodb-keyset-store';
import { createKekFile, openKekFile } from '../lambdas/adapters/local/file-secrets-provider';
import type { ProcessMetrics } from '../lambdas/adapters/system/process-metrics';
import type { Randomness } from '../lambdas/core/domain/randomness';
import type { Runtime } from '../lambdas/core/http/operation';
import type { Clock } from '../lambdas/core/ports/clock';
import type { Logger } from '../lambdas/core/ports/logger';
import type { Application, RotationsApplication } from '../lambdas/core/usecases/application';
import { AuditTrail } from '../lambdas/core/usecases/audit-trail';
import { createApplication } from '../lambdas/core/usecases/create-application';
import type { RotationWork } from '../lambdas/core/usecases/create-rotations';
import { createDescribeVersion } from '../lambdas/core/usecases/describe-version';
import { createEnsureKeysets, type KeysetStatus } from '../lambdas/core/usecases/ensure-keysets';
import { composeLocalRotations } from './compose-local-rotations';
import { KeysetMarks } from './keyset-marks';
import { LOCAL_REGION, LOCAL_TABLES } from './local-names';

/** Of the embedded DynamoDB, in the data directory. */
export const DATABASE_DIRECTORY = 'dynamodb';

/** Who made the keysets of a first start, in the audit log. */
const LOCAL_SYSTEM = 'keyward:local-start';

export interface LocalComposition {
  readonly runtime: Runtime<Application & RotationsApplication & RotationWork>;
  readonly audit: AuditGroupCommit;
  /** Goes on with the rotations that a process before has begun, and starts the hourly sweep. */
  readonly startWork: () => Promise<void>;
  /** Ends what {@link startWork} has started, once the page under way is done. */
  readonly stopWork: () => Promise<void>;
  readonly keysets: readonly KeysetStatus[];
  /** True where this start made the KEK. */
  readonly isNew: boolean;
}

export interface ComposeLocalOptions {
  /** The data directory. */
  readonly home: string;
  readonly providers: readonly string[];
  readonly dynamodb: DynamoDBClient;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly metrics: ProcessMetrics;
  readonly logger: Logger;
}

/**
 * Plugs the application together for one machine: the KEK in a file, everything else in one DynamoDB, audit events committed in
 * groups. A first start makes the KEK and the keysets.
 *
 * @throws KeywardError `configuration_invalid` where the KEK file cannot be used; nothing is overwritten
 */
export async function composeLocal(options: ComposeLocalOptions): Promise<LocalComposition> {
  const { home, providers, dynamodb, clock, randomness, metrics, logger } = options;
  const kekPath = join(home, 'kek.json');
  const marks = await KeysetMarks.open(home, randomness);
  const isNew = await createKekFile(
    kekPath,
    async () => marks.isEmpty && (await holdsNothing(dynamodb)),
    clock,
    randomness,
  );
  const secrets = await openKekFile(kekPath, clock);
  const keysets = new DynamoDBKeysetStore({ client: dynamodb, table: LOCAL_TABLES.keysets, region: LOCAL_REGION });
  const credentials = new DynamoDBCredentialStore({ client: dynamodb, table: LOCAL_TABLES.credentials });
  const auditReader = createAuditLog({ client: dynamodb, table: LOCAL_TABLES.audit, providers, clock });
  const audit = createAuditGroupCommit({ client: dynamodb, table: LOCAL_TABLES.audit, clock, randomness });
  const trail = new AuditTrail({ sink: audit, clock, randomness, metrics, region: LOCAL_REGION });
  const ensureKeysets = createEnsureKeysets({
    keysets,
    credentials,
    audit: {
      ...auditReader,
      wasUsed: async (provider) => marks.has(provider) || auditReader.wasUsed(provider),
    },
    secrets,
    trail,
    clock,
    randomness,
  });
  const statuses = await ensureKeysets(providers, LOCAL_SYSTEM);
  const present = statuses.filter(({ status }) => status === 'ready' || status === 'created');
  await marks.mark(present.map(({ provider }) => provider));
  const application = createApplication({
    region: LOCAL_REGION,
    providers,
    keysets: { local: keysets, home: keysets, others: [] },
    keysetsToShow: keysets,
    credentials: { local: credentials, home: credentials },
    auditSink: audit,
    auditReader,
    secrets,
    clock,
    randomness,
    metrics,
  });
  const ports = { providers, keysets, credentials, secrets, clock, randomness, metrics, logger };
  const { rotations, startWork, stopWork } = composeLocalRotations({ ...ports, dynamodb, audit });
  const all = { ...application, ...rotations, describeVersion: createDescribeVersion({ keysets }) };
  return {
    runtime: { application: all, providers, clock, logger },
    audit,
    startWork,
    stopWork,
    keysets: statuses,
    isNew,
  };
}

/** Whether no key or credential was ever stored: only then may a missing KEK file be made anew. */
async function holdsNothing(client: DynamoDBClient): Promise<boolean> {
  const tables = [LOCAL_TABLES.keysets, LOCAL_TABLES.credentials];
  const answers = await Promise.all(
    tables.map((TableName) => client.send(new ScanCommand({ TableName, Limit: 1, ConsistentRead: true }))),
  );
  return answers.every((answer) => answer.Count === 0);
}
