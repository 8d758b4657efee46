import { credentialKey } from '../doubles/stores/credential-store';
import type { CredentialUsers } from './credential-users';
import type { Operators } from './operators';
import { HOME, REGIONS } from './regions';
import type { SeededRandom } from './seeded-random';
import type { Users } from './users';
import type { World } from './world';

const NAMES = ['a', 'b', 'c', 'd', 'e'];

/** An actor, and its region. */
interface Actors {
  readonly world: World;
  readonly random: SeededRandom;
  readonly users: Users;
  readonly credentials: CredentialUsers;
  readonly operators: Operators;
}

/** Random actions of users and operators, one at a time. */
export class RandomWorkload {
  constructor(
    private readonly by: Actors,
    private readonly sweep: () => void,
  ) {}

  async callOfUser(): Promise<unknown> {
    const { users, credentials, random, world } = this.by;
    const region = random.pick(REGIONS);
    const provider = random.pick(world.options.providers);
    const name = random.pick(NAMES);
    const tokens = world.checkers.tokens.all;
    switch (random.between(0, 13)) {
      case 0:
      case 1:
        return credentials.put(region, provider, name);
      case 2:
        return random.chance(0.5)
          ? credentials.delete(region, provider, name, { purge: random.chance(0.2) })
          : this.update(region, provider, name);
      case 3:
      case 4:
        return credentials.reveal(region, provider, name, true);
      case 5:
        return credentials.reveal(region, provider, name, false);
      case 6:
        return users.encrypt(region, provider);
      case 7:
        return tokens.length === 0 ? users.encrypt(region, provider) : users.rewrap(region, random.pick(tokens));
      case 8:
      case 9:
        return tokens.length === 0 ? users.encrypt(region, provider) : users.decrypt(region, random.pick(tokens));
      case 10:
      case 11:
        return this.undo(region, provider, name);
      case 12:
        return this.amend(region, provider, name);
      default:
        return random.chance(0.5)
          ? credentials.purge(region, provider, name)
          : credentials.listDeleted(region, provider);
    }
  }

  /** A user who changes a row only if it is unchanged. */
  private async update(region: string, provider: string, name: string): Promise<unknown> {
    const { credentials, random } = this.by;
    const first = await credentials.put(region, provider, name);
    if (first.kind !== 'answer') return first;
    return credentials.put(random.pick(REGIONS), provider, name, { precondition: { one_of: [first.value] } });
  }

  /** A user who reads the previous value and wants to restore it, perhaps after somebody else did. */
  private async undo(region: string, provider: string, name: string): Promise<unknown> {
    const { credentials, random } = this.by;
    const before = await credentials.previous(region, provider, name, random.chance(0.7));
    if (before.kind !== 'answer' || before.value === null) return before;
    const revision = random.chance(0.1) ? before.value - 1 : before.value;
    const restored = await credentials.restore(random.pick(REGIONS), provider, name, revision);
    if (restored.kind !== 'answer' || restored.value === undefined || random.chance(0.6)) return restored;
    return credentials.restore(region, provider, name, restored.value);
  }

  /** A user who changes the metadata of a key, or stores the same key again. */
  private async amend(region: string, provider: string, name: string): Promise<unknown> {
    const { world, credentials, random } = this.by;
    const there = world.checkers.credentials.now(credentialKey(provider, name))?.current;
    if (random.chance(0.5) && there) return credentials.put(region, provider, name, { again: there.value });
    const patch = random.pick([{ note: 'patched' }, { by: null }, { by: 'another', note: null }]);
    return credentials.patch(region, provider, name, patch);
  }

  async callOfOperator(): Promise<unknown> {
    const { world, random, operators } = this.by;
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
        return operators.ask(index, 'dry run', ({ dryRun }, caller) => dryRun(caller, { provider }));
      case 10:
        return world.kekSecret.startRotation();
      case 11:
        this.sweep();
        return undefined;
      default:
        return operators.rotate(index, provider, false);
    }
  }

  /** A retired version, if there is one. */
  oldVersion(provider: string): number {
    const { world, random } = this.by;
    const versions = Object.entries(world.tables.keysets.get(HOME, provider)?.versions ?? {});
    const retired = versions.filter(([, { state }]) => state === 'rewrap_only');
    return Number(random.pick(retired.length > 0 ? retired : versions)[0]);
  }
}
