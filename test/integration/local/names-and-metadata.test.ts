import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { credentialShard } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-tables';
import { LOCAL_TABLES } from '../../../local/local-names';
import { answered } from '../../reply-body';
import { until } from '../../until';
import { openLocalWorld, type LocalReply, type LocalWorld } from './local-composition';

const KEY = 'sk-example-not-a-real-key';
const WRITERS = 8;
const openai = '/v1/providers/openai';
let home: string;
let world: LocalWorld;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'keyward-metadata-'));
  world = await openLocalWorld(home);
});

afterAll(async () => {
  await world.close();
  await rm(home, { recursive: true, force: true });
});

const pathOf = (name: string): string => `${openai}/credentials/${name}`;
const revisionOf = ({ body }: LocalReply): number => Number(body['revision']);

test('with many writers at the same time, each that names no metadata keeps that of the write before', async () => {
  const path = pathOf('contended');
  const first = await world.call('PUT', path, { api_key: KEY, metadata: { writer: 'first' } });
  const replies = await Promise.all(
    Array.from({ length: WRITERS }, (_, index) =>
      world.call('PUT', path, { api_key: `${KEY}-${index}`, ...(index % 2 === 0 && { metadata: { writer: index } }) }),
    ),
  );
  expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
  const writes = [{ reply: first, index: 0 }, ...replies.map((reply, index) => ({ reply, index }))].sort(
    (a, b) => revisionOf(a.reply) - revisionOf(b.reply),
  );
  expect(writes.map(({ reply }) => revisionOf(reply))).toEqual(writes.map((_, index) => index + 1));
  writes.slice(1).forEach(({ reply, index }, before) => {
    const kept = writes[before]?.reply.body['metadata'];
    expect(reply.body['metadata']).toEqual(index % 2 === 0 ? { writer: index } : kept);
  });
  const last = writes.at(-1);
  expect((await world.call('POST', `${path}/reveal`)).body).toMatchObject({
    api_key: `${KEY}-${last?.index}`,
    metadata: last?.reply.body['metadata'],
  });
});

test('while a rotation moves what is written, metadata stays, and all opens under it', async () => {
  const names = Array.from({ length: 16 }, (_, index) => `moved-${index}`);
  const metadataOf = (name: string) => ({ name, nested: { list: [1, null, 'é'] } });
  for (const name of names) {
    answered(await world.call('PUT', pathOf(name), { api_key: KEY, metadata: metadataOf(name) }));
  }
  const started = await world.call('POST', `${openai}/rotate`, { emergency: true, reason: 'a test' });
  const writing = Promise.all(
    names.map(async (name) => {
      for (let round = 0; round < 4; round += 1)
        answered(await world.call('PUT', pathOf(name), { api_key: `${KEY}-2` }));
    }),
  );
  await world.composition.startWork();
  await writing;
  await until(
    'the rotation has moved all shards',
    () => world.call('GET', `${openai}/rotations/${String(started.body['rotation_id'])}`),
    ({ body }) => (body['counts'] as { shards_verified?: number } | undefined)?.shards_verified !== undefined,
  );
  await world.composition.stopWork();
  for (const name of names) {
    expect((await world.call('POST', `${pathOf(name)}/reveal?consistent=true`)).body).toMatchObject({
      api_key: `${KEY}-2`,
      key_version: 2,
      revision: 5,
      metadata: metadataOf(name),
    });
  }
});

test('what somebody has edited in the table is not sealed in: 409, until metadata is sent', async () => {
  const path = pathOf('edited');
  answered(await world.call('PUT', path, { api_key: KEY, metadata: { base_url: 'https://api.example.com' } }));
  const TableName = LOCAL_TABLES.credentials;
  const { Items = [] } = await world.dynamodb.send(new ScanCommand({ TableName, ConsistentRead: true }));
  const item = Items.find(({ name }) => name?.S === 'edited');
  for (const metadata of ['{"base_url":"https://attacker.example"}', '{}', 'no JSON']) {
    const Item = { ...item, metadata: { S: metadata } };
    await world.dynamodb.send(new PutItemCommand({ TableName, Item }));
    const refused = await world.call('PUT', path, { api_key: KEY }, { 'if-match': '"1"' });
    expect(refused).toMatchObject({ status: 409, body: { code: 'metadata_required' } });
  }
  const replaced = await world.call('PUT', path, { api_key: KEY, metadata: {} });
  expect(replaced).toMatchObject({ status: 200, body: { revision: 2, metadata: {} } });
  expect((await world.call('POST', `${path}/reveal`)).body).toMatchObject({ api_key: KEY });
});

test('what stands under the name of a key from before is read, replaced and deleted, and cannot be made anew', async () => {
  const leaked = 'sk-example-not-a-real-name';
  const path = pathOf('ordinary');
  answered(await world.call('PUT', path, { api_key: KEY }));
  expect(await world.call('PUT', pathOf(leaked), { api_key: KEY })).toMatchObject({ status: 400 });
  const TableName = LOCAL_TABLES.credentials;
  const { Items = [] } = await world.dynamodb.send(new ScanCommand({ TableName, ConsistentRead: true }));
  const old = Items.find(({ name }) => name?.S === 'ordinary');
  const Item = { ...old, name: { S: leaked }, provider_shard: { S: credentialShard('openai', leaked) } };
  await world.dynamodb.send(new PutItemCommand({ TableName, Item }));
  expect(await world.call('GET', pathOf(leaked))).toMatchObject({ status: 200, body: { name: leaked } });
  expect(await world.call('PUT', pathOf(leaked), { api_key: KEY })).toMatchObject({
    status: 409,
    body: { code: 'metadata_required' },
  });
  expect(await world.call('PUT', pathOf(leaked), { api_key: KEY, metadata: {} })).toMatchObject({ status: 200 });
  expect((await world.call('POST', `${pathOf(leaked)}/reveal`)).body).toMatchObject({ api_key: KEY });
  expect((await world.call('DELETE', pathOf(leaked))).status).toBe(204);
  const gone = await world.call('POST', `${pathOf(leaked)}/reveal`);
  expect(gone).toMatchObject({ status: 404, body: { detail: expect.stringContaining('(sha256:b5c67f24)') } });
  expect(await world.call('PUT', pathOf(leaked), { api_key: KEY })).toMatchObject({ status: 400 });
  const { body } = await world.call('GET', '/v1/audit/events?limit=2');
  const refused = [body['events'] as { metadata: { credential: string } }[]].flat();
  expect(refused.map(({ metadata }) => metadata.credential)).toEqual(['sha256:b5c67f24', 'sha256:b5c67f24']);
});

test('a key that is too long for a name is recorded as others are, and never in clear', async () => {
  const leaked = `sk-proj-${'x'.repeat(156)}`;
  const gone = { status: 404, body: { detail: expect.stringMatching(/\(sha256:[0-9a-f]{8}\)$/) } };
  expect(await world.call('GET', pathOf(leaked))).toMatchObject(gone);
  expect(await world.call('POST', `${pathOf(leaked)}/reveal`)).toMatchObject(gone);
  expect(await world.call('DELETE', pathOf(`${leaked}=+~`))).toMatchObject(gone);
  expect(await world.call('PUT', pathOf(leaked), { api_key: KEY })).toMatchObject({
    status: 400,
    body: { detail: expect.stringMatching(/^name: looks like an API key.*sha256:/) },
  });
  const { body } = await world.call('GET', '/v1/audit/events?limit=2');
  const events = body['events'] as { metadata: { credential: string; operation: string } }[];
  expect(events.map(({ metadata }) => [metadata.operation, metadata.credential])).toEqual([
    ['delete_credential', expect.stringMatching(/^sha256:/)],
    ['reveal_credential', expect.stringMatching(/^sha256:/)],
  ]);
  for (const odd of [`sk-${'x'.repeat(600)}`, 'a b', 'n'.repeat(129)]) {
    expect(await world.call('POST', `${pathOf(odd)}/reveal`)).toMatchObject({
      status: 404,
      body: { detail: 'there is no credential of this name' },
    });
  }
});
