/**
 * What becomes of one outside call.
 * - `fails`: it is not made, and the caller is told so after a while.
 * - `lost`: it is made, and its answer does not come back.
 * - `twice`: it arrives a second time, later.
 * - `crash_before`, `crash_after`: the process that calls stops, before the call is made or right after it took effect.
 */
export type Fault = 'works' | 'fails' | 'lost' | 'twice' | 'crash_before' | 'crash_after';

/** One call as it is about to be made. */
export interface OutsideCall {
  readonly process: string;
  readonly region: string;
  /** The region that is called. */
  readonly to: string;
  readonly what: string;
}

/** Decides what becomes of each call. */
export interface FaultInjector {
  of(call: OutsideCall): Fault;
  /** Milliseconds that a message takes on the way. */
  latency(call: OutsideCall): number;
}
