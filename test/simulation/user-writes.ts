import type { OpenedRow } from './opened-row';

type Metadata = Readonly<Record<string, string>>;

/** What a user asks for. */
export type Wanted =
  /** Without metadata that of what is replaced stays. */
  | { readonly kind: 'put'; readonly value: string; readonly metadata?: Metadata }
  /** `null` removes a member. */
  | { readonly kind: 'patch'; readonly patch: Readonly<Record<string, string | null>> }
  | { readonly kind: 'delete'; readonly purge: boolean }
  | { readonly kind: 'restore'; readonly revision: number }
  | { readonly kind: 'purge' };

/** One change that a user asked for. */
export interface UserWrite {
  readonly key: string;
  readonly wanted: Wanted;
  readonly startedAt: number;
  endedAt: number;
  /** What the user was told; `open` until then, and `unknown` where nobody could say. */
  outcome: 'open' | 'stored' | 'refused' | 'unknown';
  /** When it was stored, and what the row was then. */
  effect?: { readonly at: number; readonly row: OpenedRow };
}

/** What users asked to be stored, and what they were told. */
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
   * Whether a consistent read from `from` to `to` may give this value, null for none: some user's change left it as the current one,
   * and nobody was told that another change was stored that began after that and was done before the read began.
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
