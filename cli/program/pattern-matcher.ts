/**
 * Finds many texts at once in bytes that arrive one by one: the automaton of A. Aho and M. Corasick, "Efficient string matching:
 * an aid to bibliographic search", Communications of the ACM 18 (1975). Takes time proportional to the number of bytes, whatever
 * they are.
 */
export class PatternMatcher {
  private readonly fromRoot = new Int32Array(256);
  private readonly byte: Uint8Array;
  private readonly child: Int32Array;
  private readonly sibling: Int32Array;
  private readonly fallback: Int32Array;
  private readonly depths: Int32Array;
  /** Length of the longest pattern that ends in a state. */
  private readonly ends: Int32Array;
  private states = 1;

  /** @param patterns non-empty texts */
  constructor(patterns: readonly Uint8Array[]) {
    const most = patterns.reduce((sum, { length }) => sum + length, 1);
    this.byte = new Uint8Array(most);
    [this.child, this.sibling, this.fallback, this.depths, this.ends] = [1, 2, 3, 4, 5].map(
      () => new Int32Array(most),
    ) as [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array];
    for (const pattern of patterns) this.add(pattern);
    this.link();
  }

  /** Returns the state after one more byte; the first state is 0. */
  next(state: number, byte: number): number {
    for (let from = state; ; from = at(this.fallback, from)) {
      const to = this.childOf(from, byte);
      if (to !== 0 || from === 0) return to;
    }
  }

  /** Returns how many of the last bytes may be the beginning of a pattern. */
  depth(state: number): number {
    return at(this.depths, state);
  }

  /** Returns the length of the longest pattern that ends here; 0 if there is none. */
  found(state: number): number {
    return at(this.ends, state);
  }

  private childOf(state: number, byte: number): number {
    if (state === 0) return at(this.fromRoot, byte);
    let child = at(this.child, state);
    while (child !== 0 && this.byte[child] !== byte) child = at(this.sibling, child);
    return child;
  }

  private add(pattern: Uint8Array): void {
    let state = 0;
    for (const byte of pattern) {
      let child = this.childOf(state, byte);
      if (child === 0) {
        child = this.states;
        this.states += 1;
        this.byte[child] = byte;
        this.depths[child] = at(this.depths, state) + 1;
        this.sibling[child] = at(this.child, state);
        this.child[state] = child;
        if (state === 0) this.fromRoot[byte] = child;
      }
      state = child;
    }
    this.ends[state] = pattern.length;
  }

  /** Breadth first: the fallback of a state is shorter, and already known. */
  private link(): void {
    const queue = new Int32Array(this.states);
    let filled = 1;
    for (let taken = 0; taken < filled; taken += 1) {
      const state = at(queue, taken);
      // The end of a pattern that is no prefix of another one is not a beginning.
      if (at(this.child, state) === 0) this.depths[state] = at(this.depths, at(this.fallback, state));
      for (let child = at(this.child, state); child !== 0; child = at(this.sibling, child)) {
        queue[filled] = child;
        filled += 1;
        if (state !== 0) this.fallback[child] = this.next(at(this.fallback, state), at(this.byte, child));
        if (this.ends[child] === 0) this.ends[child] = at(this.ends, at(this.fallback, child));
      }
    }
  }
}

const at = (numbers: Int32Array | Uint8Array, index: number): number => numbers[index] as number;
