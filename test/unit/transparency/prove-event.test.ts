import { leafHash } from '../../../lambdas/core/transparency/merkle-hash';
import { formatCheckpoint } from '../../../lambdas/core/transparency/checkpoint';
import { isEntryOf, parseEntry } from '../../../lambdas/core/transparency/log-entry';
import { parseLogProof } from '../../../lambdas/core/transparency/log-proof';
import { parseTrustPolicy } from '../../../lambdas/core/transparency/parse-trust-policy';
import { createProveEvent, type ProveEventDependencies } from '../../../lambdas/core/transparency/prove-event';
import { publish } from '../../../lambdas/core/transparency/publish';
import { formatVerifierKey } from '../../../lambdas/core/transparency/verifier-key';
import { verifyLogProof } from '../../../lambdas/core/transparency/verify-log-proof';
import { pageOfList } from '../../../lambdas/core/transparency/page-of-list';
import { formatNote } from '../../../lambdas/core/transparency/signed-note';
import { encodeBundle } from '../../../lambdas/core/transparency/entry-bundle';
import type { AuditLogRegion } from '../../doubles/transparency/audit-logs';
import { caller, World } from '../../doubles/world';
import { sparseLog } from './sparse-log';

const HERE = 'eu-west-1';
const PERIOD = { from: '2026-11-20', to: '2026-11-22', limit: 1 };

const policyOf = ({ keys: { log, cosigner } }: AuditLogRegion) =>
  parseTrustPolicy(
    Buffer.from(`log ${formatVerifierKey(log.key)}\nwitness own ${formatVerifierKey(cosigner.key)}\nquorum own\n`),
  ).value!;

/** Five events, published, in the log of this region; the log of another one is empty. */
async function publishedWorld() {
  const world = new World();
  const logs = world.publishing(['us-east-1', HERE]);
  const act = async () => {
    world.clock.time += 1_001;
    await world.application.queryAuditEvents(caller, PERIOD);
    return world.audit.events.at(-1)!;
  };
  for (let count = 0; count < 5; count += 1) await act();
  const here = logs.of(HERE);
  const publishAll = async () => {
    logs.archiveAll();
    for (const region of ['us-east-1', HERE]) await publish(logs.of(region).publisher());
  };
  await publishAll();
  return { world, logs, here, act, publishAll, events: world.audit.events.slice(0, 5) };
}

it('each event has a proof that the pure verifier accepts, with its nonce and its line', async () => {
  const { world, here, events } = await publishedWorld();
  const places = new Set<number>();
  for (const { id, timestamp } of events) {
    const proved = await world.application.proveEvent(caller, { id });
    expect(proved).toMatchObject({
      id,
      timestamp,
      region: HERE,
      origin: here.keys.log.key.name,
      size: 5,
      event: 'same',
    });
    expect(verifyLogProof(proved.proof, proved.entry, policyOf(here)).value?.index).toBe(proved.index);
    places.add(proved.index);
    const { extra } = parseLogProof(proved.proof).value!;
    const entry = parseEntry(proved.entry).value!;
    expect('event' in entry && isEntryOf(entry.event, { id, nonce: extra!, line: proved.line! })).toBe(true);
    expect(JSON.parse(proved.line!.toString())).toMatchObject({ id, nonce: extra!.toString('base64') });
  }
  expect(places.size).toBe(5);
  expect(world.audit.events.at(-1)).toMatchObject({
    event_type: 'audit_read',
    success: true,
    metadata: { operation: 'prove_audit_event', event_id: events[4]!.id, read_from: events[4]!.timestamp, events: 1 },
  });
});

it('an event that is not published yet is told from one that is not there', async () => {
  const { world, here, act, publishAll } = await publishedWorld();
  const { id } = await act();
  const prove = (asked: { id: string; timestamp?: string; region?: string }) =>
    world.application.proveEvent(caller, asked);
  await expect(prove({ id })).rejects.toMatchObject({ code: 'event_not_published' });
  const none = `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`;
  await expect(prove({ id: none })).rejects.toMatchObject({ code: 'audit_event_not_found' });
  await expect(prove({ id: none, timestamp: '2026-11-21T09:00:00.000Z' })).rejects.toMatchObject({
    code: 'audit_event_not_found',
    message: expect.stringContaining('at this time') as string,
  });
  await expect(prove({ id: 'f'.repeat(32) })).rejects.toMatchObject({ code: 'audit_event_not_found' });
  // The publisher was cut off between index and checkpoint.
  const before = here.values.get('checkpoint')!;
  await publishAll();
  here.values.set('checkpoint', before);
  await expect(prove({ id })).rejects.toMatchObject({ code: 'event_not_published' });
  here.values.delete('checkpoint');
  await expect(prove({ id })).rejects.toMatchObject({ code: 'event_not_published' });
  expect(world.audit.events.at(-1)).toMatchObject({ success: false, metadata: { event_id: id } });
});

it('an event that expired from the audit log is proved without its nonce, from its region or any other', async () => {
  const { world, here, events } = await publishedWorld();
  const { id, timestamp } = events[2]!;
  world.audit.events.splice(2, 1);
  for (const asked of [{ id }, { id, timestamp }, { id, region: HERE }]) {
    const proved = await world.application.proveEvent(caller, asked);
    expect([proved.event, proved.line, proved.region]).toEqual(['gone', undefined, HERE]);
    expect(parseLogProof(proved.proof).value?.extra).toBeUndefined();
    expect(verifyLogProof(proved.proof, proved.entry, policyOf(here)).fault).toBeUndefined();
  }
  const elsewhere = world.application.proveEvent(caller, { id, region: 'us-east-1' });
  await expect(elsewhere).rejects.toMatchObject({ code: 'audit_event_not_found' });
  const nowhere = world.application.proveEvent(caller, { id, region: 'ap-south-1' });
  await expect(nowhere).rejects.toMatchObject({ code: 'log_not_found' });
});

it('an event that was edited since is proved as it was published, and the edited one is not shown', async () => {
  const { world, here, events } = await publishedWorld();
  for (const edited of [{ success: false }, { region: 'us-east-1' }, { region: 'nowhere' }]) {
    const { records } = world.audit;
    const original = records[1]!;
    records[1] = { ...original, ...edited };
    const proved = await world.application.proveEvent(caller, { id: events[1]!.id });
    expect([proved.event, proved.line, proved.region]).toEqual(['edited', undefined, HERE]);
    expect(parseLogProof(proved.proof).value?.extra).toBeUndefined();
    expect(verifyLogProof(proved.proof, proved.entry, policyOf(here)).fault).toBeUndefined();
    records[1] = original;
  }
});

it('a log that does not fit its checkpoint gives no proof', async () => {
  const { world, here, events } = await publishedWorld();
  const [first, second] = [events[0]!, events[1]!];
  const store = new Map(here.store);
  const index = [...store.keys()].find((path) => path.startsWith('index/'))!;
  const bundle = [...store.keys()].find((path) => path.startsWith('tile/entries/'))!;
  const others = encodeBundle(Array.from({ length: 5 }, () => Buffer.from('another entry')));
  const swapped = Buffer.from(store.get(index)!);
  // Each id with the place of the next one.
  for (let at = 16; at < swapped.length; at += 22) swapped.writeUIntBE((swapped.readUIntBE(at, 6) + 1) % 5, at, 6);
  for (const [path, bytes] of [
    [bundle, undefined],
    [bundle, others],
    [bundle, Buffer.alloc(7)],
    [index, swapped],
    [index, store.get(index)!.subarray(1)],
  ] as const) {
    if (bytes === undefined) here.store.delete(path);
    else here.store.set(path, bytes);
    await expect(world.application.proveEvent(caller, { id: first.id })).rejects.toMatchObject({ code: 'log_damaged' });
    here.store.clear();
    for (const [name, kept] of store) here.store.set(name, kept);
  }
  const { checkpoint } = (await world.application.listCheckpoints(caller)).checkpoints.find(
    ({ region }) => region === HERE,
  )!.stored!;
  const text = formatCheckpoint({ ...checkpoint, root: leafHash(Buffer.from('x')) });
  for (const bytes of [Buffer.from('no note'), formatNote({ text, signatures: [here.keys.log.sign(text)] })]) {
    here.values.set('checkpoint', { bytes, tag: '' });
    const asked = world.application.proveEvent(caller, { id: second.id });
    await expect(asked).rejects.toMatchObject({ code: 'log_damaged' });
  }
});

it('an index object that is listed and gone, as of a copy that is not complete, gives no proof', async () => {
  const { world, events } = await publishedWorld();
  const ports = world.log!;
  const logs: typeof ports.logs = {
    ...ports.logs,
    of: (region) => {
      const log = ports.logs.of(region)!;
      const read = (path: string) => (path.startsWith('index/') ? Promise.resolve(undefined) : log.files.read(path));
      return { ...log, files: { ...log.files, read } };
    },
  };
  world.log = { ...ports, logs };
  world.restart();
  await expect(world.application.proveEvent(caller, { id: events[0]!.id })).rejects.toMatchObject({
    code: 'log_damaged',
  });
});

it('says so where no log is published', async () => {
  const world = new World();
  const asked = world.application.proveEvent(caller, { id: '01a1fd1e90e200112233445566778899' });
  await expect(asked).rejects.toMatchObject({ code: 'log_not_found' });
});

test.each([
  [100_000_000, 12_345_678],
  [100_000_000, 99_999_999],
  [99_999_999, 0],
  [2 ** 26 + 1, 2 ** 26],
])('in a log of %d entries the proof of entry %d takes at most 11 reads of the log', async (size, place) => {
  const world = new World();
  const id = '01a1fd1e90e200112233445566778899';
  const { files, reads } = sparseLog({ size, place, id, time: Number.parseInt(id.slice(0, 12), 16) });
  const deps: ProveEventDependencies = {
    logs: {
      regions: [HERE],
      of: () => ({ region: HERE, files, page: pageOfList(files) }),
      archiveDays: 1,
      eventDays: 1,
    },
    lines: { lineOf: () => Promise.resolve(undefined) },
    audit: world.audit,
    trail: world.trail,
  };
  const proved = await createProveEvent(deps)(caller, { id });
  expect([proved.index, proved.size]).toEqual([place, size]);
  expect(reads.length).toBeLessThanOrEqual(11);
  expect(reads.length).toBeGreaterThan(5);
});
