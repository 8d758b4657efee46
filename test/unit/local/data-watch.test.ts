import { DataWatch } from '../../../local/storage/data-watch';
import type { Finding } from '../../../local/storage/finding';
import { TestClock } from '../../doubles/memory-ports';
import { RecordingLogger } from '../../doubles/recording-logger';

const SEALING: Finding = { message: 'a key is gone', stops: 'sealing' };
const STORING: Finding = { message: 'the database is gone', stops: 'storing' };
const STOPPED = { code: 'keys_unavailable', reason: 'sealing_stopped' };

function setUp() {
  const clock = new TestClock();
  const logger = new RecordingLogger();
  const world = { clock, logger, looks: 0, isInPlace: true, found: (): readonly Finding[] => [] };
  const watch = new DataWatch({
    inspect: async () => {
      world.looks += 1;
      return world.found();
    },
    isInPlace: () => world.isInPlace,
    clock,
    logger,
  });
  return Object.assign(world, { watch, lines: () => logger.lines.map(({ level, message }) => `${level} ${message}`) });
}

test('whoever seals gets a look that is not old, by the wall clock', async () => {
  const world = setUp();
  await world.watch.assertMaySeal();
  expect(world.looks).toBe(1);
  world.clock.time += 30_000;
  await world.watch.assertMaySeal();
  expect(world.looks).toBe(1);
  // As after a sleep of the machine, during which no timer ran.
  world.clock.time += 3_600_000;
  world.found = () => [SEALING];
  await expect(world.watch.assertMaySeal()).rejects.toMatchObject(STOPPED);
  world.clock.time -= 7_200_000;
  world.found = () => [];
  await world.watch.assertMaySeal();
  expect(world.looks).toBe(3);
});

test('what is wrong with keys stops sealing alone; what is wrong with the database stops all', async () => {
  const world = setUp();
  world.found = () => [SEALING];
  await world.watch.look();
  await expect(world.watch.assertMaySeal()).rejects.toMatchObject(STOPPED);
  world.watch.assertStored();
  world.found = () => [STORING];
  await world.watch.look();
  await expect(world.watch.assertMaySeal()).rejects.toMatchObject(STOPPED);
  expect(() => {
    world.watch.assertStored();
  }).toThrow(/database is not where it was opened/);
  world.found = () => [];
  await world.watch.look();
  await world.watch.assertMaySeal();
  world.watch.assertStored();
});

test('a write asks anew whether the database is in place, whatever the last look has found', async () => {
  const world = setUp();
  await world.watch.look();
  world.isInPlace = false;
  expect(() => {
    world.watch.assertStored();
  }).toThrow(/database is not where it was opened/);
});

test('a finding is logged at once, each minute while it lasts, and when it is over', async () => {
  const world = setUp();
  world.found = () => [SEALING, SEALING];
  for (let second = 0; second <= 120; second += 5) {
    await world.watch.look();
    world.clock.time += 5_000;
  }
  expect(world.lines()).toEqual(Array.from({ length: 3 }, () => 'error a key is gone'));
  world.found = () => [STORING];
  await world.watch.look();
  world.found = () => [];
  await world.watch.look();
  await world.watch.look();
  expect(world.lines().slice(3)).toEqual([
    'error the database is gone',
    'info the data directory is in order again: it seals and stores as before',
  ]);
  world.found = () => [SEALING];
  await world.watch.look();
  expect(world.lines().at(-1)).toBe('error a key is gone');
});

test('a look that fails stops sealing, until one does not', async () => {
  const world = setUp();
  world.found = () => {
    throw new Error('unexpected');
  };
  await expect(world.watch.assertMaySeal()).rejects.toMatchObject(STOPPED);
  world.found = () => [];
  await world.watch.look();
  await world.watch.assertMaySeal();
});

describe('by itself', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'performance'] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };

  test('it looks four times a minute, more often while something is wrong, and no more once it is closed', async () => {
    const world = setUp();
    await world.watch.start();
    expect(world.looks).toBe(1);
    world.found = () => [SEALING];
    jest.advanceTimersByTime(15_000);
    await turns();
    expect(world.looks).toBe(2);
    jest.advanceTimersByTime(5_000);
    await turns();
    expect(world.looks).toBe(3);
    await world.watch.close();
    jest.advanceTimersByTime(600_000);
    await turns();
    expect(world.looks).toBe(3);
  });
});
