import { failureOf } from '../keysets/failure-of';
import { UndoWorld } from './undo-world';

/**
 * Every write is conditional on the very write that was read. Somebody else's comes between the read and the write of the first
 * attempt; the change starts again, and what it demands is asked of what is there then.
 */

const FIRST = 'first-example-key-1111';
const SECOND = 'second-example-key-2222';
const THIRD = 'third-example-key-3333';

async function replaced(): Promise<UndoWorld> {
  const world = new UndoWorld();
  await world.put(FIRST, { team: 'search' });
  await world.put(SECOND, { team: 'search' });
  return world;
}

/** Called once, before the next write. */
function overtake(world: UndoWorld, act: () => Promise<unknown>): void {
  const put = world.credentials.put.bind(world.credentials);
  world.credentials.put = async (record, read) => {
    world.credentials.put = put;
    await act();
    return put(record, read);
  };
}

const codeOf = async (run: Promise<unknown>): Promise<string> => (await failureOf(run)).code;

/** The versions of the stored values. */
const versions = (world: UndoWorld) => [world.live.key_version, world.previous.key_version];

const CHANGES = {
  put: (world: UndoWorld) => world.put(THIRD, undefined, { precondition: { one_of: [2] } }),
  patch: (world: UndoWorld) => world.patch({ a: 1 }, { precondition: { one_of: [2] } }),
  restore: (world: UndoWorld) => world.restore(1, { precondition: { one_of: [2] } }),
  purge: (world: UndoWorld) => world.purge({ precondition: { one_of: [2] } }),
  delete: (world: UndoWorld) => world.remove({ precondition: { one_of: [2] } }),
} as const;
const changes = Object.entries(CHANGES);

describe.each(changes)('%s', (kind, change) => {
  test('starts again after a move to another key, whose revision is the same: nothing of the old key comes back', async () => {
    const world = await replaced();
    overtake(world, () => world.rekey());
    await change(world);
    expect(world.row.revision).toBe(3);
    const kept = world.row.previous as { key_version: number } | undefined;
    if (kind !== 'delete') expect(world.live.key_version).toBe(2);
    expect(kept?.key_version).toBe(kind === 'purge' ? undefined : 2);
    const outcomes = world.audit.events.filter(
      ({ metadata }) => metadata.phase === 'outcome' && metadata.credential === 'default',
    );
    expect(outcomes.slice(-2).map(({ metadata }) => metadata.outcome)).toEqual(['refused', 'written']);
    for (let shard = 0; shard < world.scanner.shardCount; shard += 1) {
      expect((await world.scanner.countByVersion('openai', shard)).get(1)).toBeUndefined();
    }
  });

  test('starts again after an expiry, whose revision is the same, and does not bring back what that erased', async () => {
    const world = await replaced();
    const { previous: _, ...rest } = world.live;
    overtake(world, async () => {
      world.credentials.rows.set('openai/default', { ...rest, write_id: 'of-the-expiry' });
      return Promise.resolve();
    });
    if (kind === 'restore' || kind === 'purge') {
      expect(await codeOf(change(world))).toBe('previous_value_not_found');
      expect(world.row).toStrictEqual({ ...rest, write_id: 'of-the-expiry' });
      return;
    }
    await change(world);
    const kept = kind === 'patch' ? undefined : (expect.objectContaining({ revision: 2 }) as unknown);
    expect(world.row.previous).toEqual(kept);
  });

  test('has its precondition judged anew after another user’s change', async () => {
    const world = await replaced();
    overtake(world, () => world.put('their-example-key', { team: 'theirs' }));
    expect(await codeOf(change(world))).toBe('precondition_failed');
    expect(world.row).toMatchObject({ revision: 3, metadata: { team: 'theirs' } });
  });

  test('does not bring back what was purged meanwhile', async () => {
    const world = await replaced();
    overtake(world, () => world.remove({ purge: true }));
    expect(await codeOf(change(world))).toBe('precondition_failed');
    expect(world.row).not.toHaveProperty('previous');
    expect(world.row).toHaveProperty('deleted_at');
  });
});

test('a PUT without a precondition keeps what was written in between, not what it had read', async () => {
  const world = await replaced();
  overtake(world, () => world.put(THIRD));
  await world.put('fourth-example-key-4444');
  expect(world.row.revision).toBe(4);
  await world.restore(3);
  expect(await world.reveal()).toBe(THIRD);
});

test('a restoration names a revision, and is refused once that is not the previous one any more', async () => {
  const world = await replaced();
  overtake(world, () => world.put(THIRD));
  expect(await codeOf(world.restore(1))).toBe('previous_value_changed');
  expect(await world.reveal()).toBe(THIRD);
});

test('a value that was put while another was deleted is not lost to the deletion: it is what can be restored', async () => {
  const world = await replaced();
  overtake(world, () => world.put(THIRD));
  await world.remove();
  await world.restore(3);
  expect(await world.reveal()).toBe(THIRD);
});

test('a move to another key loses to each of them, and is done by the next run', async () => {
  for (const [kind, change] of changes) {
    const world = await replaced();
    const rotation = await world.rotate({ emergency: true });
    // The row is read under the old key and replaced before its write.
    overtake(world, () => change(world));
    await world.deliver();
    const view = await world.use.describeRotation({ provider: 'openai', rotation_id: rotation });
    expect([kind, view.status, view.counts.failed]).toEqual([kind, 'completed', 0]);
    expect(world.row.revision).toBe(3);
    if (kind === 'put' || kind === 'patch' || kind === 'restore') expect(versions(world)).toEqual([2, 2]);
  }
});
