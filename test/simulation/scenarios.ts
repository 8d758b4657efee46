import type { OutsideCall } from './fault-injector';
import { HOME } from './regions';
import type { Scenario, Stage } from './stage';
import { UNDO_SCENARIOS } from './undo-scenarios';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const by =
  (...names: readonly string[]) =>
  ({ process }: OutsideCall): boolean =>
    names.some((name) => process.startsWith(name));

/** After a long pause the sweep searches open intents day by day: these calls are alike. */
const butIntents =
  (counts: Scenario['counts']): Scenario['counts'] =>
  (call) =>
    counts(call) && !call.what.includes('intents');

const sweep = async ({ world }: Stage): Promise<void> => {
  await world.complete(
    world.functions.sweep.run((parts) => parts.sweep()),
    HOUR_MS,
  );
};

async function store({ world, users, credentials }: Stage, provider: string, names: readonly string[]): Promise<void> {
  await world.complete(Promise.all(names.map((name) => credentials.put(HOME, provider, name))), MINUTE_MS);
  await world.complete(users.encrypt(HOME, provider), MINUTE_MS);
  await world.complete(users.encrypt('eu-west-1', provider), MINUTE_MS);
}

async function rotateDek({ world, operators }: Stage, provider: string, emergency = false): Promise<void> {
  await world.complete(operators.rotate(0, provider, emergency), 10 * MINUTE_MS);
  await world.pass(10 * MINUTE_MS);
}

async function rotateAndAbort({ world, operators }: Stage, provider: string): Promise<void> {
  const id = await world.complete(operators.rotate(0, provider, false), 10 * MINUTE_MS);
  await world.complete(
    operators.ask(0, 'abort', ({ abortRotation }, caller) =>
      abortRotation(caller, { provider, rotation_id: id ?? '' }),
    ),
    10 * MINUTE_MS,
  );
  await world.pass(10 * MINUTE_MS);
}

async function rotateKek({ world }: Stage): Promise<void> {
  await world.kekSecret.startRotation();
  await world.pass(20 * MINUTE_MS);
}

/** A provider that was removed from the configuration during its rotation, and for three more months of KEK rotations. */
async function absent(stage: Stage): Promise<void> {
  const { world, operators } = stage;
  await store(stage, 'openai', ['a']);
  await store(stage, 'google', ['a', 'b', 'c']);
  await world.complete(operators.rotate(0, 'google', false), MINUTE_MS);
  await world.configure(['openai']);
  for (let month = 0; month < 3; month += 1) {
    await world.pass(30 * DAY_MS);
    await rotateKek(stage);
    await sweep(stage);
  }
  await world.pass(30 * DAY_MS);
}

/** A finished rotation whose grace period is over. */
async function outlived(stage: Stage): Promise<void> {
  await store(stage, 'openai', ['a', 'b', 'c']);
  await rotateDek(stage, 'openai');
  await stage.world.pass(7 * DAY_MS);
}

/** Enough credentials that one is changed at each moment of its move. */
const MOVED = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'];

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'first KEK and keysets',
    isNew: true,
    providers: ['openai', 'google'],
    prepare: () => Promise.resolve(),
    workload: async ({ world }) => {
      for (let attempt = 0; attempt < 4; attempt += 1) {
        const result = await world.complete(
          world.functions.bootstrap.run((bootstrap) => bootstrap()),
          HOUR_MS,
        );
        if (result?.kind === 'answered') break;
      }
    },
    counts: by('bootstrap', 'rotate-kek'),
  },
  {
    name: 'KEK rotation',
    isPaired: true,
    providers: ['openai', 'google'],
    prepare: async (stage) => {
      await store(stage, 'openai', ['a']);
      await rotateKek(stage);
    },
    workload: rotateKek,
    counts: by('rotate-kek', 'rewrap-deks'),
  },
  {
    name: 'rewrap by the sweep',
    providers: ['openai', 'google'],
    prepare: async (stage) => {
      await store(stage, 'openai', ['a']);
      // The message of the rotation is lost.
      const { consume } = stage.world.rewrapQueue;
      stage.world.rewrapQueue.consume = () => Promise.resolve(true);
      await stage.world.kekSecret.startRotation();
      await stage.world.pass(5 * MINUTE_MS);
      stage.world.rewrapQueue.consume = consume;
    },
    workload: sweep,
    counts: by('sweep'),
  },
  {
    name: 'KEK rotation while a provider is taken off',
    providers: ['openai', 'google'],
    prepare: absent,
    workload: async (stage) => {
      await rotateKek(stage);
      await sweep(stage);
      await stage.world.configure(['openai', 'google']);
    },
    counts: by('rotate-kek', 'rewrap-deks'),
  },
  {
    name: 'DEK rotation',
    isPaired: true,
    providers: ['openai'],
    prepare: async (stage) => {
      await store(stage, 'openai', ['a', 'b']);
      await rotateAndAbort(stage, 'openai');
    },
    workload: (stage) => rotateDek(stage, 'openai'),
    counts: by('rotations', 'worker', 'prover'),
  },
  {
    name: 're-encryption',
    providers: ['openai'],
    prepare: async (stage) => {
      await store(stage, 'openai', MOVED);
      await stage.world.complete(stage.operators.rotate(0, 'openai', false), MINUTE_MS);
    },
    workload: async ({ world, credentials }) => {
      const isPromoted = (): boolean => world.tables.keysets.get(HOME, 'openai')?.primary_version === 2;
      await world.scheduler.runUntil(world.scheduler.now + 10 * MINUTE_MS, isPromoted);
      // Users change credentials while they are moved, at every moment of the move.
      for (const name of MOVED) {
        void credentials.put(HOME, 'openai', name);
        await world.pass(12);
      }
      await world.pass(10 * MINUTE_MS);
    },
    counts: ({ process, what }) => process.startsWith('worker') && !what.startsWith('prove'),
  },
  {
    name: 'emergency',
    providers: ['openai'],
    prepare: (stage) => store(stage, 'openai', ['a']),
    workload: (stage) => rotateDek(stage, 'openai', true),
    counts: by('rotations', 'worker'),
  },
  {
    name: 'abort',
    providers: ['openai'],
    prepare: (stage) => store(stage, 'openai', ['a']),
    workload: (stage) => rotateAndAbort(stage, 'openai'),
    counts: by('rotations', 'worker'),
  },
  {
    name: 'scheduled rotation',
    providers: ['openai'],
    prepare: async (stage) => {
      await store(stage, 'openai', ['a']);
      await stage.world.pass(90 * DAY_MS);
    },
    workload: async (stage) => {
      await sweep(stage);
      await stage.world.pass(10 * MINUTE_MS);
    },
    counts: butIntents(by('sweep')),
  },
  {
    name: 'retirement',
    providers: ['openai'],
    prepare: outlived,
    workload: sweep,
    counts: butIntents(by('sweep')),
  },
  {
    name: 'retirement during re-encryption',
    providers: ['openai'],
    prepare: async (stage) => {
      const { world, operators } = stage;
      await store(stage, 'openai', ['a', 'b', 'c']);
      const policy = { provider: 'openai', enabled: true, interval_days: 90, grace_period_days: 0 };
      await world.complete(
        operators.ask(0, 'policy', ({ changePolicy }, caller) => changePolicy(caller, policy)),
        MINUTE_MS,
      );
      await world.complete(operators.rotate(0, 'openai', false), MINUTE_MS);
      world.dekRotationQueue.isHeld = true;
      await world.pass(2 * MINUTE_MS);
    },
    workload: async (stage) => {
      // The first promotes, the second starts the grace period, which ends at once.
      for (let round = 0; round < 3; round += 1) {
        await sweep(stage);
        await stage.world.pass(MINUTE_MS);
      }
      stage.world.dekRotationQueue.isHeld = false;
      await stage.world.pass(10 * MINUTE_MS);
    },
    counts: by('sweep'),
  },
  {
    name: 'destruction',
    providers: ['openai'],
    prepare: async (stage) => {
      await outlived(stage);
      await sweep(stage);
    },
    workload: async (stage) => {
      const { world, operators } = stage;
      await world.complete(
        operators.ask(0, 'destroy', ({ scheduleDestruction }, caller) =>
          scheduleDestruction(caller, { provider: 'openai', version: 1, windowDays: 7 }),
        ),
        10 * MINUTE_MS,
      );
      await world.pass(DAY_MS);
      await sweep(stage);
      await world.pass(36 * DAY_MS);
      await sweep(stage);
    },
    counts: butIntents(by('rotations', 'sweep')),
  },
  ...UNDO_SCENARIOS,
];
