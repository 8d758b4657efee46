import { join } from 'node:path';
import { ScanCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LOCAL_REGION } from '../lambdas/core/contract/local-mode';
import { createAuditGroupCommit, type AuditGroupCommit } from '../lambdas/adapters/aws/dynamodb/audit-group-commit';
import { createAuditLog } from '../lambdas/adapters/aws/dynamodb/dynamodb-audit-log';
import { DynamoDBCredentialStore } from '../lambdas/adapters/aws/dynamodb/dynamodb-credential-store';
import { DynamoDBKeysetStore } from '../lambdas/adapters/aws/dynamodb/dynamodb-keyset-store';
import { storedProviders } from '../lambdas/adapters/aws/dynamodb/stored-providers';
import { createKekFile, openKekFile } from '../lambdas/adapters/local/kek-file';
import type { ProcessMetrics } from '../lambdas/adapters/system/process-metrics';
import { isKeysetRecord } from '../lambdas/core/keysets/keyset-shape';
import type { Randomness } from '../lambdas/core/crypto/randomness';
import type { Runtime } from '../lambdas/core/http/operation';
import type { Clock } from '../lambdas/core/ports/clock';
import type { Logger } from '../lambdas/core/ports/logger';
import type { Application, RotationsApplication } from '../lambdas/core/runtime/application';
import { AuditTrail } from '../lambdas/core/audit/audit-trail';
import { createApplication } from '../lambdas/core/runtime/create-application';
import type { RotationWork } from '../lambdas/core/dek-rotation/create-rotations';
import { createDescribeVersion } from '../lambdas/core/dek-rotation/describe-version';
import { createEnsureKeysets, type KeysetStatus } from '../lambdas/core/kek-rotation/ensure-keysets';
import type { Access } from './identity/access-files';
import { composeLocalRotations } from './compose-local-rotations';
import type { FirstStart } from './storage/first-start';
import { guardAudit, guardDatabase } from './database/guard-database';
import { keksInUse } from './storage/keks-in-use';
import { KeysetCreation } from './storage/keyset-creation';
import { KeysetMarks } from './storage/keyset-marks';
import { LOCAL_TABLES } from './local-names';
import { highestVersion, rememberVersions } from './storage/remember-versions';
import { watchDataDirectory } from './storage/watch-data-directory';

/** Who made the keysets of a first start, in the audit log. */
const LOCAL_SYSTEM = 'keyward:local-start';

export interface LocalComposition {
  readonly runtime: Runtime<Application & RotationsApplication & RotationWork>;
  readonly audit: AuditGroupCommit;
  /** Goes on with the rotations and keysets that are not done, starts the hourly sweep, and watches the data directory. */
  readonly startWork: () => Promise<void>;
  /** Ends what {@link startWork} has started, once the page under way is done. */
  readonly stopWork: () => Promise<void>;
  readonly keysets: readonly KeysetStatus[];
  /** True where this start made the KEK. */
  readonly isNew: boolean;
  /** True where the database holds no keyset although an earlier start has made the KEK: it is not the one of before. */
  readonly databaseIsLost: boolean;
  /** Whether the data directory and the database in it are where they were opened. */
  readonly isInPlace: () => boolean;
}

export interface ComposeLocalOptions {
  /** The data directory. */
  readonly home: string;
  readonly firstStart: FirstStart;
  /** Who may do what, to look whether it stays so. Left out: nobody looks. */
  readonly access?: Access;
  readonly providers: readonly string[];
  readonly dynamodb: DynamoDBClient;
  /** After how long a request whose audit event is not durable is answered with 503. */
  readonly auditDeadlineMs: number;
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
  const { home, firstStart, access, providers, dynamodb, auditDeadlineMs, clock, randomness, metrics, logger } =
    options;
  const kekPath = join(home, 'kek.json');
  const marks = await KeysetMarks.open(home, randomness);
  const inUse = () => keksInUse(dynamodb, LOCAL_TABLES.keysets);
  const mayCreate = async () => firstStart.isFirst && marks.isEmpty && (await holdsNothing(dynamodb));
  const isNew = await createKekFile(kekPath, mayCreate, clock, randomness);
  const secrets = await openKekFile({ path: kekPath, clock, randomness, inUse });
  const databaseIsLost = !firstStart.isFirst && (await inUse()).size === 0;
  const present = new Set<string>();
  const watch = await watchDataDirectory({
    home,
    kekFile: secrets,
    marked: () => marks.filesOf([...present]),
    ...(access !== undefined && { access }),
    clock,
    randomness,
    logger,
  });
  const assertStored = (): void => {
    watch.assertStored();
  };
  guardDatabase(dynamodb, assertStored);
  const keysets = rememberVersions(
    new DynamoDBKeysetStore({ client: dynamodb, table: LOCAL_TABLES.keysets, region: LOCAL_REGION }),
    marks,
  );
  const credentials = new DynamoDBCredentialStore({ client: dynamodb, table: LOCAL_TABLES.credentials });
  const auditReader = createAuditLog({
    client: dynamodb,
    table: LOCAL_TABLES.audit,
    providers,
    stored: storedProviders({ keysets, clock }),
    clock,
  });
  const audit = guardAudit(
    createAuditGroupCommit({
      client: dynamodb,
      table: LOCAL_TABLES.audit,
      clock,
      randomness,
      deadlineMs: auditDeadlineMs,
    }),
    assertStored,
  );
  const trail = new AuditTrail({ sink: audit, clock, randomness, metrics, region: LOCAL_REGION });
  const ensureKeysets = createEnsureKeysets({
    keysets,
    credentials,
    audit: {
      ...auditReader,
      wasUsed: async (provider) => databaseIsLost || marks.has(provider) || auditReader.wasUsed(provider),
    },
    secrets,
    sealing: watch,
    trail,
    clock,
    randomness,
  });
  const ensure = async (wanted: readonly string[]): Promise<readonly KeysetStatus[]> => {
    const statuses = await ensureKeysets(wanted, LOCAL_SYSTEM);
    const usable = statuses.filter(({ status }) => status === 'ready' || status === 'created');
    await marks.mark(usable.map(({ provider }) => provider));
    for (const { provider, status } of usable) {
      present.add(provider);
      if (status === 'created') continue;
      const verified = await keysets.get(provider).catch(() => undefined);
      if (isKeysetRecord(verified)) await marks.markVersion(provider, highestVersion(verified));
    }
    if (usable.length > 0) await firstStart.end();
    return statuses;
  };
  const statuses = await ensure(providers);
  const creation = new KeysetCreation({ ensure, logger });
  const application = createApplication({
    region: LOCAL_REGION,
    providers,
    keysets: { local: keysets, home: keysets, others: [] },
    keysetsToShow: keysets,
    credentials: { local: credentials, home: credentials },
    auditSink: audit,
    auditReader,
    secrets,
    sealing: watch,
    clock,
    randomness,
    metrics,
  });
  const ports = { providers, keysets, credentials, secrets, sealing: watch, clock, randomness, metrics, logger };
  const rotating = composeLocalRotations({ ...ports, dynamodb, audit });
  const { rotations } = rotating;
  const all = { ...application, ...rotations, describeVersion: createDescribeVersion({ keysets }) };
  return {
    runtime: { application: all, providers, clock, logger },
    audit,
    startWork: async () => {
      await watch.start();
      creation.start(statuses);
      await rotating.startWork();
    },
    stopWork: async () => {
      await Promise.all([rotating.stopWork(), creation.close()]);
      await watch.close();
    },
    keysets: statuses,
    isNew,
    databaseIsLost,
    isInPlace: () => watch.isInPlace,
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
