import { join } from 'node:path';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createAuditLog } from '../lambdas/adapters/aws/dynamodb/dynamodb-audit-log';
import { DynamoDBCredentialScanner } from '../lambdas/adapters/aws/dynamodb/dynamodb-credential-scanner';
import { DynamoDBCredentialStore } from '../lambdas/adapters/aws/dynamodb/dynamodb-credential-store';
import { DynamoDBKekMoveStore } from '../lambdas/adapters/aws/dynamodb/dynamodb-kek-move-store';
import { DynamoDBKeysetStore } from '../lambdas/adapters/aws/dynamodb/dynamodb-keyset-store';
import { createOpenIntents } from '../lambdas/adapters/aws/dynamodb/dynamodb-open-intents';
import { DynamoDBDekRotationStore } from '../lambdas/adapters/aws/dynamodb/dynamodb-dek-rotation-store';
import { storedProviders } from '../lambdas/adapters/aws/dynamodb/stored-providers';
import type { VaultSettings } from '../lambdas/adapters/vault/vault-settings';
import type { ProcessMetrics } from '../lambdas/adapters/system/process-metrics';
import { AuditTrail } from '../lambdas/core/audit/audit-trail';
import { LOCAL_KEK_STEP_MS } from '../lambdas/core/contract/function-times';
import { LOCAL_REGION } from '../lambdas/core/contract/local-mode';
import type { Randomness } from '../lambdas/core/crypto/randomness';
import { createDekRotations, type DekRotationWork } from '../lambdas/core/dek-rotation/create-dek-rotations';
import { createProveKeyset } from '../lambdas/core/dek-rotation/prove-keyset';
import type { ApplicationOf, Runtime } from '../lambdas/core/http/operation';
import { createEnsureKeysets, type KeysetStatus } from '../lambdas/core/kek-rotation/ensure-keysets';
import type { Clock } from '../lambdas/core/ports/clock';
import type { FailureLog } from '../lambdas/core/ports/failure-log';
import type { Logger } from '../lambdas/core/ports/logger';
import { createApplication } from '../lambdas/core/runtime/create-application';
import type { OPERATIONS } from '../lambdas/core/runtime/operations';
import { guardAudit, guardDatabase } from './database/guard-database';
import type { Access } from './identity/access-files';
import type { AuditJournal } from './journal/audit-journal';
import type { JournalFiles } from './journal/journal-files';
import { JournalExpiry } from './journal/journal-expiry';
import { openJournalReading } from './journal/open-journal-reading';
import { openLocalJournal } from './journal/open-local-journal';
import { OlderRows } from './journal/older-rows';
import { Takeover } from './journal/takeover';
import { openLocalLog } from './log/open-local-log';
import { AUDIT_DIRECTORY, LOCAL_TABLES } from './local-names';
import { resumeDekRotations } from './resume-dek-rotations';
import { DekRotationWorker } from './dek-rotation-worker';
import { openKekHomes, type OpenKekHomesOptions } from './kek-homes';
import { keepKekHomes } from './keep-kek-homes';
import type { LocalKek } from './local-kek';
import { VaultReturn } from './vault-return';
import type { FirstStart } from './storage/first-start';
import { holdsNothing } from './storage/holds-nothing';
import { keksInUse } from './storage/keks-in-use';
import { KeysetCreation } from './storage/keyset-creation';
import { KeysetMarks } from './storage/keyset-marks';
import { PresentKeysets } from './storage/present-keysets';
import { rememberVersions } from './storage/remember-versions';
import { watchDataDirectory } from './storage/watch-data-directory';

export interface LocalComposition {
  readonly runtime: Runtime<ApplicationOf<typeof OPERATIONS> & DekRotationWork>;
  readonly audit: AuditJournal;
  /** Continues unfinished rotations and keysets, starts the hourly sweep, and watches the data directory. */
  readonly startWork: () => Promise<void>;
  /** Ends what {@link startWork} has started, after the current page. */
  readonly stopWork: () => Promise<void>;
  readonly keysets: readonly KeysetStatus[];
  /** True if this start made the KEK. */
  readonly isNew: boolean;
  /** Where the KEK was at the start: during a move the home that is in force. */
  readonly kekPlace: LocalKek['place'];
  /** Name of the failure if the KEK's store did not answer. */
  readonly kekAway?: string;
  /** True if the database has no keyset although an earlier start has made the KEK: it is a different database. */
  readonly databaseIsLost: boolean;
  /** Whether the data directory and the database in it are where they were opened. */
  readonly isInPlace: () => boolean;
}

export interface ComposeLocalOptions {
  /** The data directory. */
  readonly home: string;
  readonly firstStart: FirstStart;
  /** Access rights, to detect changes. Left out: they are not checked. */
  readonly access?: Access;
  readonly providers: readonly string[];
  /** Number of days that a previous value is kept. */
  readonly previousValueDays: number;
  /** Left out: the KEK is in a file. */
  readonly vault?: VaultSettings;
  /** Left out: the KEK has one home, in Vault if that is configured. */
  readonly kekHomes?: OpenKekHomesOptions['homes'];
  /** Longest run of a step that writes a KEK or a keyset, in milliseconds. Left out: {@link LOCAL_KEK_STEP_MS}. */
  readonly kekStepMs?: number;
  /** Number of days between two rotations of the KEK. */
  readonly kekRotationIntervalDays: number;
  readonly failures: FailureLog;
  readonly dynamodb: DynamoDBClient;
  /** Minimum number of days that an audit event is kept. */
  readonly auditRetentionDays: number;
  /** Time after which a request whose audit event is not durable is answered with 503. */
  readonly auditDeadlineMs: number;
  /** Called with the system's name of the reason when the audit journal cannot be written, and with undefined when it can again. */
  readonly onJournalFailure: (name: string | undefined) => void;
  /** Opens the journal's files. Left out: this machine's file system. */
  readonly openJournalFiles?: (directory: string) => Promise<JournalFiles>;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly metrics: ProcessMetrics;
  readonly logger: Logger;
}

/** Small pages, because callers share the process and the database; `npm run bench` shows the effect on them. */
export const REKEY = { concurrency: 1, page: 5, countLimit: 25 };

/**
 * Composes the application for one machine: the KEK in a file or in Vault, audit events in a journal, everything else in one
 * DynamoDB; DEK rotation with one region, which proves to itself, and a queue in the process. A first start makes the KEK and the
 * keysets.
 *
 * @throws KeywardError `configuration_invalid` if the KEK cannot be used; nothing is overwritten. For a KEK in Vault, also the
 *   error of a step of its first rotation
 */
export async function composeLocal(options: ComposeLocalOptions): Promise<LocalComposition> {
  const { home, firstStart, access, providers, previousValueDays, dynamodb, clock, randomness, metrics, logger } =
    options;
  const marks = await KeysetMarks.open(home, randomness);
  const inUse = () => keksInUse(dynamodb, LOCAL_TABLES.keysets);
  // Only if no key or credential was ever stored.
  const mayCreate = async () =>
    firstStart.isFirst &&
    marks.isEmpty &&
    (await holdsNothing(dynamodb, [LOCAL_TABLES.keysets, LOCAL_TABLES.credentials]));
  const moves = new DynamoDBKekMoveStore({ client: dynamodb, table: LOCAL_TABLES.rotations });
  const homes = options.kekHomes ?? { home: options.vault === undefined ? 'local' : 'vault' };
  const opened = await openKekHomes({
    ...options,
    homes,
    moves,
    isFirst: firstStart.isFirst,
    mayCreate,
    inUse,
    assertMayWrite: () => watch.assertMaySeal(),
  });
  const databaseIsLost = !firstStart.isFirst && (await inUse()).size === 0;
  const { journal, files } = await openLocalJournal({
    directory: join(home, AUDIT_DIRECTORY),
    deadlineMs: options.auditDeadlineMs,
    ...(options.openJournalFiles !== undefined && { openFiles: options.openJournalFiles }),
    clock,
    logger,
    onFailure: options.onJournalFailure,
  });
  const watch = await watchDataDirectory({
    home,
    ...(opened.atStart.kekFile !== undefined && { kekFile: opened.atStart.kekFile }),
    journal,
    marked: () => marks.filesOf(present.providers),
    ...(access !== undefined && { access }),
    clock,
    randomness,
    logger,
  });
  const assertStored = (): void => {
    watch.assertStored();
  };
  guardDatabase(dynamodb, assertStored);
  const { keysets, older, ...stores } = openTables(options, marks);
  const rows = new OlderRows(dynamodb, LOCAL_TABLES.audit);
  const takeover = await Takeover.open({ rows, files, reader: older, clock, logger });
  const reading = openJournalReading({
    directory: join(home, AUDIT_DIRECTORY),
    tell: () => journal.tell(),
    older: () => takeover.older(),
    marks: older,
    assertStored,
    clock,
    logger,
  });
  const log = openLocalLog({
    home,
    view: () => ({ end: journal.tell(), hasTakenOver: takeover.older() === undefined }),
    assertStored,
    retentionDays: options.auditRetentionDays,
    clock,
    metrics,
    logger,
  });
  const expiry = new JournalExpiry({
    files,
    isPublished: (segment) => log.publishing.isPublished(segment),
    onExpired: (before) => {
      log.publishing.expireBefore(before);
    },
    greatestTime: (segment) => reading.reader.greatestTime(segment),
    tell: () => journal.tell(),
    retentionDays: options.auditRetentionDays,
    clock,
    logger,
  });
  const auditReader = reading.reader;
  const audit: AuditJournal = {
    ...guardAudit(journal, assertStored),
    close: async () => {
      await journal.close();
      await reading.close();
      await log.close();
    },
  };
  const shared = {
    ...stores,
    intents: auditReader,
    secrets: opened.secrets,
    sealing: watch,
    region: LOCAL_REGION,
    providers,
    previousValueDays,
    clock,
    randomness,
    metrics,
    logger,
  };
  const proveKeyset = createProveKeyset({ ...shared, ...opened, keysets });
  const kek = keepKekHomes({
    ...shared,
    homes,
    opened,
    moves,
    keysets,
    prover: { region: LOCAL_REGION, prove: proveKeyset },
    settleMs: options.kekStepMs ?? LOCAL_KEK_STEP_MS,
    auditSink: audit,
    intervalDays: options.kekRotationIntervalDays,
  });
  const isFirstKek = await opened.atStart.lacksKek();
  if (isFirstKek) await kek.upkeep.rotation.start();
  const present = new PresentKeysets({
    ensureKeysets: createEnsureKeysets({
      ...shared,
      keysets,
      moves: kek.guard,
      audit: {
        ...auditReader,
        wasUsed: async (provider) => databaseIsLost || marks.has(provider) || auditReader.wasUsed(provider),
      },
      trail: new AuditTrail({ ...shared, sink: audit }),
    }),
    keysets,
    marks,
    firstStart,
  });
  const statuses = await present.ensure(providers);
  const creation = new KeysetCreation({ ensure: (wanted) => present.ensure(wanted), logger });
  const application = createApplication({
    ...shared,
    keysets: { local: keysets, home: keysets, others: [] },
    keysetsToShow: keysets,
    credentials: { local: stores.credentials, home: stores.credentials },
    auditSink: audit,
    auditReader,
    log: log.ports,
  });
  const { away } = opened;
  const vaultReturn = away && new VaultReturn({ away, logger });
  const queue = new DekRotationWorker({ clock, logger });
  const rotations = createDekRotations({
    ...shared,
    keysets,
    provers: [{ region: LOCAL_REGION, prove: proveKeyset }],
    queue,
    auditSink: audit,
    kek: kek.upkeep,
    moves,
    rekeyConcurrency: REKEY.concurrency,
    rekeyPage: REKEY.page,
  });
  return {
    runtime: { application: { ...application, ...rotations, ...kek.operations }, providers, clock, logger },
    audit,
    startWork: async () => {
      await watch.start();
      creation.start(statuses);
      vaultReturn?.start();
      await resumeDekRotations({ keysets, providers, shardCount: stores.scanner.shardCount, queue, logger });
      queue.start(rotations);
      expiry.start();
      takeover.start();
      log.publishing.start();
    },
    stopWork: async () => {
      log.publishing.close();
      await Promise.all([
        queue.close(),
        kek.close(),
        vaultReturn?.close(),
        creation.close(),
        expiry.close(),
        takeover.close(),
      ]);
      await watch.close();
    },
    keysets: statuses,
    isNew: opened.atStart.isNew || isFirstKek,
    databaseIsLost,
    kekPlace: opened.atStart.place,
    ...(away !== undefined && { kekAway: away.name }),
    isInPlace: () => watch.isInPlace,
  };
}

/** Returns the adapters of the tables. */
function openTables(options: ComposeLocalOptions, marks: KeysetMarks) {
  const { dynamodb: client, providers, clock } = options;
  const { audit: table, credentials } = LOCAL_TABLES;
  const keysets = rememberVersions(
    new DynamoDBKeysetStore({ client, table: LOCAL_TABLES.keysets, region: LOCAL_REGION }),
    marks,
  );
  return {
    keysets,
    credentials: new DynamoDBCredentialStore({ client, table: credentials }),
    scanner: new DynamoDBCredentialScanner({ client, table: credentials, countLimit: REKEY.countLimit }),
    store: new DynamoDBDekRotationStore({ client, table: LOCAL_TABLES.rotations }),
    older: {
      ...createAuditLog({ client, table, providers, stored: storedProviders({ keysets, clock }), clock }),
      ...createOpenIntents({ client, table, clock }),
    },
  };
}
