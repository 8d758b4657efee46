import type { EventKind } from './event-kind';

/** Uses, changes, reads and failures of one name, and when. */
export interface Total {
  readonly access: number;
  readonly change: number;
  readonly read: number;
  readonly failure: number;
  readonly first_at: string;
  readonly last_at: string;
}

type Counted = Extract<EventKind, 'access' | 'change' | 'read' | 'failure'>;

/** So many names are counted one by one, whatever the log has. */
const MOST_NAMES = 20_000;

/** Events by name, in a bounded number of names: those of further names are counted together. */
export class Totals {
  private readonly byName = new Map<string, Total>();
  /** The total of names beyond the bound; undefined if there are none. */
  others: Total | undefined;

  constructor(private readonly most = MOST_NAMES) {}

  /** @param timestamp not later than that of the event before */
  add(name: string, kind: Counted, timestamp: string, weight = 1): void {
    const known = this.byName.get(name);
    if (known === undefined && this.byName.size >= this.most) this.others = grown(this.others, kind, timestamp, weight);
    else this.byName.set(name, grown(known, kind, timestamp, weight));
  }

  /** Names with the most uses, changes, reads and failures first. */
  sorted(): readonly (readonly [string, Total])[] {
    return [...this.byName].sort(([a, one], [b, other]) => sumOf(other) - sumOf(one) || (a < b ? -1 : 1));
  }
}

const NONE = { access: 0, change: 0, read: 0, failure: 0 };

function grown(known: Total | undefined, kind: Counted, timestamp: string, weight: number): Total {
  const { last_at } = known ?? { last_at: timestamp };
  return { ...NONE, ...known, [kind]: (known?.[kind] ?? 0) + weight, first_at: timestamp, last_at };
}

const sumOf = ({ access, change, read, failure }: Total): number => access + change + read + failure;
