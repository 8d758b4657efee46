/**
 * The fate of one outside call.
 * - `fails`: it is not made, and the caller gets an error after some time.
 * - `lost`: it is made, and its answer is lost.
 * - `twice`: it arrives a second time, later.
 * - `crash_before`, `crash_after`: the calling process stops, before the call is made or right after it took effect.
 */
export type Fault = 'works' | 'fails' | 'lost' | 'twice' | 'crash_before' | 'crash_after';

/** One call before it is made. */
export interface OutsideCall {
  readonly process: string;
  readonly region: string;
  /** The called region. */
  readonly to: string;
  readonly what: string;
}

/** Decides the fate of each call. */
export interface FaultInjector {
  of(call: OutsideCall): Fault;
  /** Network latency of a message in milliseconds. */
  latency(call: OutsideCall): number;
}
