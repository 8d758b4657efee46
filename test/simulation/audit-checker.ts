import type { AuditEvent } from '../../lambdas/core/audit/audit-event';
import { openIntents } from '../doubles/stores/audit-log';
import type { Violations } from './violations';
import { REGIONS } from './regions';
import type { SimulatedTables } from './simulated-tables';

/** Credentials that are moved together have one intent, under the common part of their write ids. */
const pageOf = (writeId: string): string => writeId.slice(0, 28);

/** The durable events of the audit log in all regions. */
export class AuditChecker {
  private readonly intents = new Map<string, AuditEvent>();
  private readonly outcomes = new Set<string>();
  private readonly successes = new Set<string>();
  /** The number of changes of each kind. */
  readonly made = new Map<string, number>();

  constructor(
    private readonly tables: SimulatedTables,
    private readonly violations: Violations,
  ) {
    tables.audit.onWrite = (_region, _id, event) => {
      this.note(event);
    };
  }

  /** Every change has its intent before it is made. */
  changed(what: string, writeId: string): AuditEvent | undefined {
    const intent = this.intents.get(writeId) ?? this.intents.get(pageOf(writeId));
    this.violations.demand(
      intent !== undefined,
      'each change has its audit event',
      `${what} was written without an intent`,
    );
    return intent;
  }

  /** Every caller that received a plaintext or a token is in the audit log. */
  answered(requestId: string, eventTypes: readonly string[]): void {
    this.violations.demand(
      eventTypes.some((type) => this.successes.has(`${requestId} ${type}`)),
      'no plaintext without its audit event',
      `${requestId} was answered and no ${eventTypes.join(' or ')} is on record`,
    );
  }

  /** After the system has quiesced. */
  onceQuiescent(violations: Violations, written: Iterable<string>): void {
    for (const region of REGIONS) {
      const events = [...this.tables.audit.entries(region)].map(([, event]) => event);
      for (const provider of new Set(events.map((event) => event.provider))) {
        const open = openIntents(events, provider, '', '9');
        violations.demand(
          open.length === 0,
          'no intent stays open',
          `${region} ${provider ?? 'KEK'}: ${open.map(({ metadata, timestamp }) => `${metadata.operation ?? ''} of ${timestamp}`).join(', ')}`,
        );
      }
    }
    for (const writeId of written) {
      const isClosed = this.outcomes.has(writeId) || this.outcomes.has(pageOf(writeId));
      violations.demand(isClosed, 'each change has its audit event', `write ${writeId} has no outcome`);
    }
  }

  private note(event: AuditEvent): void {
    const { write_id: writeId, phase } = event.metadata;
    if (writeId !== undefined && phase === 'intent') this.intents.set(writeId, event);
    if (writeId !== undefined && phase === 'outcome') this.outcomes.add(writeId);
    const { operation, outcome } = event.metadata;
    if (operation !== undefined && outcome === 'written') this.made.set(operation, (this.made.get(operation) ?? 0) + 1);
    if (event.success === true) this.successes.add(`${event.request_id} ${event.event_type}`);
  }
}
