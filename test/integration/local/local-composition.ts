import {
  DEFAULT_AUDIT_RETENTION_DAYS,
  DEFAULT_KEK_INTERVAL_DAYS,
  DEFAULT_PREVIOUS_VALUE_DAYS,
} from '../../../lambdas/core/contract/defaults';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoDBClient } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-client';
import { ProcessMetrics } from '../../../lambdas/adapters/system/process-metrics';
import { createSystemRandomness } from '../../../lambdas/adapters/system/system-randomness';
import { matchRoute } from '../../../lambdas/core/http/router';
import { OPERATIONS } from '../../../lambdas/core/runtime/operations';
import type { Clock } from '../../../lambdas/core/ports/clock';
import { composeLocal, type ComposeLocalOptions, type LocalComposition } from '../../../local/compose-local';
import { prepareDataDirectory } from '../../../local/storage/data-directory';
import { startEmbeddedDynamoDB } from '../../../local/database/embedded-dynamodb';
import { openFirstStart } from '../../../local/storage/first-start';
import { handleLocally } from '../../../local/gateway/handle-locally';
import { DATABASE_DIRECTORY, LOCAL_TABLES } from '../../../local/local-names';
import { AMPLE, AMPLE_MS } from '../../ample-limits';
import { RecordingFailures } from '../../doubles/recording-failures';
import { RecordingLogger } from '../../doubles/recording-logger';
import { replyBody } from '../../reply-body';
import { proxyEventOf } from '../../unit/http/proxy-event-of';

const LIMITS = {
  ...AMPLE,
  maxAttempts: 3,
  failures: new RecordingFailures(),
};
const DAY_MS = 86_400_000;

/** The machine's clock plus an offset that a test sets. */
class ShiftedClock implements Clock {
  private shift = 0;
  now(): number {
    return Date.now() + this.shift;
  }
  sleep(ms: number): Promise<void> {
    return delay(ms);
  }
  forward({ days = 0, seconds = 0 }: { days?: number; seconds?: number }): void {
    this.shift += days * DAY_MS + seconds * 1000;
  }
}

export interface LocalReply {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Local mode in this process, without its gateway: the embedded database, the handlers, the worker, and a clock to move. */
export interface LocalWorld {
  readonly clock: ShiftedClock;
  readonly composition: LocalComposition;
  readonly dynamodb: DynamoDBClient;
  readonly logger: RecordingLogger;
  readonly call: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<LocalReply>;
  readonly close: () => Promise<void>;
}

/**
 * @param home the data directory; existing data is used
 * @param prepare called with the client before the first request
 */
export async function openLocalWorld(
  home: string,
  clock = new ShiftedClock(),
  prepare: (client: DynamoDBClient) => void = () => undefined,
  kek: Pick<ComposeLocalOptions, 'vault' | 'kekHomes' | 'kekStepMs'> = {},
): Promise<LocalWorld> {
  await prepareDataDirectory(home);
  const { home: source = 'local', movingFrom } = kek.kekHomes ?? {};
  const firstStart = await openFirstStart(home, createSystemRandomness(), source, movingFrom);
  const database = await startEmbeddedDynamoDB({ directory: join(home, DATABASE_DIRECTORY), tables: LOCAL_TABLES });
  const dynamodb = createDynamoDBClient({ ...database.connection, ...LIMITS });
  prepare(dynamodb);
  const logger = new RecordingLogger();
  const close = async (): Promise<void> => {
    dynamodb.destroy();
    await database.close();
  };
  const composition = await composeLocal({
    ...kek,
    home,
    firstStart,
    providers: ['openai', 'anthropic'],
    previousValueDays: DEFAULT_PREVIOUS_VALUE_DAYS,
    dynamodb,
    kekRotationIntervalDays: DEFAULT_KEK_INTERVAL_DAYS,
    failures: new RecordingFailures(),
    auditRetentionDays: DEFAULT_AUDIT_RETENTION_DAYS,
    auditDeadlineMs: AMPLE_MS,
    onJournalFailure: () => undefined,
    clock,
    randomness: createSystemRandomness(),
    metrics: new ProcessMetrics(),
    logger,
  }).catch(async (thrown: unknown) => {
    await close();
    throw thrown;
  });
  const handle = handleLocally(composition.runtime);
  return {
    clock,
    composition,
    dynamodb,
    logger,
    call: async (method, path, body, headers = {}) => {
      const [route = '', query = ''] = path.split('?');
      const event = proxyEventOf({
        method,
        path: route,
        body,
        headers,
        query: Object.fromEntries(new URLSearchParams(query)),
      });
      const reply = await handle(event as never, matchRoute(OPERATIONS, method, route));
      const members = JSON.parse(reply.body || '{}') as Record<string, unknown>;
      return { status: reply.statusCode, body: replyBody(reply.statusCode, members) };
    },
    close: async () => {
      await composition.stopWork();
      await composition.audit.close();
      await close();
    },
  };
}
