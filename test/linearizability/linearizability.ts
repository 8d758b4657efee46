/** One call to an object that several clients call at the same time. */
export interface ObservedCall<Input, Output> {
  readonly input: Input;
  /** Missing if the client got no answer: the call may have taken effect at any later time, or never. */
  readonly output?: Output;
  /** Positions in one order of all beginnings and ends. */
  readonly calledAt: number;
  readonly answeredAt: number;
}

/** The sequential behaviour of the object. */
export interface SequentialModel<State, Input, Output> {
  readonly initial: State;
  /**
   * @param output missing: any answer
   * @returns the next state; undefined if the object does not answer so in this state
   */
  readonly step: (state: State, input: Input, output: Output | undefined) => State | undefined;
  /** Equal for equal states only. */
  readonly keyOf: (state: State) => string;
}

/**
 * Whether there is one order of all calls, each somewhere between its beginning and its end, in which one after the other they would
 * have been answered as they were (Herlihy and Wing, Linearizability, 1990). The search is that of Wing and Gong (Testing and Verifying
 * Concurrent Objects, 1993), with Lowe's memory of where it has been: the calls that are in order, and the state after them.
 */
export function isLinearizable<State, Input, Output>(
  calls: readonly ObservedCall<Input, Output>[],
  { initial, step, keyOf }: SequentialModel<State, Input, Output>,
): boolean {
  const ordered = [...calls].sort((a, b) => a.calledAt - b.calledAt);
  const bits = ordered.map((_, index) => 1n << BigInt(index));
  const answered = ordered.reduce((mask, { output }, index) => (output === undefined ? mask : mask | bits[index]!), 0n);
  const seen = new Set<string>();

  const search = (placed: bigint, state: State): boolean => {
    if ((placed & answered) === answered) return true;
    const place = `${placed} ${keyOf(state)}`;
    if (seen.has(place)) return false;
    seen.add(place);
    const isOpen = (index: number): boolean => (placed & bits[index]!) === 0n;
    // A call that began after another's answer comes after it.
    const limit = Math.min(
      ...ordered.map(({ output, answeredAt }, index) =>
        isOpen(index) && output !== undefined ? answeredAt : Infinity,
      ),
    );
    return ordered.some(({ input, output, calledAt }, index) => {
      if (!isOpen(index) || calledAt > limit) return false;
      const next = step(state, input, output);
      return next !== undefined && search(placed | bits[index]!, next);
    });
  };
  return search(0n, initial);
}
