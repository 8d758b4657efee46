import type { OutsideCall } from './fault-injector';
import type { CredentialUsers } from './credential-users';
import type { Intrusion } from './intrusion';
import type { Operators } from './operators';
import type { Users } from './users';
import type { World } from './world';

/** The parts of a world that a scenario uses. */
export interface Stage {
  readonly world: World;
  readonly users: Users;
  readonly credentials: CredentialUsers;
  readonly operators: Operators;
}

/** Work of the system, to be interrupted at each of its outside calls. */
export interface Scenario {
  readonly name: string;
  readonly providers: readonly string[];
  /** Default if left out. */
  readonly previousValueDays?: number;
  /** Only an empty secret is deployed. */
  readonly isNew?: boolean;
  /** Pairs of interruptions are run, too. */
  readonly isPaired?: boolean;
  /** Undisturbed work before it. */
  readonly prepare: (stage: Stage) => Promise<void>;
  readonly workload: (stage: Stage) => Promise<void>;
  /** Undisturbed work after it. */
  readonly after?: (stage: Stage) => Promise<void>;
  /** The intrusions between its calls, if any. */
  readonly intrude?: Readonly<Record<Intrusion, (stage: Stage) => Promise<unknown>>>;
  /** The process whose calls are interrupted. */
  readonly counts: (call: OutsideCall) => boolean;
}
