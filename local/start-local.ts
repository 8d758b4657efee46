import { join } from 'node:path';
import { KEK_FILE, KEK_VERSIONS_FILE, DATABASE_DIRECTORY, LOCAL_TABLES } from './local-names';
import { LOCAL_ENVIRONMENT, type LocalKekSource } from '../lambdas/core/contract/environment';
import { DEFAULT_LOCAL_PORT, LOCAL_HOST, LOCAL_REGION } from '../lambdas/core/contract/local-mode';
import { createDynamoDBClient } from '../lambdas/adapters/aws/dynamodb/dynamodb-client';
import { checkKekFile } from '../lambdas/adapters/local/kek-file';
import { checkKekVersionsFile } from '../lambdas/adapters/local/kek-file-store';
import { readVaultSettings } from '../lambdas/adapters/vault/vault-settings';
import { createJsonLogger } from '../lambdas/adapters/system/json-logger';
import { createOnceAMinuteFailureLog } from '../lambdas/adapters/system/once-a-minute-failure-log';
import { ProcessMetrics } from '../lambdas/adapters/system/process-metrics';
import { systemClock } from '../lambdas/adapters/system/system-clock';
import { createSystemRandomness } from '../lambdas/adapters/system/system-randomness';
import { toErrorName } from '../lambdas/core/errors/error-names';
import { KeywardError } from '../lambdas/core/errors/errors';
import {
  readAuditRetentionDays,
  readKekRotationIntervalDays,
  readLocalKekMovingFrom,
  readLocalKekSource,
  readPreviousValueDays,
  readProviders,
} from '../lambdas/core/runtime/configuration';
import type { Logger } from '../lambdas/core/ports/logger';
import type { KeysetStatus } from '../lambdas/core/kek-rotation/ensure-keysets';
import { openAccessFiles, type Access } from './identity/access-files';
import { composeLocal } from './compose-local';
import { readDataVersion } from './storage/data-version';
import { documentFor } from './gateway/api-docs';
import { startEmbeddedDynamoDB } from './database/embedded-dynamodb';
import { Gateway } from './gateway/gateway';
import { handleLocally } from './gateway/handle-locally';
import { LOCAL_LIMITS, type LocalLimits } from './gateway/local-limits';
import { openDataDirectory, throwIfInUse } from './storage/open-data-directory';
import { reservePort } from './gateway/reserved-port';
import { examineLog } from './log/examine-log';
import { describeStorageFailure } from './database/storage-failure';

/** A running Keyward on this machine. */
export interface LocalServer {
  readonly url: string;
  /** True if this start made the KEK. */
  readonly isNew: boolean;
  /** Location of the KEK at the start: a file of the data directory, or a path in Vault. */
  readonly kekSource: LocalKekSource;
  readonly kekPlace: string;
  /** Name of the failure if the KEK's store did not answer. */
  readonly kekAway?: string;
  readonly keysets: readonly KeysetStatus[];
  /** True if an earlier start has made the KEK, and the database is a different one. */
  readonly databaseIsLost: boolean;
  /** What keeps the transparency log from being published; left out: nothing does. */
  readonly logFault?: string;
  /** Access files that this start created; on a first start both. */
  readonly accessMade: Access['made'];
  /** Resolves if a required part stops. */
  readonly failed: Promise<KeywardError>;
  /** Finishes requests in flight, then stops. */
  close(): Promise<void>;
}

export interface StartLocalOptions {
  /** Absolute path of the data directory. */
  readonly home: string;
  /** Environment variables of local mode, and those of Vault. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly writeLog: (line: string) => void;
  /** See `startEmbeddedDynamoDB`. */
  readonly writeBufferBytes?: number;
  /** Left out: {@link LOCAL_LIMITS}. */
  readonly limits?: LocalLimits;
  /** See `composeLocal`. */
  readonly kekStepMs?: number;
}

const MAX_ATTEMPTS = 3;

/**
 * Starts local mode from the data in `home`.
 *
 * @throws KeywardError `configuration_invalid`, one sentence, if it cannot start; nothing existing is changed
 */
export async function startLocal(options: StartLocalOptions): Promise<LocalServer> {
  const { home, env, writeLog, limits = LOCAL_LIMITS, kekStepMs, ...tuning } = options;
  const port = readPort(env[LOCAL_ENVIRONMENT.port]);
  const providers = readProviders(env);
  const previousValueDays = readPreviousValueDays(env);
  const auditRetentionDays = readAuditRetentionDays(env);
  const kekRotationIntervalDays = readKekRotationIntervalDays(env);
  const kekSource = readLocalKekSource(env);
  const movingFrom = readLocalKekMovingFrom(env, kekSource);
  const kekHomes = { home: kekSource, ...(movingFrom !== undefined && { movingFrom }) };
  const sources = [kekSource, movingFrom];
  const settings = sources.includes('vault') ? readVaultSettings(env, LOCAL_REGION) : undefined;
  const clock = systemClock;
  const randomness = createSystemRandomness();
  const metrics = new ProcessMetrics();
  const logger = createJsonLogger({ clock, write: writeLog });
  const deps = { clock, randomness, logger };
  await readDataVersion(home);
  const reserved = await reservePort(port, LOCAL_HOST).catch(async (thrown: unknown) => {
    await throwIfInUse(home, deps);
    throw thrown;
  });
  const broken = new Set<'database' | 'journal'>();
  const onFailureOf =
    (part: 'database' | 'journal') =>
    (name: string | undefined): void => {
      if (name === undefined) broken.delete(part);
      else broken.add(part);
      if (name !== undefined || broken.size === 0) logStorageFailure(logger, name);
    };
  const opened: (() => Promise<void>)[] = [() => reserved.release()];
  try {
    const directory = join(home, DATABASE_DIRECTORY);
    const data = await openDataDirectory(home, directory, { ...deps, kekSource, movingFrom });
    opened.unshift(() => data.abandon(broken.size === 0));
    const database = await startEmbeddedDynamoDB({
      ...tuning,
      directory,
      socketFallback: home,
      tables: LOCAL_TABLES,
      onStorageFailure: onFailureOf('database'),
    });
    opened.unshift(() => database.close());
    void database.failed.then(() => {
      broken.add('database');
    });
    const failures = createOnceAMinuteFailureLog(deps);
    const dynamodb = createDynamoDBClient({
      ...database.connection,
      requestTimeoutMs: limits.requestMs,
      connectionTimeoutMs: limits.requestMs,
      maxAttempts: MAX_ATTEMPTS,
      failures,
    });
    opened.unshift(() => {
      dynamodb.destroy();
      return Promise.resolve();
    });
    if (sources.includes('local')) {
      await checkKekFile(join(home, KEK_FILE));
      await checkKekVersionsFile(join(home, KEK_VERSIONS_FILE));
    }
    const access = await openAccessFiles(home, LOCAL_REGION, randomness);
    const shared = { providers, previousValueDays, clock, randomness, metrics, logger };
    const { runtime, audit, startWork, stopWork, ...composed } = await composeLocal({
      ...shared,
      home,
      ...(settings !== undefined && { vault: settings }),
      kekHomes,
      ...(kekStepMs !== undefined && { kekStepMs }),
      kekRotationIntervalDays,
      failures,
      firstStart: data.firstStart,
      access,
      dynamodb,
      auditRetentionDays,
      auditDeadlineMs: limits.auditMs,
      onJournalFailure: onFailureOf('journal'),
    });
    const gateway = new Gateway({
      ...shared,
      server: reserved.server,
      region: LOCAL_REGION,
      principals: access.principals,
      audit,
      handler: handleLocally(runtime),
      documents: documentFor,
    });
    const log = await examineLog(home, clock.now());
    reserved.handOver();
    await startWork();
    return {
      url: `http://${LOCAL_HOST}:${reserved.port}`,
      isNew: composed.isNew,
      kekSource: composed.kekPlace.source,
      kekPlace: composed.kekPlace.place,
      ...(composed.kekAway !== undefined && { kekAway: composed.kekAway }),
      keysets: composed.keysets,
      databaseIsLost: composed.databaseIsLost,
      ...(log.state === 'bad' && { logFault: log.sentence }),
      accessMade: access.made,
      failed: database.failed,
      close: async () => {
        await gateway.close();
        // Another directory at the path is not modified.
        const isClean = composed.isInPlace();
        await stopWork();
        await audit.close();
        dynamodb.destroy();
        await database.close();
        await data.close(isClean && broken.size === 0);
      },
    };
  } catch (thrown) {
    for (const close of opened) await close().catch(() => undefined);
    throw thrown;
  }
}

function logStorageFailure(logger: Logger, name: string | undefined): void {
  if (name === undefined) logger.info('the data directory can be written again');
  else logger.error(describeStorageFailure(name), { code: 'store_unavailable', error_name: toErrorName(name) });
}

function readPort(text: string | undefined): number {
  if (text === undefined || text === '') return DEFAULT_LOCAL_PORT;
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new KeywardError('configuration_invalid', 'PORT must be a number from 0 to 65535');
}
