import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { createSecretsManagerClient } from '../../lambdas/adapters/aws/secrets-manager/secrets-manager-client';
import {
  SecretsManagerSecretsProvider,
  type SecretsManagerSecretsProviderConfig,
} from '../../lambdas/adapters/aws/secrets-manager/secrets-manager-secrets-provider';
import { createOnceAMinuteFailureLog } from '../../lambdas/adapters/system/once-a-minute-failure-log';
import { serializeKekSecret, type KekSecretRecord } from '../../lambdas/core/crypto/kek-keyset';
import { AMPLE_MS } from '../ample-limits';
import { CountingMetrics, TestClock } from '../doubles/memory-ports';
import { RecordingLogger } from '../doubles/recording-logger';
import { startSecretsManager, type RunningSecretsManager } from '../doubles/secrets-manager/start-secrets-manager';
import { keeps } from './contract';
import { nextSecret, secretsProviderContract } from './secrets-provider.contract';

const SECRET = 'keyward/kek';
const LOCAL = 'eu-west-1';
const HOME = 'us-east-1';
const OTHER = 'ap-south-1';
const MINUTE = 60_000;
const HOUR = 3_600_000;
const REFRESH_AFTER = 5 * MINUTE;
const CAP = 24 * HOUR;
const PLACEHOLDER = '{"schema":1}';

const materialOf = new Map<string, string>();

/** A KEK secret with these KEKs, the last one primary. A KEK's material and date follow from its name only. */
function kekSecret(...ids: string[]): string {
  const keys: Record<string, KekSecretRecord['keys'][string]> = {};
  for (const id of ids) {
    const material = materialOf.get(id) ?? randomBytes(32).toString('base64');
    materialOf.set(id, material);
    const created_at = `2026-0${id.slice(-1)}-01T00:00:00.000Z`;
    keys[id] = { material, created_at, state: id === ids.at(-1) ? 'primary' : 'unwrap_only' };
  }
  return serializeKekSecret({ schema: 1, primary: ids.at(-1)!, parent_version_id: null, keys });
}

let secretsManager: RunningSecretsManager;
let clock: TestClock;
let metrics: CountingMetrics;
let logger: RecordingLogger;
let clients: SecretsManagerClient[];

beforeEach(async () => {
  clock = new TestClock();
  metrics = new CountingMetrics();
  logger = new RecordingLogger();
  clients = [];
  secretsManager = await startSecretsManager(() => clock.now());
});

afterEach(async () => {
  for (const client of clients) client.destroy();
  await secretsManager.close();
});

function clientFor(region: string, requestTimeoutMs = AMPLE_MS): SecretsManagerClient {
  const client = createSecretsManagerClient({
    region,
    endpoint: secretsManager.endpoint,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example-not-a-secret' },
    requestTimeoutMs,
    connectionTimeoutMs: AMPLE_MS,
    maxAttempts: 1,
    failures: createOnceAMinuteFailureLog({ clock, logger }),
  });
  clients.push(client);
  return client;
}

const newProvider = (options: Partial<SecretsManagerSecretsProviderConfig> = {}): SecretsManagerSecretsProvider =>
  new SecretsManagerSecretsProvider({
    secretId: SECRET,
    regions: [LOCAL, HOME, OTHER].map((region) => ({ region, client: clientFor(region) })),
    clock,
    metrics,
    logger,
    regionTimeoutMs: AMPLE_MS,
    ...options,
  });

/** The secret in the home region, with replicas that follow at once. */
const createReplicated = (SecretString: string): Promise<unknown> =>
  clientFor(HOME).send(
    new CreateSecretCommand({
      Name: SECRET,
      SecretString,
      AddReplicaRegions: [{ Region: LOCAL }, { Region: OTHER }],
    }),
  );

/** A secret of one region only, for values that differ by region. */
const createIn = (region: string, value: { SecretString: string } | { SecretBinary: Uint8Array }): Promise<unknown> =>
  clientFor(region).send(new CreateSecretCommand({ Name: SECRET, ...value }));

const putIn = (region: string, SecretString: string): Promise<unknown> =>
  clientFor(region).send(new PutSecretValueCommand({ SecretId: SECRET, SecretString }));

/** The logged lines about a failed read. */
const failedRead = (region: string, errorName: string) => ({
  operation: 'GetSecretValue',
  region,
  error_name: errorName,
});

/** The regions of the reads, in order. */
const readsSoFar = (): string[] =>
  secretsManager.calls.filter((call) => call.operation === 'GetSecretValue').map((call) => call.region);

const unavailable = (reason: string): object => ({ name: 'KeywardError', code: 'keys_unavailable', reason });

const stopAnswering = (region?: string): void => {
  secretsManager.faults.plant({ effect: { kind: 'refuse' }, ...(region !== undefined && { region }) });
};

keeps('SecretsManagerSecretsProvider', secretsProviderContract, async () => {
  const first = nextSecret();
  await createReplicated(first);
  return {
    port: newProvider(),
    clock,
    first,
    store: async (value) => {
      await putIn(HOME, value);
    },
    answers: async (does) => {
      if (does) secretsManager.faults.clear();
      else stopAnswering();
    },
    reads: () => readsSoFar().length,
  };
});

describe('a copy of the KEK secret', () => {
  test('is read once, by its stage and under its name, and then comes from memory', async () => {
    await createReplicated(kekSecret('kek-1', 'kek-2'));
    const provider = newProvider();
    const first = await provider.current();
    clock.time += REFRESH_AFTER - 1;
    expect(await provider.current()).toBe(first);
    expect(first.primary.id).toBe('kek-2');
    expect([...first.keks.keys()]).toEqual(['kek-1', 'kek-2']);
    expect(first.primaryCreatedAt).toBe('2026-02-01T00:00:00.000Z');
    expect(first.primary.key.export().toString('base64')).toBe(materialOf.get('kek-2'));
    expect(readsSoFar()).toEqual([LOCAL]);
    expect(secretsManager.calls.at(-1)!.request).toEqual({ SecretId: SECRET, VersionStage: 'AWSCURRENT' });
  });

  test('is read again from its refresh age on', async () => {
    await createReplicated(kekSecret('kek-1'));
    const provider = newProvider();
    await provider.current();
    await putIn(HOME, kekSecret('kek-1', 'kek-2'));
    clock.time += REFRESH_AFTER;
    expect((await provider.current()).primary.id).toBe('kek-2');
    expect(readsSoFar()).toEqual([LOCAL, LOCAL]);
  });

  test('is read again when the clock jumped backwards', async () => {
    await createReplicated(kekSecret('kek-1'));
    const provider = newProvider();
    await provider.current();
    clock.time -= HOUR;
    await provider.current();
    await provider.current();
    expect(readsSoFar()).toEqual([LOCAL, LOCAL]);
  });

  test('takes one request however many ask at once', async () => {
    await createReplicated(kekSecret('kek-1'));
    const provider = newProvider();
    const copies = await Promise.all(Array.from({ length: 50 }, () => provider.current()));
    expect(new Set(copies).size).toBe(1);
    expect(readsSoFar()).toEqual([LOCAL]);
    // Three regions, because none of them has a newer KEK.
    await Promise.all(Array.from({ length: 50 }, () => provider.refresh()));
    expect(readsSoFar()).toEqual([LOCAL, LOCAL, HOME, OTHER]);
  });

  test('serves the others while one caller waits for the store', async () => {
    await createReplicated(kekSecret('kek-1'));
    const provider = newProvider();
    const copy = await provider.current();
    secretsManager.faults.plant({ effect: { kind: 'hang' } });
    clock.time += REFRESH_AFTER;
    let isWaiting = true;
    const waiting = provider.current().finally(() => (isWaiting = false));
    expect(await provider.current()).toBe(copy);
    expect(isWaiting).toBe(true);
    await secretsManager.close();
    expect(await waiting).toBe(copy);
  });
});

describe('regions', () => {
  test('are asked in their order until one answers', async () => {
    await createReplicated(kekSecret('kek-1'));
    stopAnswering(LOCAL);
    secretsManager.faults.plant({ region: HOME, effect: { kind: 'fail', name: 'InternalServiceError', status: 500 } });
    expect((await newProvider().current()).primary.id).toBe('kek-1');
    expect(readsSoFar()).toEqual([LOCAL, HOME, OTHER]);
    expect(metrics.of('kek_source_failed')).toBe(2);
    expect(logger.lines).toMatchObject([
      { level: 'warn', message: 'Secrets Manager did not answer', fields: { region: LOCAL } },
      { level: 'warn', message: 'Secrets Manager did not answer', fields: failedRead(HOME, 'InternalServiceError') },
    ]);
  });

  test('that hang are left behind at the deadline', async () => {
    await createReplicated(kekSecret('kek-1'));
    secretsManager.faults.plant({ region: LOCAL, effect: { kind: 'hang' } });
    expect((await newProvider({ regionTimeoutMs: 2_000 }).current()).primary.id).toBe('kek-1');
    expect(readsSoFar()).toEqual([LOCAL, HOME]);
    expect(logger.lines[0]!.fields!.error_name).toMatch(/^(TimeoutError|AbortError)$/);
  });

  test('that never found credentials are left behind at the deadline', async () => {
    await createReplicated(kekSecret('kek-1'));
    const client = createSecretsManagerClient({
      region: LOCAL,
      endpoint: secretsManager.endpoint,
      credentials: () => new Promise(() => undefined),
      requestTimeoutMs: AMPLE_MS,
      connectionTimeoutMs: AMPLE_MS,
      maxAttempts: 1,
      failures: createOnceAMinuteFailureLog({ clock, logger }),
    });
    clients.push(client);
    const regions = [
      { region: LOCAL, client },
      { region: HOME, client: clientFor(HOME) },
    ];
    expect((await newProvider({ regions, regionTimeoutMs: 2_000 }).current()).primary.id).toBe('kek-1');
    expect(readsSoFar()).toEqual([HOME]);
  });
});

describe('while no region answers', () => {
  test('a caller without a copy is refused, and the store is asked again a second later', async () => {
    await createReplicated(kekSecret('kek-1'));
    stopAnswering();
    const provider = newProvider();
    await expect(provider.current()).rejects.toMatchObject(unavailable('no_region_answered'));
    clock.time += 999;
    await expect(provider.current()).rejects.toMatchObject(unavailable('no_region_answered'));
    await expect(provider.refresh()).rejects.toMatchObject(unavailable('no_region_answered'));
    expect(readsSoFar()).toEqual([LOCAL, HOME, OTHER]);
    secretsManager.faults.clear();
    clock.time += 1;
    expect((await provider.current()).primary.id).toBe('kek-1');
  });

  test('a failure from before a backward jump of the clock holds nobody up', async () => {
    await createReplicated(kekSecret('kek-1'));
    const provider = newProvider();
    stopAnswering();
    await expect(provider.current()).rejects.toMatchObject(unavailable('no_region_answered'));
    secretsManager.faults.clear();
    clock.time -= HOUR;
    expect((await provider.current()).primary.id).toBe('kek-1');
  });

  test('the copy is served, the store asked every 15 seconds, and an answer ends it', async () => {
    await createReplicated(kekSecret('kek-1'));
    const provider = newProvider();
    const copy = await provider.current();
    stopAnswering();
    clock.time += REFRESH_AFTER;
    expect(await provider.current()).toBe(copy);
    expect(readsSoFar()).toHaveLength(4);
    clock.time += 14_999;
    expect(await provider.current()).toBe(copy);
    expect(readsSoFar()).toHaveLength(4);
    clock.time += 1;
    expect(await provider.current()).toBe(copy);
    expect(readsSoFar()).toHaveLength(7);
    expect(metrics.of('kek_unusable')).toBe(0);
    secretsManager.faults.clear();
    clock.time += 15_000;
    const confirmed = await provider.current();
    expect(confirmed).not.toBe(copy);
    clock.time += REFRESH_AFTER - 1;
    expect(await provider.current()).toBe(confirmed);
  });

  test('an answer ends the pause after a failure', async () => {
    await createReplicated(kekSecret('kek-1'));
    const provider = newProvider({ refreshAfterMs: 2_000 });
    stopAnswering();
    await expect(provider.current()).rejects.toMatchObject(unavailable('no_region_answered'));
    secretsManager.faults.clear();
    clock.time += 1_000;
    await provider.current();
    await putIn(HOME, kekSecret('kek-1', 'kek-2'));
    clock.time += 2_000;
    expect((await provider.current()).primary.id).toBe('kek-2');
  });

  test('a refresh fails although there is a copy, because whoever asks needs more than that', async () => {
    await createReplicated(kekSecret('kek-1'));
    const provider = newProvider();
    const copy = await provider.current();
    stopAnswering();
    await expect(provider.refresh()).rejects.toMatchObject(unavailable('no_region_answered'));
    expect(await provider.current()).toBe(copy);
  });

  test('the copy ends at its cap', async () => {
    await createReplicated(kekSecret('kek-1'));
    const provider = newProvider();
    await provider.current();
    stopAnswering();
    clock.time += CAP - 1;
    expect((await provider.current()).primary.id).toBe('kek-1');
    clock.time += 1_001;
    await expect(provider.current()).rejects.toMatchObject(unavailable('no_region_answered'));
    clock.time -= 2 * CAP;
    await expect(provider.current()).rejects.toMatchObject(unavailable('no_region_answered'));
  });

  test('a clock that jumped backwards starts the time to the cap anew, and no more', async () => {
    await createReplicated(kekSecret('kek-1'));
    const provider = newProvider();
    await provider.current();
    stopAnswering();
    clock.time -= 10 * CAP;
    expect((await provider.current()).primary.id).toBe('kek-1');
    clock.time += CAP;
    await expect(provider.current()).rejects.toMatchObject(unavailable('no_region_answered'));
  });
});

describe('a value that is not a KEK secret', () => {
  const shortKey = (): string => kekSecret('kek-1').replace(materialOf.get('kek-1')!, 'c2hvcnQ=');
  const values: [string, () => { SecretString: string } | { SecretBinary: Uint8Array }, string][] = [
    ['the placeholder of a new deployment', () => ({ SecretString: PLACEHOLDER }), 'kek_missing'],
    ['an empty text', () => ({ SecretString: '' }), 'kek_damaged'],
    ['half a JSON text', () => ({ SecretString: kekSecret('kek-1').slice(0, -9) }), 'kek_damaged'],
    ['a key of wrong length', () => ({ SecretString: shortKey() }), 'kek_damaged'],
    ['binary', () => ({ SecretBinary: Buffer.from(kekSecret('kek-1')) }), 'kek_damaged'],
  ];

  test.each(values)('%s is passed over for the next region', async (_name, value, reason) => {
    await createIn(LOCAL, value());
    await createIn(HOME, { SecretString: kekSecret('kek-1') });
    expect((await newProvider().current()).primary.id).toBe('kek-1');
    expect(metrics.of('kek_source_failed')).toBe(1);
    expect(metrics.of('kek_unusable')).toBe(1);
    expect(logger.lines).toMatchObject([{ level: 'error', fields: { ...failedRead(LOCAL, 'KeywardError'), reason } }]);
  });

  test.each(values)('%s everywhere is an error that says so', async (_name, value, reason) => {
    for (const region of [LOCAL, HOME, OTHER]) await createIn(region, value());
    await expect(newProvider().current()).rejects.toMatchObject(unavailable(reason));
  });

  test('does not replace the good copy, which is served up to its cap', async () => {
    await createReplicated(kekSecret('kek-1'));
    const provider = newProvider();
    const copy = await provider.current();
    await putIn(HOME, 'not a KEK secret');
    await expect(provider.refresh()).rejects.toMatchObject(unavailable('kek_damaged'));
    clock.time += CAP - 1;
    expect(await provider.current()).toBe(copy);
    expect(metrics.of('kek_unusable')).toBeGreaterThan(0);
    clock.time += 1_001;
    await expect(provider.current()).rejects.toMatchObject(unavailable('kek_damaged'));
  });

  test('is reported before a secret that is missing, and that before silence', async () => {
    stopAnswering(LOCAL);
    await expect(newProvider().current()).rejects.toMatchObject(unavailable('kek_missing'));
    await createIn(OTHER, { SecretString: 'not a KEK secret' });
    await expect(newProvider().current()).rejects.toMatchObject(unavailable('kek_damaged'));
    secretsManager.faults.clear();
    await createIn(LOCAL, { SecretString: 'not a KEK secret' });
    stopAnswering(OTHER);
    await expect(newProvider().current()).rejects.toMatchObject(unavailable('kek_damaged'));
    expect(logger.lines.map((line) => line.fields!.reason)).toEqual([
      undefined,
      'kek_missing',
      'kek_missing',
      undefined,
      'kek_missing',
      'kek_damaged',
      'kek_damaged',
      'kek_missing',
      undefined,
    ]);
  });
});

describe('a replica that lags', () => {
  test('is passed by where a newer KEK is asked for', async () => {
    await createReplicated(kekSecret('kek-1'));
    const provider = newProvider();
    await provider.current();
    secretsManager.service.replication.setLag(LOCAL, Infinity);
    await putIn(HOME, kekSecret('kek-1', 'kek-2'));
    expect((await provider.refresh()).primary.id).toBe('kek-2');
    expect((await provider.current()).primary.id).toBe('kek-2');
    expect(readsSoFar()).toEqual([LOCAL, LOCAL, HOME]);
  });

  test('does not bring an older copy back', async () => {
    await createReplicated(kekSecret('kek-1'));
    const provider = newProvider();
    secretsManager.service.replication.setLag(LOCAL, Infinity);
    await putIn(HOME, kekSecret('kek-1', 'kek-2'));
    stopAnswering(LOCAL);
    await provider.current();
    secretsManager.faults.clear();
    clock.time += REFRESH_AFTER;
    expect((await provider.current()).primary.id).toBe('kek-2');
    expect(readsSoFar()).toEqual([LOCAL, HOME, LOCAL, HOME]);
    expect(logger.lines.at(-1)).toEqual({
      level: 'warn',
      message: 'a region returned an older KEK secret',
      fields: { region: LOCAL },
    });
  });

  test.each(['current', 'refresh'] as const)(
    'alone counts as no answer up to the cap, then %s takes it',
    async (ask) => {
      await createReplicated(kekSecret('kek-1'));
      const provider = newProvider();
      secretsManager.service.replication.setLag(LOCAL, Infinity);
      await putIn(HOME, kekSecret('kek-1', 'kek-2'));
      await provider.refresh();
      stopAnswering(LOCAL);
      await provider.refresh();
      secretsManager.faults.clear();
      stopAnswering(HOME);
      stopAnswering(OTHER);
      await expect(provider.refresh()).rejects.toMatchObject(unavailable('no_region_answered'));
      clock.time += CAP - 1;
      expect((await provider.current()).primary.id).toBe('kek-2');
      clock.time += 1_001;
      expect((await provider[ask]()).primary.id).toBe('kek-1');
    },
  );

  test('is told apart from a KEK that has left the secret', async () => {
    await createReplicated(kekSecret('kek-1', 'kek-2'));
    const provider = newProvider();
    await provider.current();
    await putIn(HOME, kekSecret('kek-2'));
    expect([...(await provider.refresh()).keks.keys()]).toEqual(['kek-2']);
    await putIn(HOME, kekSecret('kek-3'));
    expect([...(await provider.refresh()).keks.keys()]).toEqual(['kek-3']);
  });

  test('is told apart from an older primary that lacks nothing', async () => {
    await createReplicated(kekSecret('kek-1', 'kek-2'));
    const provider = newProvider();
    await provider.current();
    await putIn(HOME, kekSecret('kek-2', 'kek-1'));
    expect((await provider.refresh()).primary.id).toBe('kek-1');
  });
});

test('nothing of the secret, and nothing that the service says, gets into logs, errors, metrics or the console', async () => {
  const CANARY = 'sk-example-not-a-real-key-canary';
  const seen: unknown[] = [logger.given, metrics.counts];
  const consoles = (['debug', 'error', 'info', 'log', 'warn'] as const).map((method) =>
    jest.spyOn(console, method).mockImplementation((...line: unknown[]) => void seen.push(line)),
  );
  const provider = newProvider();
  const attempt = async (act: () => Promise<unknown>): Promise<void> => {
    clock.time += REFRESH_AFTER + 15_000;
    // Only a keyset that passed the check may hold a key.
    await act().catch((error: unknown) => void seen.push(error, String((error as Error).cause)));
  };
  await createIn(LOCAL, { SecretString: `{"schema":1,"${CANARY}` });
  await createIn(HOME, { SecretString: `{"schema":1,"primary":"${CANARY}","keys":{"${CANARY}":{}}}` });
  await createIn(OTHER, { SecretBinary: Buffer.from(CANARY) });
  await attempt(() => provider.current());
  await attempt(() => provider.refresh());
  await putIn(OTHER, kekSecret('kek-1'));
  await attempt(() => provider.current());
  await attempt(() => provider.refresh());
  secretsManager.faults.plant({ effect: { kind: 'fail', name: CANARY, message: CANARY } });
  await attempt(() => provider.refresh());
  await attempt(() => provider.current());
  consoles.forEach((spy) => {
    spy.mockRestore();
  });
  const text = inspect(seen, { depth: Infinity, showHidden: true, maxStringLength: null, maxArrayLength: null });
  expect(text).toContain('keys_unavailable');
  expect(logger.lines).toHaveLength(3 + 3 + 2 + 2 + 3 + 3);
  expect(text).not.toContain(CANARY);
  expect(text).not.toContain(materialOf.get('kek-1'));
  const allowed = ['error_name', 'operation', 'reason', 'region'];
  for (const { fields } of logger.given) expect(allowed).toEqual(expect.arrayContaining(Object.keys(fields!)));
});

test('a client gives up at its request timeout, where the SDK by itself would only warn', async () => {
  secretsManager.faults.plant({ effect: { kind: 'hang' } });
  const read = clientFor(LOCAL, 200).send(new GetSecretValueCommand({ SecretId: SECRET }));
  await expect(read).rejects.toMatchObject({ name: 'TimeoutError' });
});

test('a client gives up an answer whose body stalls', async () => {
  const stalling = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).write('{"SecretString":');
  }).listen(0, '127.0.0.1');
  await once(stalling, 'listening');
  const client = createSecretsManagerClient({
    region: LOCAL,
    endpoint: `http://127.0.0.1:${(stalling.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestTimeoutMs: 200,
    connectionTimeoutMs: 2_000,
    maxAttempts: 1,
    failures: createOnceAMinuteFailureLog({ clock, logger }),
  });
  try {
    await expect(client.send(new GetSecretValueCommand({ SecretId: SECRET }))).rejects.toThrow();
  } finally {
    client.destroy();
    stalling.closeAllConnections();
    stalling.close();
  }
});

test('without an endpoint or credentials of its own a client takes the region’s and the environment’s', async () => {
  const client = createSecretsManagerClient({
    region: OTHER,
    requestTimeoutMs: 1,
    connectionTimeoutMs: 1,
    maxAttempts: 2,
    failures: createOnceAMinuteFailureLog({ clock, logger }),
  });
  clients.push(client);
  expect(await client.config.region()).toBe(OTHER);
  expect(client.config.endpoint).toBeUndefined();
  expect(await client.config.maxAttempts()).toBe(2);
});
