import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { fromItem } from '../../../lambdas/adapters/aws/dynamodb/stored-value';
import { DAY_MS } from '../../../lambdas/core/contract/time-units';
import type { AuditEvent } from '../../../lambdas/core/audit/audit-event';
import { LOCAL_TABLES } from '../../../local/local-names';
import { runs } from '../../effort';
import { patiently, until } from '../../until';
import { allAuditEvents } from '../audit-pages';
import { openLocalWorld, type LocalWorld } from './local-composition';
import { LocalProcess, temporaryHome } from './local-process';

const WRITERS = 8;
const ROUNDS = runs(2, 1);
const openai = '/v1/providers/openai';
const path = `${openai}/credentials/contended`;

/** The stored key of each request id. */
type Stored = ReadonlyMap<string, string>;

const pick = <T>(of: readonly T[]): T => of[Math.floor(Math.random() * of.length)] as T;

/** The next request of a writer; each PUT has a separate key. */
function writer(server: LocalProcess, stored: Map<string, string>, answered: Map<string, number>) {
  const noted = async (call: Promise<Awaited<ReturnType<LocalProcess['call']>>>, key?: string) => {
    const reply = await call;
    const id = reply.headers.get('x-request-id') ?? '';
    if (key !== undefined) stored.set(id, key);
    if (reply.status < 300) answered.set(id, reply.status);
    expect([200, 201, 204, 404, 409, 503]).toContain(reply.status);
    return reply;
  };
  const acts = [
    () => {
      const key = `sk-example-${Math.random().toString(36).slice(2)}`;
      return noted(server.call('PUT', path, { api_key: key, metadata: { key } }), key);
    },
    () => noted(server.call('PATCH', path, { metadata: { patched: Math.random() } })),
    () => noted(server.call('DELETE', path)),
    () => noted(server.call('DELETE', `${path}?previous=purge`)),
    async () => {
      const { status, body } = await server.call('GET', `${path}/previous?consistent=true`);
      return status === 200 ? noted(server.call('POST', `${path}/restore`, { revision: body['revision'] })) : undefined;
    },
    () => noted(server.call('POST', `${path}/purge`)),
  ];
  // There are more puts than purges, so that values remain to be restored.
  const weighted = [0, 0, 0, 1, 2, 2, 3, 4, 4, 4, 5].map((index) => acts[index]!);
  return async (): Promise<void> => {
    for (;;) await pick(weighted)();
  };
}

interface Row {
  readonly current: string | undefined;
  readonly previous: { readonly revision: number; readonly key: string } | undefined;
}

/** The row that all recorded changes must give, in the order of their revisions. */
function replayed(changes: readonly AuditEvent[], stored: Stored): Row & { readonly revision: number } {
  let row: Row = { current: undefined, previous: undefined };
  let revision = 0;
  for (const { metadata, request_id: request } of changes) {
    expect(metadata.revision).toBe(revision + 1);
    const kept = row.current === undefined ? row.previous : { revision, key: row.current };
    const { current } = row;
    switch (metadata.operation) {
      case 'put_credential':
        row = { current: stored.get(request) ?? 'unanswered', previous: kept };
        break;
      case 'patch_metadata':
        break;
      case 'delete_credential':
        row = { current: undefined, previous: metadata.previous_value === 'purged' ? undefined : kept };
        break;
      case 'purge_previous_value':
        row = { current, previous: undefined };
        break;
      default:
        expect(metadata.operation).toBe('restore_credential');
        expect(metadata.restored_revision).toBe(row.previous?.revision);
        row = { current: row.previous?.key, previous: current === undefined ? undefined : kept };
    }
    revision += 1;
  }
  return { ...row, revision };
}

/** The written changes of the credential, by revision; one with an unknown outcome counts if no other has its revision. */
function madeOf(events: readonly AuditEvent[]): readonly AuditEvent[] {
  const outcomes = events.filter(({ metadata }) => metadata.credential === 'contended' && metadata.phase === 'outcome');
  const made = new Map<number, AuditEvent>();
  for (const event of outcomes) {
    const { outcome, revision = 0 } = event.metadata;
    if (outcome === 'written') {
      expect(made.get(revision)?.metadata.write_id ?? event.metadata.write_id).toBe(event.metadata.write_id);
      made.set(revision, event);
    }
  }
  for (const event of outcomes) {
    const { outcome, revision = 0 } = event.metadata;
    if (outcome === 'unknown' && !made.has(revision)) made.set(revision, event);
  }
  return [...made.values()].sort((a, b) => Number(a.metadata.revision) - Number(b.metadata.revision));
}

async function rowIn(world: LocalWorld): Promise<Record<string, unknown>> {
  const { Items = [] } = await world.dynamodb.send(
    new ScanCommand({ TableName: LOCAL_TABLES.credentials, ConsistentRead: true }),
  );
  return fromItem(Items.find(({ name }) => name?.S === 'contended') ?? {}) as Record<string, unknown>;
}

test('eight writers of one name and rotations, killed at random: what is there is what the log says, and nothing purged comes back', async () => {
  const { home, remove } = temporaryHome();
  const stored = new Map<string, string>();
  const answered = new Map<string, number>();
  const rotations: string[] = [];
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const server = await LocalProcess.start(home);
      const writers = Array.from({ length: WRITERS }, () => writer(server, stored, answered)());
      const rotator = (async () => {
        const { body } = await server.call('POST', `${openai}/rotate`, { emergency: true, reason: 'a drill' });
        rotations.push(String(body['rotation_id']));
      })();
      const target = answered.size + 150 + Math.floor(Math.random() * 150);
      await until(`${target} writes are answered`, () => answered.size >= target);
      await server.stop('SIGKILL');
      for (const ended of await Promise.allSettled([...writers, rotator])) {
        if (ended.status === 'rejected') expect(ended.reason).toMatchObject({ name: 'TypeError' });
      }
    }

    const world = await openLocalWorld(home);
    try {
      await world.composition.startWork();
      world.clock.forward({ seconds: 3600 });
      expect(await world.composition.runtime.application.sweep()).toEqual([]);
      const events = await allAuditEvents(world.call, 'provider=openai');
      const intents = events.filter(({ metadata }) => metadata.phase === 'intent');
      const closed = new Set(
        events.flatMap(({ metadata: { phase, write_id } }) => (phase === 'outcome' ? [write_id] : [])),
      );
      expect(intents.filter(({ metadata }) => !closed.has(metadata.write_id)).map(({ metadata }) => metadata)).toEqual(
        [],
      );

      const made = madeOf(events);
      const requests = new Set(made.map(({ request_id: id }) => id));
      expect([...answered.keys()].filter((id) => !requests.has(id))).toEqual([]);
      const wanted = replayed(made, stored);
      // Only its client knows the key of a PUT whose answer was lost; the key's metadata identifies it.
      const row = await rowIn(world);
      expect(row['revision']).toBe(wanted.revision);
      expect(row['previous'] === undefined).toBe(wanted.previous === undefined);

      const rotation = await patiently(() =>
        world.call('POST', `${openai}/rotate`, { emergency: true, reason: 'after all' }),
      );
      const { rotation_id: id, version } = rotation.body;
      world.clock.forward({ seconds: 3600 });
      await until(
        'the last rotation is completed',
        () => world.call('GET', `${openai}/rotations/${String(id)}`),
        ({ body }) => body['status'] === 'completed',
      );
      const moved = await rowIn(world);
      const sealed = [moved['ciphertext'], (moved['previous'] as Record<string, unknown> | undefined)?.['ciphertext']];
      const versions = sealed.flatMap((token) => (typeof token === 'string' ? [Number(token.split('.')[2])] : []));
      expect(versions).toEqual(versions.map(() => version));
      expect(moved['key_version']).toBe(versions.length === 0 ? undefined : version);

      const reveal = async () => {
        const { status, body } = await world.call('POST', `${path}/reveal?consistent=true`);
        if (status !== 200) return undefined;
        const { key } = body['metadata'] as { key?: string };
        expect(key).toBe(body['api_key']);
        return String(body['api_key']);
      };
      const current = await reveal();
      expect(wanted.current === 'unanswered' ? 'unanswered' : current).toBe(wanted.current);
      const previous = await world.call('GET', `${path}/previous?consistent=true`);
      if (wanted.previous === undefined) expect(previous.body['code']).toBe('previous_value_not_found');
      else {
        expect(previous.body['revision']).toBe(wanted.previous.revision);
        const { revision, key } = wanted.previous;
        expect(await world.call('POST', `${path}/restore`, { revision })).toMatchObject({ status: 200 });
        const back = await reveal();
        expect(key === 'unanswered' ? 'unanswered' : back).toBe(key);
      }

      // In the next month an hourly sweep erases the previous values.
      await patiently(() =>
        world.call('PUT', path, { api_key: 'sk-example-last', metadata: { key: 'sk-example-last' } }),
      );
      world.clock.forward({ seconds: (31 * DAY_MS) / 1000 });
      expect((await world.call('GET', `${path}/previous`)).body['code']).toBe('previous_value_not_found');
      await until(
        'the previous value is erased',
        async () => {
          world.clock.forward({ seconds: 3600 });
          await world.composition.runtime.application.sweep();
          return rowIn(world);
        },
        (erased) => erased['previous'] === undefined,
      );
      expect(await reveal()).toBe('sk-example-last');
    } finally {
      await world.close();
    }
  } finally {
    remove();
  }
});
