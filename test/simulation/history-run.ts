import { CredentialUsers } from './credential-users';
import { Operators } from './operators';
import { RandomWorkload } from './random-workload';
import { HOME, REGIONS } from './regions';
import { quiesce } from './quiesce';
import type { SeededRandom } from './seeded-random';
import { Users } from './users';
import type { FaultProfile } from './fault-profile';
import type { World } from './world';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The course of a history: bursts of work with pauses between them, and quiescence at the end. */
export class HistoryRun {
  private readonly users: Users;
  private readonly credentials: CredentialUsers;
  private readonly operators: Operators;
  private readonly workload: RandomWorkload;
  private readonly underway = new Set<Promise<unknown>>();

  constructor(
    private readonly world: World,
    private readonly random: SeededRandom,
    private readonly faultProfile: FaultProfile,
    /** Decides about removed providers, separately, so that the rest of a seed's history does not depend on it. */
    private readonly absences: SeededRandom,
    private readonly setFaults: (active: boolean) => void,
  ) {
    this.users = new Users(world);
    this.credentials = new CredentialUsers(world, this.users);
    this.operators = new Operators(world);
    this.workload = new RandomWorkload(
      { world, random, users: this.users, credentials: this.credentials, operators: this.operators },
      () => {
        this.sweep();
      },
    );
  }

  async run(): Promise<void> {
    const { world, random, users, credentials } = this;
    this.setFaults(false);
    await world.deploy();
    for (const region of REGIONS)
      if (region !== HOME) world.kekSecret.service.replication.setLag(region, random.between(200, 4_000));
    await world.pass(5 * SECOND_MS);
    if (this.faultProfile === 'none') users.quietSince = world.scheduler.now;
    const episodes = random.between(1, 3);
    for (let episode = 0; episode < episodes && !world.violations.hasAny(); episode += 1) {
      this.setFaults(true);
      await this.burst();
      if (episode + 1 < episodes) await this.leap();
    }
    if (this.absences.chance(0.2) && !world.violations.hasAny()) await this.leaveAndReturn();
    if (random.chance(0.3) && !world.violations.hasAny()) await this.destroyOldVersions();
    this.setFaults(false);
    this.calmDown();
    await this.settle();
    await quiesce(world, users, credentials);
  }

  /** Some minutes with active users and operators. */
  private async burst(): Promise<void> {
    const { world, random } = this;
    const actors = random.between(1, 4);
    const end = world.scheduler.now + random.between(15, 150) * SECOND_MS;
    const pauseMs = random.pick([3_000, 10_000, 30_000]);
    for (let actor = 0; actor < actors; actor += 1) this.start(this.actor(end, pauseMs));
    this.start(this.operator(end));
    if (this.faultProfile !== 'none') this.start(this.nemesis(end));
    await world.scheduler.runUntil(end, () => world.violations.hasAny());
  }

  /** A pause, with a few sweeps. */
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

  /** Removes a provider from the configuration, perhaps during its rotation, while KEKs rotate; then adds it again. */
  private async leaveAndReturn(): Promise<void> {
    const { world, operators, absences } = this;
    const { providers } = world.options;
    const gone = absences.pick(providers);
    this.calmDown();
    if (absences.chance(0.5)) this.start(operators.rotate(0, gone, absences.chance(0.2)));
    await world.pass(absences.between(0, 3) * MINUTE_MS);
    await world.configure(providers.filter((provider) => provider !== gone));
    const rotations = absences.between(1, 5);
    for (let rotation = 0; rotation < rotations && !world.violations.hasAny(); rotation += 1) {
      await world.pass(absences.between(5, 45) * DAY_MS);
      await world.kekSecret.startRotation();
      await world.pass(20 * MINUTE_MS);
      this.sweep();
      await world.pass(HOUR_MS);
    }
    await world.configure(providers);
    await world.pass(MINUTE_MS);
  }

  /** Retires old versions long after their grace period, and destroys them when nothing may need them any more. */
  private async destroyOldVersions(): Promise<void> {
    const { world, operators, random } = this;
    this.calmDown();
    await world.pass(8 * DAY_MS);
    for (const pauseMs of [HOUR_MS, HOUR_MS]) {
      this.sweep();
      await world.pass(pauseMs);
    }
    for (const provider of world.options.providers) {
      const version = this.workload.oldVersion(provider);
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

  /** A sequence of users in one region. */
  private async actor(end: number, pauseMs: number): Promise<void> {
    const { world, random } = this;
    while (world.scheduler.now < end && !world.violations.hasAny()) {
      await this.workload.callOfUser();
      await world.scheduler.sleep(random.between(0, pauseMs));
    }
  }

  /** Operators of the keys. */
  private async operator(end: number): Promise<void> {
    const { world, random } = this;
    while (world.scheduler.now < end && !world.violations.hasAny()) {
      await this.workload.callOfOperator();
      await world.scheduler.sleep(random.between(1_000, 60_000));
    }
  }

  /** Faults of the network, of replication and of clocks, beside those of single calls (Jepsen's nemesis). */
  private async nemesis(end: number): Promise<void> {
    const { world, random } = this;
    const { maxClockErrorMs } = world.options;
    const hasManyFaults = this.faultProfile === 'many';
    while (world.scheduler.now < end && !world.violations.hasAny()) {
      await world.scheduler.sleep(random.between(2_000, hasManyFaults ? 20_000 : 60_000));
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

  /** Every caller gets an answer, or gives up. */
  private async settle(): Promise<void> {
    const { world } = this;
    await world.scheduler.runUntil(
      world.scheduler.now + HOUR_MS,
      () => this.underway.size === 0 || world.violations.hasAny(),
    );
    world.violations.demand(this.underway.size === 0, 'everybody is answered', `${this.underway.size} are not`);
  }
}
