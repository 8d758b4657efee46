import type { KekHome } from '../../../lambdas/core/contract/kek-homes';
import {
  newKekSecretRecord,
  parseKekSecret,
  parseKekSecretRecord,
  serializeKekSecret,
} from '../../../lambdas/core/crypto/kek-keyset';
import { newId } from '../../../lambdas/core/crypto/randomness';
import { createBeginKekMove } from '../../../lambdas/core/kek-move/begin-kek-move';
import { createMoveKek, type KekMoveAction } from '../../../lambdas/core/kek-move/move-kek';
import { stands, toKekMove, type KekMoveRecord } from '../../../lambdas/core/kek-move/kek-move-record';
import { nextKekSecret } from '../../../lambdas/core/kek-rotation/next-kek-secret';
import { signKeyset } from '../../../lambdas/core/keysets/dek-keyset';
import type { KeysetRecord } from '../../../lambdas/core/keysets/keyset-record';
import { KekMoveWorld, PLACEHOLDER, SETTLE_MS } from '../../doubles/kek-move-world';
import { testRandomness } from '../../doubles/memory-ports';
import { caller } from '../../doubles/world';

let world: KekMoveWorld;
let deks: ReadonlyMap<string, string>;
beforeEach(async () => {
  world = await new KekMoveWorld().start();
  deks = await world.openAll();
});

const CONFLICT = { name: 'KeywardError', code: 'conflict' };
const newSecret = (): string => serializeKekSecret(newKekSecretRecord(testRandomness, world.clock.now()));
const put = async (home: KekHome, value: string): Promise<string> => {
  const id = newId(testRandomness);
  await expect(world.home(home).createFirst(id, value)).resolves.toBe(true);
  return id;
};

describe('a move from one home to the other', () => {
  test('the copy is the same version, byte by byte, and the old home keeps it', async () => {
    const before = await world.home('aws').current();
    await world.moveUntilSwitched();
    expect(world.move).toMatchObject({ state: 'switched', version_id: before.versionId, from: 'aws', to: 'vault' });
    await expect(world.operator().finish()).resolves.toMatchObject({ move: { state: 'finished' }, waitingFor: [] });
    for (const home of ['aws', 'vault'] as const) {
      await expect(world.home(home).current()).resolves.toStrictEqual(before);
    }
    expect(await world.openAll()).toEqual(deks);
  });

  test('and back, with a rotation in each home between', async () => {
    for (const [from, to] of [
      ['aws', 'vault'],
      ['vault', 'aws'],
      ['aws', 'vault'],
    ] as const) {
      [world.from, world.to] = [from, to];
      await world.moveUntilSwitched();
      await world.operator().finish();
      await world.rotator(to).driver.start();
      world.replicate();
      expect(await world.openAll()).toEqual(deks);
    }
    expect(world.move?.revision).toBe(9);
    expect(await world.kekIds('vault')).toHaveLength(4);
  });

  test('is switched no sooner than the longest run of a step after it was begun, whatever the clock does', async () => {
    await world.operator().begin();
    const startedAt = Date.parse(world.move!.started_at);
    for (const ms of [0, SETTLE_MS - 1, 1 - SETTLE_MS]) {
      world.clock.time = startedAt + ms;
      await expect(world.mover()()).resolves.toMatchObject({
        move: { state: 'copying' },
        waitingFor: [],
        switchAfter: new Date(startedAt + SETTLE_MS).toISOString(),
      });
    }
    world.clock.time = startedAt - SETTLE_MS;
    await expect(world.mover()()).resolves.toMatchObject({ move: { state: 'switched' } });
  });

  test('a version that became current in the old home after the copy, by a late step, is copied, too', async () => {
    await world.operator().begin();
    await world.mover()();
    const { versionId, value } = await world.home('aws').current();
    const next = nextKekSecret(parseKekSecretRecord(value), versionId, undefined, world.clock.now(), testRandomness);
    const late = newId(testRandomness);
    await world.home('aws').putPending(late, serializeKekSecret(next));
    await world.home('aws').moveCurrent(versionId, late);
    world.clock.time += SETTLE_MS;
    await expect(world.mover()()).resolves.toMatchObject({ move: { state: 'switched', version_id: late } });
    await expect(world.home('vault').current()).resolves.toStrictEqual(await world.home('aws').current());
    await expect(world.home('vault').value(versionId)).resolves.toBe(value);
  });

  test('is not switched when the old home changes between the proofs and the comparison', async () => {
    await world.operator().begin();
    await world.mover()();
    world.clock.time += SETTLE_MS;
    const id = newId(testRandomness);
    const { versionId, value } = await world.home('aws').current();
    await world.home('aws').putPending(id, value);
    const last = world.provers.at(-1)!;
    const prove = last.prove.bind(last);
    last.prove = async (challenge) => {
      await world.home('aws').moveCurrent(versionId, id);
      return prove(challenge);
    };
    await expect(world.mover()()).rejects.toMatchObject(CONFLICT);
    expect(world.move?.state).toBe('copying');
    await expect(world.mover()()).resolves.toMatchObject({ move: { state: 'switched', version_id: id } });
  });

  test('waits for each region that does not open its keysets with the copy', async () => {
    await world.operator().begin();
    world.clock.time += SETTLE_MS;
    world.provers[1]!.down = true;
    world.keysets[2]!.records.clear();
    await expect(world.mover()()).resolves.toMatchObject({
      move: { state: 'copying' },
      waitingFor: ['eu-west-1', 'ap-south-1'],
    });
    world.provers[1]!.down = false;
    world.replicate();
    await expect(world.mover()()).resolves.toMatchObject({ move: { state: 'switched' } });
  });

  test('believes no region that cannot make the proof', async () => {
    await world.operator().begin();
    world.provers[1]!.prove = () => Promise.resolve(Buffer.alloc(32, 7).toString('base64'));
    await expect(world.mover()()).resolves.toMatchObject({ waitingFor: ['eu-west-1'] });
  });

  test('a keyset that was damaged before stops no move; one under a KEK that is nowhere does', async () => {
    await world.operator().begin();
    const records = world.keysets[0]!.records as Map<string, object>;
    const record = records.get('openai')!;
    records.set('openai', { ...record, mac: Buffer.alloc(32).toString('base64') });
    records.set('not a provider', record);
    await expect(world.mover()()).resolves.toMatchObject({ waitingFor: [] });
    expect(world.metrics.of('keyset_damaged')).toBe(2);
    records.set('openai', { ...record, kek_id: 'kek-0123456789abcdef' });
    await expect(world.mover()()).rejects.toMatchObject({ ...CONFLICT, message: /that the old home does not have/ });
  });

  test('has each region prove each version that has a key, with the KEK of the target', async () => {
    const { primary } = parseKekSecret((await world.home('aws').current()).value);
    const record = world.keysets[0]!.records.get('openai') as KeysetRecord;
    const at = record.dek_created_at;
    const versions = { ...record.versions, 2: { state: 'destroyed', created_at: at, destroyed_at: at } as const };
    world.keysets[0]!.records.set('openai', signKeyset({ ...record, versions }, primary));
    world.replicate();
    await world.operator().begin();
    await world.mover()();
    for (const { challenges } of world.provers) {
      expect(challenges.map(({ provider, version, home }) => [provider, version, home])).toStrictEqual([
        ['openai', 1, 'vault'],
        ['google', 1, 'vault'],
      ]);
    }
  });

  test('takes a pending rotation off the old home, and says so', async () => {
    const { driver } = world.rotator('aws');
    await world.home('aws').begin('b'.repeat(32));
    await world.operator().begin();
    await world.mover()();
    expect((await world.home('aws').versions()).map(({ stages }) => stages)).toStrictEqual([['AWSCURRENT']]);
    expect(world.audit.events.at(-1)).toMatchObject({
      event_type: 'rotate',
      success: false,
      metadata: { operation: 'rotate_kek', write_id: 'b'.repeat(32), code: 'conflict' },
    });
    await expect(driver.resume()).rejects.toMatchObject(CONFLICT);
  });

  test('is audited: who began and ended it, and each state', async () => {
    await world.moveUntilSwitched();
    await world.operator().finish();
    const written = world.audit.events.filter(({ metadata }) => metadata.outcome === 'written');
    expect(written.map(({ user_id: user, metadata }) => [user, metadata.move_state])).toStrictEqual([
      [world.move!.started_by, 'copying'],
      ['keyward:rotate-kek', 'switched'],
      [world.move!.started_by, 'finished'],
    ]);
    expect(written[0]!.metadata).toMatchObject({ operation: 'move_kek', from_home: 'aws', to_home: 'vault' });
  });
});

describe('the target', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['another KEK', () => put('vault', newSecret())],
    ['a value that is none of ours', () => put('vault', 'something else')],
    [
      'a placeholder beside which another installation makes its first KEK',
      async () => {
        await put('vault', PLACEHOLDER);
        await world.home('vault').begin('c'.repeat(32));
      },
    ],
    [
      'our KEK with another key',
      async () => {
        const { value } = await world.home('aws').current();
        const record = JSON.parse(value) as { primary: string; keys: Record<string, { material: string }> };
        record.keys[record.primary]!.material = Buffer.alloc(32, 9).toString('base64');
        await put('vault', JSON.stringify(record));
      },
    ],
    [
      'our version id with another value',
      async () => {
        await world.home('vault').createFirst((await world.home('aws').current()).versionId, newSecret());
      },
    ],
    [
      'our version id with another value, and not current',
      async () => {
        await put('vault', PLACEHOLDER);
        await world.home('vault').putPending((await world.home('aws').current()).versionId, newSecret());
      },
    ],
    [
      'a current version without a value',
      async () => {
        world.states.vault.set('secret', { values: {}, current: 'c'.repeat(32), tries: 0 });
      },
    ],
  ])('that holds %s is refused, and nothing in it changes', async (_name, prepare) => {
    await prepare();
    const before = structuredClone(world.states.vault.get('secret'));
    await world.operator().begin();
    await expect(world.mover()()).rejects.toMatchObject({ ...CONFLICT, message: /^vault holds something/ });
    expect(world.states.vault.get('secret')).toStrictEqual(before);
    await expect(world.operator().abort()).resolves.toMatchObject({ move: { state: 'aborted' } });
    await world.rotator('aws').driver.start();
    world.replicate();
    expect(await world.openAll()).toEqual(deks);
  });

  test('may be a placeholder, or an earlier state whatever is pending there', async () => {
    await put('vault', PLACEHOLDER);
    await world.moveUntilSwitched();
    await world.operator().abort();
    await world.rotator('aws').driver.start();
    await world.home('vault').begin('c'.repeat(32));
    await world.moveUntilSwitched();
    expect(world.move?.state).toBe('switched');
    await world.operator().finish();
    expect(await world.openAll()).toEqual(deks);
  });

  test('that somebody else writes first is refused', async () => {
    await world.operator().begin();
    const rival = newSecret();
    const write = world.tables.vault.write.bind(world.tables.vault);
    world.tables.vault.write = async (what, take) => {
      world.tables.vault.write = write;
      await put('vault', rival);
      return write(what, take);
    };
    await expect(world.mover()()).rejects.toMatchObject(CONFLICT);
    expect((await world.home('vault').current()).value).toBe(rival);
  });

  test('that another mover writes first has the copy', async () => {
    await world.operator().begin();
    for (const prepare of [() => Promise.resolve(), () => put('vault', PLACEHOLDER)]) {
      world.states.vault.clear();
      await prepare();
      const write = world.tables.vault.write.bind(world.tables.vault);
      world.tables.vault.write = async (what, take) => {
        if (what === 'putPending') return write(what, take);
        world.tables.vault.write = write;
        await world.mover()();
        return write(what, take);
      };
      await expect(world.mover()()).resolves.toMatchObject({ waitingFor: [] });
      await expect(world.home('vault').current()).resolves.toStrictEqual(await world.home('aws').current());
    }
  });
});

describe('no move is begun', () => {
  test('unless the configuration names both homes, as they are asked for', async () => {
    for (const [from, to] of [
      ['vault', 'aws'],
      ['local', 'vault'],
      ['aws', 'local'],
    ] as const) {
      await expect(world.operator().begin(from, to)).rejects.toMatchObject({ ...CONFLICT, message: /does not name/ });
    }
    expect(world.move).toBeUndefined();
  });

  test('from a home in which the KEK is not', async () => {
    await world.moveUntilSwitched();
    await world.operator().finish();
    [world.from, world.to] = ['local', 'aws'];
    await expect(world.operator().begin()).rejects.toMatchObject({ ...CONFLICT, message: /it is in vault/ });
  });

  test('while another one stands', async () => {
    await world.operator().begin();
    const before = world.move;
    [world.from, world.to] = ['vault', 'aws'];
    await expect(world.operator().begin()).rejects.toMatchObject({ ...CONFLICT, message: /from aws to vault stands/ });
    expect(world.move).toEqual(before);
  });

  test('twice: a second command goes on with the first, and one that comes later finds it finished', async () => {
    const [one, two] = await Promise.all([world.operator().begin(), world.operator().begin()]);
    expect(one).toEqual(two);
    await world.moveUntilSwitched();
    expect((await world.operator().begin()).state).toBe('switched');
    await world.operator().finish();
    expect((await world.operator().begin()).state).toBe('finished');
    expect(world.move?.revision).toBe(3);
  });

  test('where another row came first', async () => {
    const { begin } = world.operator();
    const put = world.moveTable.write.bind(world.moveTable);
    world.moveTable.write = async (what, take) => {
      world.moveTable.write = put;
      await world.operator().begin();
      await world.operator().abort();
      return put(what, take);
    };
    await expect(begin()).rejects.toMatchObject(CONFLICT);
  });
});

describe('a move whose homes cannot be read', () => {
  test.each([
    ['no KEK', PLACEHOLDER, /^aws holds no KEK/],
    ['a damaged KEK', '{}', /^aws holds a damaged KEK/],
  ])('copies nothing where the old home holds %s', async (_name, value, message) => {
    world.states.aws.clear();
    await put('aws', value);
    await world.operator().begin();
    await expect(world.mover()()).rejects.toMatchObject({ ...CONFLICT, message });
    expect(world.states.vault.size).toBe(0);
  });

  test('names a home that the configuration lacks', async () => {
    await world.operator().begin();
    world.from = 'local';
    await expect(world.mover()()).rejects.toMatchObject({ ...CONFLICT, message: /does not name aws/ });
  });
});

describe('an end', () => {
  test('waits for each region that reads another home, or does not say', async () => {
    await world.moveUntilSwitched();
    world.reporters[1]!.down = true;
    world.reporters[2]!.home = () => Promise.resolve('aws');
    await expect(world.operator().finish()).resolves.toMatchObject({
      move: { state: 'switched' },
      waitingFor: ['eu-west-1', 'ap-south-1'],
    });
    await expect(world.operator().abort()).resolves.toMatchObject({
      move: { state: 'aborting' },
      waitingFor: ['eu-west-1'],
    });
    world.reporters[1]!.down = false;
    await expect(world.operator().abort()).resolves.toMatchObject({ move: { state: 'aborted' }, waitingFor: [] });
    await expect(world.operator().abort()).resolves.toMatchObject({ move: { state: 'aborted' } });
  });

  test('cannot be had of what does not stand, is not switched or is finished', async () => {
    const no = (message: RegExp) => ({ ...CONFLICT, message });
    await expect(world.operator().finish()).rejects.toMatchObject(no(/no move/));
    await expect(world.operator().abort()).rejects.toMatchObject(no(/no move/));
    await world.operator().begin();
    await expect(world.operator().finish()).rejects.toMatchObject(no(/not copied/));
    await world.moveUntilSwitched();
    await world.operator().finish();
    await expect(world.operator().finish()).resolves.toMatchObject({ move: { state: 'finished' } });
    await expect(world.operator().abort()).rejects.toMatchObject(no(/move the KEK back/));
  });

  test('that another process is faster with is refused', async () => {
    await world.moveUntilSwitched();
    for (const end of ['finish', 'abort'] as const) {
      const late = world.operator()[end];
      const write = world.moveTable.write.bind(world.moveTable);
      world.moveTable.write = async (what, take) => {
        world.moveTable.write = write;
        world.moves.set('kek-move', { ...world.move!, revision: world.move!.revision + 1, write_id: 'other' });
        return write(what, take);
      };
      await expect(late()).rejects.toMatchObject(CONFLICT);
    }
  });

  test('a switch that another process is faster with is refused', async () => {
    await world.operator().begin();
    world.clock.time += SETTLE_MS;
    const late = world.mover();
    const write = world.moveTable.write.bind(world.moveTable);
    world.moveTable.write = async (what, take) => {
      world.moveTable.write = write;
      await world.operator().abort();
      return write(what, take);
    };
    await expect(late()).rejects.toMatchObject(CONFLICT);
    expect(world.move?.state).toBe('aborted');
  });
});

describe('while a move stands', () => {
  test('a rewrap that began before it stops at the next keyset', async () => {
    world.keysets[0]!.table.writesDown = true;
    await expect(world.rotator('aws').driver.start()).rejects.toMatchObject({ code: 'outcome_unknown' });
    world.keysets[0]!.table.writesDown = false;
    const { versionId, value } = await world.home('aws').current();
    const { primary } = parseKekSecretRecord(value);
    const { rewrapDeks } = world.rotator('aws');
    const read = world.keysets[0]!.table.read.bind(world.keysets[0]!.table);
    world.keysets[0]!.table.read = async (what, take) => {
      if (what.startsWith('get') && world.move === undefined) await world.operator().begin();
      return read(what, take);
    };
    await expect(rewrapDeks({ secret_version_id: versionId, kek_id: primary })).resolves.toBe('not_yet');
    for (const record of world.keysets[0]!.records.values()) expect(record).not.toMatchObject({ kek_id: primary });
  });

  test('nothing rotates or rewraps in either home, and then only in the one that is in force', async () => {
    const { versionId } = await world.home('aws').current();
    const request = { secret_version_id: versionId, kek_id: (await world.kekIds('aws'))[0]! };
    const states = [
      () => world.operator().begin(),
      () => world.moveUntilSwitched(),
      async () => {
        world.reporters[0]!.down = true;
        await world.operator().abort();
      },
    ];
    for (const step of states) {
      await step();
      expect(stands(world.move!)).toBe(true);
      for (const home of ['aws', 'vault'] as const) {
        const { driver, rotateKek, rewrapDeks } = world.rotator(home);
        await expect(driver.start()).rejects.toMatchObject(CONFLICT);
        await expect(driver.resume()).rejects.toMatchObject(CONFLICT);
        await expect(driver.announce()).rejects.toMatchObject(CONFLICT);
        await expect(rotateKek.run('createSecret', 'b'.repeat(32))).rejects.toMatchObject(CONFLICT);
        await expect(rewrapDeks(request)).resolves.toBe('not_yet');
      }
    }
    world.reporters[0]!.down = false;
    await world.operator().abort();
    await expect(world.rotator('vault').driver.start()).rejects.toMatchObject({
      ...CONFLICT,
      message: 'the KEK was moved: its home is aws, and vault is configured',
    });
    await expect(world.rotator('aws').driver.start()).resolves.toBeUndefined();
  });
});

test('a mover without a move, or after one, does nothing', async () => {
  await expect(world.mover()()).resolves.toStrictEqual({ move: undefined, waitingFor: [] });
  await world.moveUntilSwitched();
  const { move } = world;
  await expect(world.mover()()).resolves.toStrictEqual({ move, waitingFor: [] });
});

test('a row that Keyward did not write is none', async () => {
  await world.moveUntilSwitched();
  const row = world.move!;
  expect(toKekMove(row)).toBe(row);
  for (const value of [undefined, null, [], 'x', {}]) expect(toKekMove(value)).toBeUndefined();
  const edits: Partial<Record<keyof KekMoveRecord, unknown>>[] = [
    { move_id: '' },
    { write_id: 1 },
    { started_by: null },
    { revision: 0 },
    { from: 'home' },
    { to: 'AWS' },
    { to: 'aws' },
    { state: 'moved' },
    { started_at: '2026' },
    { switched_at: 1 },
    { ended_at: undefined },
    { version_id: '' },
  ];
  for (const edit of edits) expect(toKekMove({ ...row, ...edit })).toBeUndefined();
  expect(toKekMove({ ...row, version_id: null, switched_at: null })).toBeDefined();
});

describe('a command', () => {
  const commands = () => {
    const { begin, finish, abort } = world.operator();
    const trail = { recordRefusal: jest.fn(() => Promise.resolve()) };
    const moveKek = createMoveKek({
      begin: (_, { from, to }) => begin(from, to),
      advance: () => world.mover()(),
      finish,
      abort,
      trail: trail as never,
    });
    return { ask: (asked: KekMoveAction) => moveKek(caller, asked), refusals: trail.recordRefusal.mock.calls };
  };
  const begin = { action: 'begin', from: undefined, to: undefined } as const;

  test('begins and goes on, finishes or aborts; the homes are those that are configured', async () => {
    const { ask, refusals } = commands();
    await expect(ask(begin)).resolves.toMatchObject({ move: { from: 'aws', to: 'vault', state: 'copying' } });
    world.clock.time += SETTLE_MS;
    await expect(ask(begin)).resolves.toMatchObject({ move: { state: 'switched' } });
    await expect(ask({ action: 'abort' })).resolves.toMatchObject({ move: { state: 'aborted' } });
    await world.moveUntilSwitched();
    await expect(ask({ action: 'finish' })).resolves.toMatchObject({ move: { state: 'finished' } });
    expect(refusals).toStrictEqual([]);
  });

  test('that is refused is on record, and one that fails otherwise is not', async () => {
    const { ask, refusals } = commands();
    for (const asked of [{ action: 'finish' }, { ...begin, from: 'local', to: 'vault' }] as const) {
      await expect(ask(asked)).rejects.toMatchObject(CONFLICT);
    }
    world.moveTable.readsDown = true;
    await expect(ask(begin)).rejects.toMatchObject({ code: 'store_unavailable' });
    const recorded = refusals as unknown as [unknown, { metadata: object }, unknown][];
    expect(recorded.map(([, { metadata }]) => metadata)).toStrictEqual([
      { operation: 'move_kek' },
      { operation: 'move_kek', from_home: 'local', to_home: 'vault' },
    ]);
  });

  test('without homes needs a configuration that names both', async () => {
    const deps = { homes: { home: 'vault' }, store: { read: () => Promise.resolve(undefined) } } as never;
    await expect(createBeginKekMove(deps)(caller, begin)).rejects.toMatchObject({
      ...CONFLICT,
      message: /KEYWARD_KEK_MOVING_FROM=the old home first$/,
    });
  });
});
