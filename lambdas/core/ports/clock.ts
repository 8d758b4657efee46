/** Time. Deadlines are compared with the wall clock: the timers of a frozen Lambda stop, its clock does not. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. May jump, also backwards. */
  now(): number;
  /** Resolves after about `ms` milliseconds. Never rejects. */
  sleep(ms: number): Promise<void>;
}
