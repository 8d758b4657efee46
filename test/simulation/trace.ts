import type { LogFields, Logger } from '../../lambdas/core/ports/logger';
import type { Fault, OutsideCall } from './fault-injector';
import type { Scheduler } from './scheduler';

type Entry = { readonly at: number } & (
  { readonly call: OutsideCall; readonly fault: Fault } | { readonly text: string; readonly fields?: LogFields }
);

const KEPT = 400;

/** The last events, for the analysis of a failure. */
export class Trace {
  private readonly entries: Entry[] = [];
  private next = 0;
  private readonly start: number;

  constructor(private readonly scheduler: Scheduler) {
    this.start = scheduler.now;
  }

  readonly logger: Logger = {
    info: () => undefined,
    warn: (text, fields) => {
      this.keep({ at: this.scheduler.now, text, ...(fields && { fields }) });
    },
    error: (text, fields) => {
      this.keep({ at: this.scheduler.now, text, ...(fields && { fields }) });
    },
  };

  call(call: OutsideCall, fault: Fault): void {
    this.keep({ at: this.scheduler.now, call, fault });
  }

  note(text: string): void {
    this.keep({ at: this.scheduler.now, text });
  }

  /** The last lines, oldest first. */
  lines(count: number): readonly string[] {
    const ordered = [...this.entries.slice(this.next), ...this.entries.slice(0, this.next)];
    return ordered.slice(-count).map((entry) => `${secondsOf(entry.at - this.start)}  ${textOf(entry)}`);
  }

  private keep(entry: Entry): void {
    this.entries[this.next] = entry;
    this.next = (this.next + 1) % KEPT;
  }
}

const secondsOf = (ms: number): string => `${(ms / 1000).toFixed(3)} s`.padStart(16);

function textOf(entry: Entry): string {
  if ('call' in entry) {
    const { process, to, what } = entry.call;
    return `${process} -> ${to}  ${what}${entry.fault === 'works' ? '' : `  [${entry.fault}]`}`;
  }
  return entry.fields === undefined ? `* ${entry.text}` : `* ${entry.text} ${JSON.stringify(entry.fields)}`;
}
