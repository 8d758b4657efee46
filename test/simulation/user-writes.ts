import type { OpenedRow } from './opened-row';

type Metadata = Readonly<Record<string, string>>;

/** The request of a user. */
export type Wanted =
  /** Without metadata that of the replaced value stays. */
  | { readonly kind: 'put'; readonly value: string; readonly metadata?: Metadata }
  /** `null` removes a member. */
  | { readonly kind: 'patch'; readonly patch: Readonly<Record<string, string | null>> }
  | { readonly kind: 'delete'; readonly purge: boolean }
  | { readonly kind: 'restore'; readonly revision: number }
  | { readonly kind: 'purge' };

/** One change requested by a user. */
export interface UserWrite {
  readonly key: string;
  readonly wanted: Wanted;
  readonly startedAt: number;
  endedAt: number;
  /** The result that the user received; `open` until then, and `unknown` if it could not be told. */
  outcome: 'open' | 'stored' | 'refused' | 'unknown';
  /** When it was stored, and the stored row. */
  effect?: { readonly at: number; readonly row: OpenedRow };
}

/** Requested changes of users, and their results. */
export class UserWrites {
  private readonly byRequest = new Map<string, UserWrite>();
  private readonly byKey = new Map<string, UserWrite[]>();

  begin(requestId: string, key: string, wanted: Wanted, now: number): UserWrite {
    const write: UserWrite = { key, wanted, startedAt: now, endedAt: Infinity, outcome: 'open' };
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
   * Whether a consistent read from `from` to `to` may return this value, null for none: some user's change made it current, and
   * no other change that began later was reported as stored before the read began.
   */
  mayBeRead(key: string, value: string | null, from: number, to: number): boolean {
    const writes = this.byKey.get(key) ?? [];
    const isOvertaken = (end: number): boolean =>
      writes.some((later) => later.outcome === 'stored' && later.startedAt > end && later.endedAt < from);
    if (value === null && !isOvertaken(-Infinity)) return true;
    return writes.some(({ effect, outcome, endedAt, startedAt }) => {
      if (effect === undefined || outcome === 'refused' || startedAt > to) return false;
      if ((effect.row.current?.value ?? null) !== value) return false;
      return !isOvertaken(outcome === 'stored' ? endedAt : Math.max(effect.at, startedAt));
    });
  }
}
