import { byTurns } from '../../turn';
import { HeldCalls } from '../../doubles/held-calls';
import { KekMoveWorld, SETTLE_MS } from '../../doubles/kek-move-world';
import type { KekHome } from '../../../lambdas/core/contract/kek-homes';
import { parseKekSecretRecord } from '../../../lambdas/core/crypto/kek-keyset';
import { toKeywardError } from '../../../lambdas/core/errors/errors';
import type { KeysetRecord } from '../../../lambdas/core/keysets/keyset-record';

const straight = { through: <P extends object>(port: P): P => port };

/** The error codes that a process may end with that was overtaken. */
const OVERTAKEN = ['conflict', 'keys_unavailable'];

/**
 * Lets a process run up to one of its outside calls, others run meanwhile, and then lets it go on to its end.
 *
 * @returns the number of its outside calls
 */
async function overtaken(
  world: KekMoveWorld,
  at: number,
  late: (world: KekMoveWorld) => Promise<unknown>,
  meanwhile: () => Promise<unknown>,
): Promise<number> {
  const calls = new HeldCalls(at);
  world.calls = calls;
  const ended = late(world).then(
    () => 'done',
    (thrown: unknown) => toKeywardError(thrown).code,
  );
  world.calls = straight;
  await Promise.race([calls.held, ended]);
  await meanwhile();
  calls.release();
  const code = await ended;
  if (code !== 'done') expect(OVERTAKEN).toContain(code);
  return calls.count;
}

/** Afterwards every DEK opens, the home in force rotates, every DEK opens again, and a move back works. */
async function expectSound(world: KekMoveWorld, deks: ReadonlyMap<string, string>): Promise<void> {
  world.replicate();
  expect(await world.openAll()).toEqual(deks);
  await world.rotator().driver.start();
  world.replicate();
  expect(await world.openAll()).toEqual(deks);
  const back = world.inForce;
  await setBackLateVersion(world, back === 'vault' ? 'aws' : 'vault');
  [world.from, world.to] = back === 'vault' ? ['vault', 'aws'] : ['aws', 'vault'];
  await world.moveUntilSwitched();
  expect((await world.operator().finish()).move?.state).toBe('finished');
  expect(await world.openAll()).toEqual(deks);
  await world.rotator().driver.start();
  world.replicate();
  expect(await world.openAll()).toEqual(deks);
}

/**
 * A rotation that was stopped for longer than any step runs, and whose version then became current in a home that is none any
 * more: no keyset is under its KEK. A move back is refused, until an operator makes the version before it current again.
 */
async function setBackLateVersion(world: KekMoveWorld, left: KekHome): Promise<void> {
  const state = world.states[left].get('secret');
  const inForce = await world.kekIds(world.inForce);
  if (state?.previous === undefined || (await world.kekIds(left)).every((id) => inForce.includes(id))) return;
  const primaries = [...world.keysets[0]!.records.values()].map((record) => (record as KeysetRecord).kek_id);
  for (const id of primaries) expect(inForce).toContain(id);
  await expect(world.home(left).moveCurrent(state.current!, state.previous)).resolves.toBe('moved');
}

const rotateInForce = async (world: KekMoveWorld): Promise<void> => {
  await world.rotator().driver.start();
  world.replicate();
};

/** What the rest of the world does while a process is held. */
const MEANWHILE: Readonly<Record<string, (world: KekMoveWorld) => Promise<void>>> = {
  'the move ends and the new home rotates': async (world) => {
    await world.moveUntilSwitched();
    await world.operator().finish();
    await rotateInForce(world);
  },
  'the move is aborted and the old home rotates': async (world) => {
    await world.moveUntilSwitched();
    await world.operator().abort();
    await rotateInForce(world);
  },
  'the move is aborted, begun again and ends': async (world) => {
    await world.operator().begin();
    await world.mover()();
    await world.operator().abort();
    await rotateInForce(world);
    await world.moveUntilSwitched();
    await world.operator().finish();
    await rotateInForce(world);
  },
  'the move goes on up to the switch': (world) => world.moveUntilSwitched(),
};

const LATE: Readonly<Record<string, (world: KekMoveWorld) => Promise<unknown>>> = {
  'a mover': (world) => world.mover()(),
  'a mover whose time to switch has come': (world) => {
    world.clock.time += SETTLE_MS;
    return world.mover()();
  },
  'a rotation of the old home': (world) => world.rotator('aws').driver.start(),
  'a rewrap': (world) => {
    const { current = '', values } = world.states.aws.get('secret')!;
    const { primary } = parseKekSecretRecord(values[current]!);
    return world.rotator('aws').rewrapDeks({ secret_version_id: current, kek_id: primary });
  },
  'a second command': (world) => world.operator().begin(),
};
const NEVER = -1;

/** The newest KEK is current, and nothing is under it. */
async function rotateWithoutRewrap(world: KekMoveWorld): Promise<void> {
  world.keysets[0]!.table.writesDown = true;
  await expect(world.rotator('aws').driver.start()).rejects.toMatchObject({ code: 'outcome_unknown' });
  world.keysets[0]!.table.writesDown = false;
}

/** These ran before the row stood. */
const BEFORE_THE_MOVE = ['a rotation of the old home', 'a rewrap', 'a second command'];

describe.each(Object.keys(LATE))('%s, held at each of its outside calls', (who) => {
  test.each(Object.keys(MEANWHILE))('while %s', async (what) => {
    const run = async (at: number): Promise<number> => {
      const world = await new KekMoveWorld().start();
      if (who === 'a rewrap') await rotateWithoutRewrap(world);
      const deks = await world.openAll();
      if (!BEFORE_THE_MOVE.includes(who)) await world.operator().begin();
      const made = await overtaken(world, at, LATE[who]!, () => MEANWHILE[what]!(world));
      if (world.move?.state === 'switched') await world.operator().finish();
      // A command that comes late begins a move anew, rightly.
      if (world.move?.state === 'copying') await world.operator().abort();
      await expectSound(world, deks);
      return made;
    };
    const total = await run(NEVER);
    expect(total).toBeGreaterThan(2);
    for (const at of byTurns([...Array(total).keys()], total / 2)) await run(at);
  });
});

test('two movers: pairs of calls at which the one and the other are held', async () => {
  const pairs = Array.from({ length: 30 }, (_, one) =>
    Array.from({ length: 30 }, (__, other) => [one, other] as const),
  );
  for (const [one, other] of byTurns(pairs.flat(), 100)) {
    const world = await new KekMoveWorld().start();
    const deks = await world.openAll();
    await world.operator().begin();
    await overtaken(
      world,
      one,
      (each) => each.mover()(),
      async () => {
        world.clock.time += SETTLE_MS;
        await overtaken(
          world,
          other,
          (each) => each.mover()(),
          () => world.mover()(),
        );
      },
    );
    expect((await world.mover()()).move?.state).toBe('switched');
    await world.operator().finish();
    await expectSound(world, deks);
  }
});
