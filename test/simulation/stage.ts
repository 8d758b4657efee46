import type { OutsideCall } from './fault-injector';
import type { CredentialUsers } from './credential-users';
import type { Intrusion } from './intrusion';
import type { Operators } from './operators';
import type { Users } from './users';
import type { World } from './world';

/** What a scenario has to work with. */
export interface Stage {
  readonly world: World;
  readonly users: Users;
  readonly credentials: CredentialUsers;
  readonly operators: Operators;
}

/** Something that the system does, to be interrupted at each of its outside calls. */
export interface Scenario {
  readonly name: string;
  readonly providers: readonly string[];
  /** Left out: the default. */
  readonly previousValueDays?: number;
  /** Nothing is deployed yet but an empty secret. */
  readonly isNew?: boolean;
  /** Pairs of interruptions are tried, too. */
  readonly isPaired?: boolean;
  /** What comes before it, undisturbed. */
  readonly prepare: (stage: Stage) => Promise<void>;
  readonly workload: (stage: Stage) => Promise<void>;
  /** What comes after it, undisturbed. */
  readonly after?: (stage: Stage) => Promise<void>;
  /** What others do in between, where anybody does. */
  readonly intrude?: Readonly<Record<Intrusion, (stage: Stage) => Promise<unknown>>>;
  /** Whose calls are interrupted. */
  readonly counts: (call: OutsideCall) => boolean;
}
