/** What a user asks for: a key, or null to delete what is there. Without metadata that of what is replaced stays. */
export interface Wanted {
  readonly value: string | null;
  readonly metadata?: { readonly by: string } | undefined;
}

/** One change that a user asked for. */
export interface UserWrite extends Wanted {
  readonly key: string;
  readonly startedAt: number;
  endedAt: number;
  /** What the user was told; `open` until then, and `unknown` where nobody could say. */
  outcome: 'open' | 'stored' | 'refused' | 'unknown';
}

/** What users asked to be stored, and what they were told. */
export class UserWrites {
  private readonly byRequest = new Map<string, UserWrite>();
  private readonly byKey = new Map<string, UserWrite[]>();

  begin(requestId: string, key: string, wanted: Wanted, now: number): UserWrite {
    const write: UserWrite = { key, ...wanted, startedAt: now, endedAt: Infinity, outcome: 'open' };
    this.byRequest.set(requestId, write);
    this.byKey.set(key, [...(this.byKey.get(key) ?? []), write]);
    return write;
  }

  of(requestId: string): UserWrite | undefined {
    return this.byRequest.get(requestId);
  }

  keys(): Iterable<string> {
    return this.byKey.keys();
  }

  /**
   * Whether a consistent read from `from` to `to` may give this value: some user wrote it, and nobody was told that another was
   * stored who began after that and was done before the read began.
   *
   * @param storedAt when a write whose end nobody knows took effect; undefined where it never did
   */
  mayBeRead(
    key: string,
    value: string | null,
    from: number,
    to: number,
    storedAt: (value: string) => number | undefined,
  ): boolean {
    const writes = this.byKey.get(key) ?? [];
    const isOvertaken = (end: number): boolean =>
      writes.some((later) => later.outcome === 'stored' && later.startedAt > end && later.endedAt < from);
    if (value === null && !isOvertaken(-Infinity)) return true;
    return writes.some((write) => {
      if (write.value !== value || write.outcome === 'refused' || write.startedAt > to) return false;
      if (write.outcome === 'stored') return !isOvertaken(write.endedAt);
      // A deletion whose end nobody knows may have taken effect as long as nobody has stored anything since.
      const end = value === null ? Infinity : storedAt(value);
      return end !== undefined && !isOvertaken(Math.max(end, write.startedAt));
    });
  }
}
