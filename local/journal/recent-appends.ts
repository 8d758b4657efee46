import type { AuditEvent } from '../../lambdas/core/audit/audit-event';

/**
 * Recent appends, so that the same event is not written again. Remembers at least a number of them; a repeated older event still
 * counts as one event for readers, by its time and id.
 */
export class RecentAppends {
  private newer = new Map<string, Promise<void>>();
  private older: ReadonlyMap<string, Promise<void>> & { delete(key: string): boolean } = new Map<
    string,
    Promise<void>
  >();

  constructor(private readonly atLeast: number) {}

  /** Returns the append of the same event; undefined if none is remembered, or it was refused. */
  get(event: AuditEvent): Promise<void> | undefined {
    const key = keyOf(event);
    return this.newer.get(key) ?? this.older.get(key);
  }

  /** Remembers an append unless it is refused. @returns the given append */
  note(event: AuditEvent, append: Promise<void>): Promise<void> {
    if (this.newer.size >= this.atLeast) {
      this.older = this.newer;
      this.newer = new Map();
    }
    const key = keyOf(event);
    this.newer.set(key, append);
    append.catch(() => {
      this.newer.delete(key);
      this.older.delete(key);
    });
    return append;
  }
}

const keyOf = ({ timestamp, id }: AuditEvent): string => timestamp + id;
