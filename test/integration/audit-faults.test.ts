import {
  DEFAULT_AUDIT_RETENTION_DAYS,
  DEFAULT_KEK_INTERVAL_DAYS,
  DEFAULT_PREVIOUS_VALUE_DAYS,
} from '../../lambdas/core/contract/defaults';
import { join } from 'node:path';
import { mkdirSync, renameSync } from 'node:fs';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LOCAL_REGION } from '../../lambdas/core/contract/local-mode';
import { createDynamoDBClient } from '../../lambdas/adapters/aws/dynamodb/dynamodb-client';
import { createJsonLogger } from '../../lambdas/adapters/system/json-logger';
import { ProcessMetrics } from '../../lambdas/adapters/system/process-metrics';
import { systemClock } from '../../lambdas/adapters/system/system-clock';
import { createSystemRandomness } from '../../lambdas/adapters/system/system-randomness';
import { openAccessFiles } from '../../local/identity/access-files';
import { composeLocal, type LocalComposition } from '../../local/compose-local';
import { startEmbeddedDynamoDB, type EmbeddedDynamoDB } from '../../local/database/embedded-dynamodb';
import { openFirstStart, type FirstStart } from '../../local/storage/first-start';
import { Gateway } from '../../local/gateway/gateway';
import { handleLocally } from '../../local/gateway/handle-locally';
import { openDiskJournalFiles } from '../../local/journal/disk-journal-files';
import { AUDIT_DIRECTORY, LOCAL_TABLES } from '../../local/local-names';
import { AMPLE, AMPLE_MS } from '../ample-limits';
import { RecordingFailures } from '../doubles/recording-failures';
import { answered } from '../reply-body';
import { until } from '../until';
import { temporaryHome } from './local/local-process';
import { credentialsOf, fetchReply, send, type Reply } from './local/signed-request';

const KEY = 'sk-example-not-a-real-key';
const openai = '/v1/providers/openai';

/** The faults of writes to the audit journal. */
type AuditStore = 'works' | 'fails' | 'is held back';

describe('the audit log is out of reach', () => {
  const { home, remove } = temporaryHome();
  let firstStart: FirstStart;
  let database: EmbeddedDynamoDB;
  let client: DynamoDBClient;
  let composition: LocalComposition;
  let gateway: Gateway;
  let url: string;
  let auditStore: AuditStore;
  let held: (() => void)[];

  beforeAll(async () => {
    mkdirSync(home, { mode: 0o700 });
    firstStart = await openFirstStart(home, createSystemRandomness());
    database = await startEmbeddedDynamoDB({ directory: join(home, 'dynamodb'), tables: LOCAL_TABLES });
    client = createDynamoDBClient({
      ...database.connection,
      ...AMPLE,
      maxAttempts: 1,
      failures: new RecordingFailures(),
    });
    auditStore = 'works';
    held = [];
    const clock = systemClock;
    const randomness = createSystemRandomness();
    const metrics = new ProcessMetrics();
    const logger = createJsonLogger({ clock, write: () => undefined });
    const providers = ['openai', 'google'];
    const access = await openAccessFiles(home, LOCAL_REGION, randomness);
    const shared = { providers, previousValueDays: DEFAULT_PREVIOUS_VALUE_DAYS, clock, randomness, metrics, logger };
    composition = await composeLocal({
      ...shared,
      home,
      firstStart,
      access,
      dynamodb: client,
      kekRotationIntervalDays: DEFAULT_KEK_INTERVAL_DAYS,
      failures: new RecordingFailures(),
      auditRetentionDays: DEFAULT_AUDIT_RETENTION_DAYS,
      auditDeadlineMs: AMPLE_MS,
      onJournalFailure: () => undefined,
      openJournalFiles: async (directory) => {
        const files = await openDiskJournalFiles(directory);
        return {
          ...files,
          create: async (name) => {
            const file = await files.create(name);
            return {
              ...file,
              write: async (bytes) => {
                if (auditStore === 'fails') throw new Error('injected');
                if (auditStore === 'is held back') await new Promise<void>((resolve) => held.push(resolve));
                await file.write(bytes);
              },
            };
          },
        };
      },
    });
    gateway = new Gateway({
      ...shared,
      region: LOCAL_REGION,
      principals: access.principals,
      audit: composition.audit,
      handler: handleLocally(composition.runtime),
    });
    url = `http://127.0.0.1:${await gateway.listen(0, '127.0.0.1')}`;
  });

  afterEach(() => {
    auditStore = 'works';
    for (const release of held.splice(0)) release();
  });

  afterAll(async () => {
    await gateway.close();
    await composition.stopWork();
    await composition.audit.close();
    client.destroy();
    await database.close();
    remove();
  });

  const call = (method: string, path: string, body?: unknown, profile = 'default'): Promise<Reply> =>
    send(credentialsOf(home, profile), {
      method,
      url: `${url}${path}`,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  /** After the failed journal is opened again. */
  const encrypt = async (): Promise<string> => {
    const reply = await until(
      'the audit log takes events',
      () => call('POST', `${openai}/encrypt`, { plaintext: KEY }),
      ({ status }) => status === 200,
    );
    return String(reply.body['ciphertext']);
  };

  test('every route that would show or take a key answers 503 and nothing else', async () => {
    const ciphertext = await encrypt();
    answered(await call('PUT', `${openai}/credentials/stored`, { api_key: KEY }));
    auditStore = 'fails';
    const replies = await Promise.all([
      call('POST', `${openai}/decrypt`, { ciphertext }),
      call('POST', `${openai}/decrypt`, { ciphertext: 'not a token' }),
      call('POST', `${openai}/encrypt`, { plaintext: KEY }),
      call('POST', `${openai}/rewrap`, { ciphertext }),
      call('POST', `${openai}/credentials/stored/reveal`),
      call('PUT', `${openai}/credentials/other`, { api_key: KEY }),
      call('DELETE', `${openai}/credentials/stored`),
      call('POST', '/v1/providers/google/encrypt', { plaintext: KEY }, 'openai-only'),
      fetchReply({ method: 'GET', url: `${url}/v1/providers` }, {}),
    ]);
    for (const reply of replies) {
      expect(reply).toMatchObject({ status: 503, body: { code: 'audit_unavailable' } });
      expect(reply.headers.get('retry-after')).toBe('1');
      expect(reply.text).not.toContain(KEY);
    }
    auditStore = 'works';
    const names = (await call('GET', `${openai}/credentials`)).body['credentials'];
    expect(names).toMatchObject([{ name: 'stored' }]);
  });

  test('a batch of which no item could be audited is a 503', async () => {
    const ciphertext = await encrypt();
    auditStore = 'fails';
    const reply = await call('POST', `${openai}/decrypt-batch`, {
      items: [{ ciphertext, reference: 'a' }, { ciphertext }],
    });
    expect(reply).toMatchObject({ status: 503, body: { code: 'audit_unavailable' } });
    expect(reply.text).not.toContain(KEY);
  });

  test('a slow store delays the reply; nothing comes before the event is durable', async () => {
    const ciphertext = await encrypt();
    auditStore = 'is held back';
    let answered = false;
    const reply = call('POST', `${openai}/decrypt`, { ciphertext }).then((each) => {
      answered = true;
      return each;
    });
    await until('an event is held back', () => held.length > 0);
    // Another request goes through the same process meanwhile: the waiting one could have answered.
    await fetchReply({ method: 'GET', url: `${url}/healthz` }, {});
    expect(answered).toBe(false);
    auditStore = 'works';
    for (const release of held.splice(0)) release();
    expect(await reply).toMatchObject({ status: 200, body: { plaintext: KEY } });
  });

  test('and the journal is not there at all: not ready, alive, 503', async () => {
    const ciphertext = await encrypt();
    renameSync(join(home, AUDIT_DIRECTORY), join(home, 'away'));
    const decrypted = await call('POST', `${openai}/decrypt`, { ciphertext });
    expect(decrypted).toMatchObject({ status: 503, body: { code: 'audit_unavailable' } });
    expect(decrypted.text).not.toContain(KEY);
    expect(await call('GET', '/readyz')).toMatchObject({ status: 503, body: { ready: false, audit: false } });
    expect((await fetchReply({ method: 'GET', url: `${url}/healthz` }, {})).status).toBe(200);
  });
});
