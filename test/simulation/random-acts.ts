import type { Operators } from './operators';
import { HOME, REGIONS } from './regions';
import type { SeededRandom } from './seeded-random';
import type { Users } from './users';
import type { World } from './world';

const NAMES = ['a', 'b', 'c', 'd', 'e'];

/** What users and operators do, one thing at a time, as it comes. */
export class RandomActs {
  constructor(
    private readonly world: World,
    private readonly random: SeededRandom,
    private readonly users: Users,
    private readonly operators: Operators,
    private readonly sweep: () => void,
  ) {}

  async userAct(): Promise<unknown> {
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
    return this.users.put(this.random.pick(REGIONS), provider, name, { one_of: [first.value] });
  }

  async operatorAct(): Promise<unknown> {
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
  oldVersion(provider: string): number {
    const { world, random } = this;
    const versions = Object.entries(world.tables.keysets.get(HOME, provider)?.versions ?? {});
    const retired = versions.filter(([, { state }]) => state === 'rewrap_only');
    return Number(random.pick(retired.length > 0 ? retired : versions)[0]);
  }
}
