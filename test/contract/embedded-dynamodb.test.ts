import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import os, { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { ListTablesCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createAuditGroupCommit } from '../../lambdas/adapters/aws/dynamodb/audit-group-commit';
import { batchWriteAuditGroup } from './dynamodb/batch-write-audit-group';
import { createAuditLog } from '../../lambdas/adapters/aws/dynamodb/dynamodb-audit-log';
import { createDynamoDBClient } from '../../lambdas/adapters/aws/dynamodb/dynamodb-client';
import { DynamoDBKeysetStore } from '../../lambdas/adapters/aws/dynamodb/dynamodb-keyset-store';
import { DynamoDBDekRotationStore } from '../../lambdas/adapters/aws/dynamodb/dynamodb-dek-rotation-store';
import { systemClock } from '../../lambdas/adapters/system/system-clock';
import { newKeyset } from '../../lambdas/core/keysets/dek-keyset';
import {
  startEmbeddedDynamoDB,
  type EmbeddedDynamoDB,
  type EmbeddedDynamoDBOptions,
} from '../../local/database/embedded-dynamodb';
import { newDiskDatabase, type DiskDatabase } from '../../local/database/level-modules';
import { removeUnfinishedTables } from '../../local/database/repair-database';
import { AMPLE, AMPLE_MS } from '../ample-limits';
import { newKeks, TEST_START, testRandomness } from '../doubles/memory-ports';
import { RecordingFailures } from '../doubles/recording-failures';
import { auditEvent, recordOf } from './audit-events';

const TABLES = { keysets: 'keysets', credentials: 'credentials', audit: 'audit', rotations: 'rotations' };

let home: string;
let directory: string;
let running: EmbeddedDynamoDB[];
let clients: DynamoDBClient[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'kwtest-'));
  directory = join(home, 'dynamodb');
  running = [];
  clients = [];
});

afterEach(async () => {
  for (const client of clients) client.destroy();
  for (const each of running) await each.close();
  await rm(home, { recursive: true, force: true });
});

async function start(options: Partial<EmbeddedDynamoDBOptions> = {}): Promise<EmbeddedDynamoDB> {
  const embedded = await startEmbeddedDynamoDB({ directory, tables: TABLES, ...options });
  running.push(embedded);
  return embedded;
}

function clientOf({ connection }: EmbeddedDynamoDB): DynamoDBClient {
  const client = createDynamoDBClient({
    ...connection,
    ...AMPLE,
    maxAttempts: 1,
    failures: new RecordingFailures(),
  });
  clients.push(client);
  return client;
}

const keysetsOf = (embedded: EmbeddedDynamoDB): DynamoDBKeysetStore =>
  new DynamoDBKeysetStore({ client: clientOf(embedded), table: TABLES.keysets, region: 'us-east-1' });

async function durableIds(embedded: EmbeddedDynamoDB): Promise<ReadonlySet<string>> {
  const client = clientOf(embedded);
  const log = createAuditLog({ client, table: TABLES.audit, providers: ['openai'], clock: systemClock });
  const day = { from: '2026-11-21T00:00:00.000Z', to: '2026-11-21T23:59:59.999Z' };
  const { events, next } = await log.query({ ...day, limit: 1_000_000 });
  expect(next).toBeUndefined();
  return new Set(events.map(({ id }) => id));
}

const keyset = () => newKeyset('openai', newKeks().primary, TEST_START, testRandomness);

const invalid = (sentence: RegExp): object => ({
  code: 'configuration_invalid',
  message: expect.stringMatching(sentence) as string,
});

/** A body that is JSON and not an object makes dynalite throw an uncaught error. */
function crash({ connection }: EmbeddedDynamoDB): void {
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': 'DynamoDB_20120810.GetItem',
    'x-amz-date': 'x',
    authorization: 'AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b, Signature=c',
  };
  const call = request({ socketPath: connection.socketPath, method: 'POST', headers });
  call.on('error', () => undefined);
  call.end('null');
}

it('has its tables and no data at first, in memory or in a directory', async () => {
  for (const options of [{}, { directory }]) {
    const embedded = await startEmbeddedDynamoDB({ tables: TABLES, ...options });
    running.push(embedded);
    const { TableNames } = await clientOf(embedded).send(new ListTablesCommand({}));
    expect(TableNames).toStrictEqual(['audit', 'credentials', 'keysets', 'rotations']);
    await expect(keysetsOf(embedded).get('openai')).resolves.toBeUndefined();
  }
});

it('listens where nobody else can reach it, and leaves nothing of that behind', async () => {
  const embedded = await start();
  const socketDirectory = dirname(embedded.connection.socketPath);
  expect((await stat(socketDirectory)).mode & 0o777).toBe(0o700);
  expect((await stat(directory)).mode & 0o777).toBe(0o700);
  await embedded.close();
  await expect(access(socketDirectory)).rejects.toMatchObject({ code: 'ENOENT' });
});

it('continues with the data of an earlier start', async () => {
  const record = keyset();
  const first = await start();
  await keysetsOf(first).create(record);
  await first.close();
  expect(await keysetsOf(await start()).get('openai')).toStrictEqual(record);
});

it('adds a table that an earlier release did not have, and keeps the data of the others', async () => {
  const record = keyset();
  // Two names of one table: this start makes only three.
  const first = await start({ tables: { ...TABLES, rotations: TABLES.audit } });
  const tablesOf = async (embedded: EmbeddedDynamoDB) =>
    (await clientOf(embedded).send(new ListTablesCommand({}))).TableNames;
  await expect(tablesOf(first)).resolves.toStrictEqual(['audit', 'credentials', 'keysets']);
  await keysetsOf(first).create(record);
  await first.close();
  const second = await start();
  await expect(tablesOf(second)).resolves.toStrictEqual(['audit', 'credentials', 'keysets', 'rotations']);
  expect(await keysetsOf(second).get('openai')).toStrictEqual(record);
  const rotations = new DynamoDBDekRotationStore({ client: clientOf(second), table: TABLES.rotations });
  await expect(rotations.noteIntentsClosedTo('2026-11-21T09:00:00.000Z')).resolves.toBeUndefined();
});

it('can be closed and started again whatever is under way', async () => {
  const embedded = await start();
  const store = keysetsOf(embedded);
  const record = keyset();
  const created = store.create(record).catch(() => 'failed');
  await Promise.all([created, embedded.close()]);
  const read = await keysetsOf(await start()).get('openai');
  expect(read).toStrictEqual((await created) === 'written' ? record : read && record);
});

it('loses nothing that was acknowledged when it is killed, and is locked until then', async () => {
  const child = spawn(
    process.execPath,
    ['--require', require.resolve('tsx/cjs'), join(__dirname, 'embedded-dynamodb-child.ts'), directory],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_NO_WARNINGS: '1', TMPDIR: home } },
  );
  const exited = once(child, 'exit');
  const acknowledged: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.length === 32) acknowledged.push(line);
    if (acknowledged.length === 1)
      await expect(start()).rejects.toMatchObject(invalid(/is in use by another process$/));
    if (acknowledged.length === 300) child.kill('SIGKILL');
  }
  await exited;
  expect(acknowledged.length).toBeGreaterThanOrEqual(300);
  const durable = await durableIds(await start());
  expect(acknowledged.filter((id) => !durable.has(id))).toStrictEqual([]);
});

describe('says in one sentence', () => {
  it('that the data is in use', async () => {
    await start();
    await expect(start()).rejects.toMatchObject(invalid(/dynamodb is in use by another process$/));
  });

  it('that the directory is a file', async () => {
    await writeFile(directory, '');
    await expect(start()).rejects.toMatchObject(invalid(/dynamodb cannot be used as a database \(EEXIST\)$/));
  });

  it('that there is no directory to put it in', async () => {
    directory = join(home, 'missing', 'dynamodb');
    await expect(start()).rejects.toMatchObject(invalid(/dynamodb cannot be used as a database \(ENOENT\)$/));
  });

  it('that the database is damaged, and changes nothing', async () => {
    const first = await start();
    await first.close();
    await writeFile(join(directory, 'CURRENT'), 'MANIFEST-999999\n');
    await expect(start()).rejects.toMatchObject(invalid(/dynamodb cannot be used as a database \(LEVEL_[A-Z_]+\)$/));
  });

  it('that its tables could not be created', async () => {
    await expect(start({ tables: { ...TABLES, audit: 'a' } })).rejects.toMatchObject(invalid(/tables/));
    await expect(start()).resolves.toBeDefined();
  });

  it('that the path of the temporary directory is too long, where nothing else can hold the socket', async () => {
    const long = join(home, 'x'.repeat(100));
    await mkdir(long);
    const temporary = jest.spyOn(os, 'tmpdir').mockReturnValue(long);
    await expect(start()).rejects.toMatchObject(invalid(/TMPDIR/));
    temporary.mockRestore();
    await expect(readdir(long)).resolves.toStrictEqual([]);
  });

  it('that it stopped, and that alone', async () => {
    const embedded = await start();
    const other = await start({ directory: join(home, 'other') });
    let otherFailed = false;
    void other.failed.then(() => (otherFailed = true));
    crash(embedded);
    const failure = await embedded.failed;
    expect(failure).toMatchObject(invalid(/^the embedded DynamoDB stopped unexpectedly$/));
    await expect(access(dirname(embedded.connection.socketPath))).rejects.toMatchObject({ code: 'ENOENT' });
    await other.close();
    expect(otherFailed).toBe(false);
  });
});

it('loses no event that group commit resolved when it dies, and leaves no append waiting', async () => {
  const embedded = await start();
  let passed = 0;
  const sink = createAuditGroupCommit({
    write: batchWriteAuditGroup({ client: clientOf(embedded), table: TABLES.audit }),
    clock: { ...systemClock, now: () => Date.now() + passed },
    randomness: testRandomness,
    deadlineMs: AMPLE_MS,
  });
  const resolved: string[] = [];
  const appendUntilItDies = async (): Promise<void> => {
    for (;;) {
      const event = auditEvent();
      await sink.append(recordOf(event));
      resolved.push(event.id);
      if (resolved.length === 200) {
        crash(embedded);
        passed = AMPLE_MS;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: 16 }, appendUntilItDies));
  for (const end of ends) expect(end).toMatchObject({ reason: { code: 'audit_unavailable' } });
  expect(resolved.length).toBeGreaterThanOrEqual(200);
  await sink.drain();
  const durable = await durableIds(await start());
  expect(resolved.filter((id) => !durable.has(id))).toStrictEqual([]);
});

it('survives a client that goes away in the middle of a request', async () => {
  const embedded = await start();
  const socket = connect(embedded.connection.socketPath);
  await once(socket, 'connect');
  socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf');
  await keysetsOf(embedded).get('openai');
  socket.destroy();
  await expect(keysetsOf(embedded).get('openai')).resolves.toBeUndefined();
  await expect(keysetsOf(embedded).create(keyset())).resolves.toBe('written');
});

it('closes although a client is in the middle of a request', async () => {
  const embedded = await start();
  const socket = connect(embedded.connection.socketPath);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf');
  await expect(embedded.close()).resolves.toBeUndefined();
  socket.destroy();
});

describe('the database', () => {
  const openLevel = async (): Promise<DiskDatabase> => {
    const level = newDiskDatabase(directory);
    await level.open();
    return level;
  };
  const put = (level: DiskDatabase, key: string, value: unknown): Promise<void> =>
    level.batch([{ type: 'put', key, value }], { sync: true });

  it('gets back a table whose creation a kill interrupted, and keeps the others', async () => {
    const record = keyset();
    const first = await start();
    await keysetsOf(first).create(record);
    await first.close();
    const level = await openLevel();
    const table = (await level.get('table~audit')) as object;
    await put(level, 'table~audit', { ...table, TableStatus: 'CREATING' });
    await level.close();
    const second = await start();
    const log = createAuditLog({ client: clientOf(second), table: TABLES.audit, providers: [], clock: systemClock });
    await expect(log.markUsed('openai')).resolves.toBeUndefined();
    expect(await keysetsOf(second).get('openai')).toStrictEqual(record);
  });

  it('loses a table whose creation was interrupted, and no other one', async () => {
    const level = await openLevel();
    await put(level, 'table~a', { TableStatus: 'CREATING' });
    await put(level, 'table~b', { TableStatus: 'ACTIVE' });
    await put(level, 'tag-a~', {});
    await removeUnfinishedTables(level);
    await removeUnfinishedTables(level);
    await expect(level.get('table~a')).resolves.toBeUndefined();
    await expect(level.get('table~b')).resolves.toStrictEqual({ TableStatus: 'ACTIVE' });
    await expect(level.get('tag-a~')).resolves.toStrictEqual({});
    await level.close();
  });
});
