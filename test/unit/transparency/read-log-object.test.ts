import { createHash } from 'node:crypto';
import { MAX_LOG_PART_BYTES, MAX_LOG_PATHS_PAGE } from '../../../lambdas/core/contract/limits';
import { publish } from '../../../lambdas/core/transparency/publish';
import { caller, World } from '../../doubles/world';

const HERE = 'eu-west-1';

async function publishedWorld() {
  const world = new World();
  const logs = world.publishing([HERE, 'us-east-1']);
  await world.application.queryAuditEvents(caller, { from: '2026-11-20', to: '2026-11-22', limit: 1 });
  logs.archiveAll();
  await publish(logs.of(HERE).publisher());
  return { world, log: logs.of(HERE) };
}

it('an object is returned as it is stored, of this region unless another is asked for, and the read is on record', async () => {
  const { world, log } = await publishedWorld();
  const { bytes } = log.values.get('checkpoint')!;
  await expect(world.application.readLogObject(caller, { path: 'checkpoint', offset: 0 })).resolves.toEqual({
    region: HERE,
    path: 'checkpoint',
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    offset: 0,
    bytes,
  });
  expect(world.audit.events.at(-1)).toMatchObject({
    event_type: 'audit_read',
    metadata: { operation: 'read_log', filters: '{"offset":0,"path":"checkpoint","region":"eu-west-1"}' },
  });
  const other = { region: 'us-east-1', path: 'checkpoint', offset: 0 };
  await expect(world.application.readLogObject(caller, other)).rejects.toMatchObject({ code: 'log_object_not_found' });
  const nowhere = { ...other, region: 'ap-south-1' };
  await expect(world.application.readLogObject(caller, nowhere)).rejects.toMatchObject({ code: 'log_not_found' });
});

it('a large object comes in parts that fit together, up to its end and not beyond', async () => {
  const { world, log } = await publishedWorld();
  const large = Buffer.alloc(2 * MAX_LOG_PART_BYTES + 5, 'abc');
  log.store.set('tile/0/000', large);
  const parts: Buffer[] = [];
  for (let offset: number | undefined = 0; offset !== undefined;) {
    const part = await world.application.readLogObject(caller, { path: 'tile/0/000', offset });
    expect([part.size, part.bytes.length <= MAX_LOG_PART_BYTES]).toEqual([large.length, true]);
    parts.push(part.bytes);
    offset = part.nextOffset;
  }
  expect(parts.map(({ length }) => length)).toEqual([MAX_LOG_PART_BYTES, MAX_LOG_PART_BYTES, 5]);
  expect(Buffer.concat(parts).equals(large)).toBe(true);
  const atEnd = await world.application.readLogObject(caller, { path: 'tile/0/000', offset: large.length });
  expect([atEnd.bytes.length, atEnd.nextOffset]).toEqual([0, undefined]);
  const beyond = world.application.readLogObject(caller, { path: 'tile/0/000', offset: large.length + 1 });
  await expect(beyond).rejects.toMatchObject({ code: 'invalid_request' });
});

it('a list goes on after its last path until there are no more', async () => {
  const { world, log } = await publishedWorld();
  const names = Array.from({ length: MAX_LOG_PATHS_PAGE + 3 }, (_, at) => `tile/7/x${String(at).padStart(3, '0')}`);
  for (const name of names.toReversed()) log.store.set(`${name}/000`, Buffer.alloc(0));
  const listed: string[] = [];
  for (let after: string | undefined = ''; after !== undefined;) {
    const page = await world.application.listLogObjects(caller, { prefix: 'tile/7/', after });
    listed.push(...page.paths);
    after = page.next;
  }
  expect(listed).toEqual(names.map((name) => `${name}/000`).toSorted());
  const { paths, next } = await world.application.listLogObjects(caller, { prefix: 'archive/' });
  expect([paths.length, next]).toEqual([1, undefined]);
  expect(world.audit.events.slice(-3).map(({ metadata }) => metadata.filters)).toEqual([
    '{"prefix":"tile/7/","region":"eu-west-1"}',
    `{"after":"${listed[MAX_LOG_PATHS_PAGE - 1]!}","prefix":"tile/7/","region":"eu-west-1"}`,
    '{"prefix":"archive/","region":"eu-west-1"}',
  ]);
  const other = { region: 'us-east-1', prefix: 'archive/' };
  await expect(world.application.listLogObjects(caller, other)).resolves.toMatchObject({ paths: [] });
});
