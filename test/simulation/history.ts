import type { Finding } from './findings';
import { RandomFates, type FaultRates } from './fates';
import { Operators } from './operators';
import type { PlantedDefect } from './planted-defect';
import { HOME, REGIONS } from './regions';
import { comeToRest } from './rest';
import { SeededRandom } from './seeded-random';
import { Users } from './users';
import { World } from './world';

/** How bad a history may get. */
type Weather = 'calm' | 'rough' | 'storm';

const RATES: Readonly<Record<Weather, FaultRates>> = {
  calm: { fails: 0, lost: 0, twice: 0, crash: 0, slow: 0 },
  rough: { fails: 0.01, lost: 0.01, twice: 0.01, crash: 0.004, slow: 0.01 },
  storm: { fails: 0.06, lost: 0.05, twice: 0.05, crash: 0.02, slow: 0.04 },
};

const PROVIDERS = ['openai', 'google'];
const NAMES = ['a', 'b', 'c', 'd', 'e'];
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** How wrong clocks get, history by history. */
const CLOCK_ERRORS_MS = [20 * SECOND_MS, 20 * SECOND_MS, 10 * MINUTE_MS];

/** What is left of a history. */
export interface HistoryResult {
  readonly seed: number;
  readonly findings: readonly Finding[];
  readonly steps: number;
  /** How often each kind of change was made. */
  readonly made: ReadonlyMap<string, number>;
  /** Of everything that users were answered and everything that was stored: two runs of one seed have the same. */
  readonly digest: () => string;
  readonly trace: () => readonly string[];
}

/** One history from its seed: random users and operators in all regions, while things go wrong; then rest. */
export async function runHistory(seed: number, defect?: PlantedDefect): Promise<HistoryResult> {
  const random = new SeededRandom(seed, 100);
  const weather = random.pick<Weather>(['calm', 'rough', 'rough', 'storm']);
  const fates: RandomFates[] = [];
  const world = new World({
    seed,
    providers: PROVIDERS.slice(0, random.between(1, 2)),
    shardCount: random.between(1, 3),
    fates: (stream) => {
      fates.push(new RandomFates(stream, RATES[weather]));
      return fates[0]!;
    },
    lag: (stream) => () => (stream.chance(0.03) ? stream.between(5_000, 60_000) : stream.between(200, 2_000)),
    queue: { maxReceives: 5, duplicateChance: 0.1, maxDelayMs: 5_000 },
    maxClockErrorMs: weather === 'calm' ? 0 : random.pick(CLOCK_ERRORS_MS),
    ...(defect && { defect }),
  });
  const history = new History(world, random, weather, (active) => {
    fates[0]!.active = active;
  });
  await history.run();
  return {
    seed,
    findings: world.findings.all,
    steps: world.scheduler.steps,
    made: world.checks.audit.made,
    digest: () => world.digest,
    trace: () => [
      `${weather}, ${world.options.providers.length} providers, ${world.options.shardCount} shards`,
      ...world.trace.lines(120),
    ],
  };
}

class History {
  private readonly users: Users;
  private readonly operators: Operators;
  private readonly underway = new Set<Promise<unknown>>();

  constructor(
    private readonly world: World,
    private readonly random: SeededRandom,
    private readonly weather: Weather,
    private readonly setFaults: (active: boolean) => void,
  ) {
    this.users = new Users(world);
    this.operators = new Operators(world);
  }

  async run(): Promise<void> {
    const { world, random, users } = this;
    this.setFaults(false);
    await world.deploy();
    for (const region of REGIONS)
      if (region !== HOME) world.kekSecret.service.replication.setLag(region, random.between(200, 4_000));
    await world.pass(5 * SECOND_MS);
    if (this.weather === 'calm') users.quietSince = world.scheduler.now;
    const episodes = random.between(1, 3);
    for (let episode = 0; episode < episodes && !world.findings.hasAny(); episode += 1) {
      this.setFaults(true);
      await this.burst();
      if (episode + 1 < episodes) await this.leap();
    }
    if (random.chance(0.3) && !world.findings.hasAny()) await this.forget();
    this.setFaults(false);
    this.calmDown();
    await this.settle();
    await comeToRest(world, users);
  }

  /** Some minutes in which users and operators are busy. */
  private async burst(): Promise<void> {
    const { world, random } = this;
    const actors = random.between(1, 4);
    const end = world.scheduler.now + random.between(15, 150) * SECOND_MS;
    const pauseMs = random.pick([3_000, 10_000, 30_000]);
    for (let actor = 0; actor < actors; actor += 1) this.start(this.actor(end, pauseMs));
    this.start(this.operator(end));
    if (this.weather !== 'calm') this.start(this.nature(end));
    await world.scheduler.runUntil(end, () => world.findings.hasAny());
  }

  /** A pause, with a sweep now and then. */
  private async leap(): Promise<void> {
    const { world, random } = this;
    this.calmDown();
    const [sweeps, everyMs] = random.pick([
      [0, MINUTE_MS],
      [1, 10 * MINUTE_MS],
      [2, HOUR_MS],
      [2, 4 * DAY_MS],
      [3, 13 * DAY_MS],
      [4, 23 * DAY_MS],
      [2, 45 * DAY_MS],
    ] as const);
    for (let sweep = 0; sweep < sweeps; sweep += 1) {
      this.sweep();
      if (random.chance(0.2)) this.sweep();
      await world.pass(everyMs);
    }
    await world.pass(MINUTE_MS);
  }

  /** Old versions are given up: long after their grace period, and destroyed when nothing may need them any more. */
  private async forget(): Promise<void> {
    const { world, operators, random } = this;
    this.calmDown();
    await world.pass(8 * DAY_MS);
    for (const pauseMs of [HOUR_MS, HOUR_MS]) {
      this.sweep();
      await world.pass(pauseMs);
    }
    for (const provider of world.options.providers) {
      const version = this.oldVersion(provider);
      this.start(
        operators.ask(0, 'destroy', ({ scheduleDestruction }, caller) =>
          scheduleDestruction(caller, { provider, version, windowDays: random.between(7, 30) }),
        ),
      );
    }
    await world.pass(HOUR_MS);
    this.start(this.actor(world.scheduler.now + MINUTE_MS, 10 * SECOND_MS));
    await world.pass(random.between(30, 45) * DAY_MS);
    this.sweep();
    this.sweep();
    await world.pass(HOUR_MS);
  }

  /** One user after the other at the same desk. */
  private async actor(end: number, pauseMs: number): Promise<void> {
    const { world, random } = this;
    while (world.scheduler.now < end && !world.findings.hasAny()) {
      await this.userAct();
      await world.scheduler.sleep(random.between(0, pauseMs));
    }
  }

  private async userAct(): Promise<unknown> {
    const { users, random, world } = this;
    const region = random.pick(REGIONS);
    const provider = random.pick(world.options.providers);
    const name = random.pick(NAMES);
    const tokens = world.checks.tokens.all;
    switch (random.between(0, 9)) {
      case 0:
      case 1:
        return users.put(region, provider, name);
      case 2:
        return random.chance(0.3) ? users.delete(region, provider, name) : this.update(region, provider, name);
      case 3:
      case 4:
        return users.reveal(region, provider, name, true);
      case 5:
        return users.reveal(region, provider, name, false);
      case 6:
        return users.encrypt(region, provider);
      case 7:
        return tokens.length === 0 ? users.encrypt(region, provider) : users.rewrap(region, random.pick(tokens));
      default:
        return tokens.length === 0 ? users.encrypt(region, provider) : users.decrypt(region, random.pick(tokens));
    }
  }

  /** A user who changes only what is still as it was. */
  private async update(region: string, provider: string, name: string): Promise<unknown> {
    const first = await this.users.put(region, provider, name);
    if (first.kind !== 'answer') return first;
    return this.users.put(this.random.pick(REGIONS), provider, name, { revision: first.value });
  }

  /** Those who look after keys. */
  private async operator(end: number): Promise<void> {
    const { world, random } = this;
    while (world.scheduler.now < end && !world.findings.hasAny()) {
      await this.operatorAct();
      await world.scheduler.sleep(random.between(1_000, 60_000));
    }
  }

  private async operatorAct(): Promise<unknown> {
    const { world, random, operators } = this;
    const provider = random.pick(world.options.providers);
    const index = random.between(0, 1);
    switch (random.between(1, 12)) {
      case 1:
      case 2:
      case 3:
        return operators.rotate(index, provider, false);
      case 4:
        return operators.rotate(index, provider, true);
      case 5:
        return operators.ask(index, 'abort', async ({ listRotations, abortRotation }, caller) => {
          const { rotations } = await listRotations({ provider, limit: 1 });
          if (rotations[0] === undefined) return;
          await abortRotation(caller, { provider, rotation_id: rotations[0].rotation_id });
        });
      case 6:
        return operators.ask(index, 'policy', ({ changePolicy }, caller) =>
          changePolicy(caller, {
            provider,
            enabled: random.chance(0.8),
            interval_days: random.pick([30, 60, 90]),
            grace_period_days: random.pick([0, 1, 7]),
          }),
        );
      case 7:
        return operators.ask(index, 'destroy', ({ scheduleDestruction }, caller) =>
          scheduleDestruction(caller, {
            provider,
            version: this.oldVersion(provider),
            windowDays: random.between(7, 30),
          }),
        );
      case 8:
        return operators.ask(index, 'keep', ({ cancelDestruction }, caller) =>
          cancelDestruction(caller, { provider, version: this.oldVersion(provider) }),
        );
      case 9:
        return operators.ask(index, 'census', ({ census }, caller) => census(caller, { provider }));
      case 10:
        return world.kekSecret.announce();
      case 11:
        this.sweep();
        return undefined;
      default:
        return operators.rotate(index, provider, false);
    }
  }

  /** A retired one where there is one. */
  private oldVersion(provider: string): number {
    const { world, random } = this;
    const versions = Object.entries(world.tables.keysets.get(HOME, provider)?.versions ?? {});
    const retired = versions.filter(([, { state }]) => state === 'rewrap_only');
    return Number(random.pick(retired.length > 0 ? retired : versions)[0]);
  }

  /** What goes wrong beyond single calls. */
  private async nature(end: number): Promise<void> {
    const { world, random } = this;
    const { maxClockErrorMs } = world.options;
    const isStorm = this.weather === 'storm';
    while (world.scheduler.now < end && !world.findings.hasAny()) {
      await world.scheduler.sleep(random.between(2_000, isStorm ? 20_000 : 60_000));
      if (world.scheduler.now >= end) return;
      switch (random.between(0, 4)) {
        case 0:
          world.network.partition(random.pick(REGIONS), random.pick(REGIONS));
          world.trace.note('regions are cut off');
          break;
        case 1:
          world.network.healAll();
          break;
        case 2:
          random.pick(world.processes).clockErrorMs = random.between(-maxClockErrorMs, maxClockErrorMs);
          break;
        case 3:
          random.pick(world.processes).crash();
          break;
        default:
          for (const region of REGIONS) world.kekSecret.service.replication.release(region);
      }
    }
  }

  private sweep(): void {
    const { world } = this;
    this.start(
      world.functions.sweep
        .run((parts) => parts.sweep())
        .then((result) => {
          world.functions.note('sweep', result);
        }),
    );
  }

  private calmDown(): void {
    const { world } = this;
    world.network.healAll();
    for (const process of world.processes) process.clockErrorMs = 0;
  }

  private start(work: Promise<unknown>): void {
    this.underway.add(work);
    void work.finally(() => this.underway.delete(work));
  }

  /** Everybody gets an answer, or gives up. */
  private async settle(): Promise<void> {
    const { world } = this;
    await world.scheduler.runUntil(
      world.scheduler.now + HOUR_MS,
      () => this.underway.size === 0 || world.findings.hasAny(),
    );
    world.findings.demand(this.underway.size === 0, 'everybody is answered', `${this.underway.size} are not`);
  }
}
