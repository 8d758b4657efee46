import type { AuditEvent } from '../../lambdas/core/audit/audit-event';

/**
 * What was appended lately, so that the same event again is not written again. Remembers at least so many; what is forgotten by then is
 * one event all the same to whoever reads, by its time and id.
 */
export class RecentAppends {
  private newer = new Map<string, Promise<void>>();
  private older: ReadonlyMap<string, Promise<void>> & { delete(key: string): boolean } = new Map<
    string,
    Promise<void>
  >();

  constructor(private readonly atLeast: number) {}

  /** What became, or becomes, of an append of the same event; undefined where none is remembered, or it was refused. */
  get(event: AuditEvent): Promise<void> | undefined {
    const key = keyOf(event);
    return this.newer.get(key) ?? this.older.get(key);
  }

  /** Remembers an append as long as it is not refused. @returns what it was given */
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
