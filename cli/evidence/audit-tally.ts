import { isCount, isTimestamp } from '../../lambdas/core/crypto/record-checks';
import { ANY_SESSION } from '../../lambdas/core/contract/names';
import { CliError, EXIT } from '../io/cli-error';
import type { JsonObject } from '../client/json-object';
import { changeValues } from './change-values';
import { EVENT_KINDS, kindOf, metadataOf, type EventKind } from './event-kind';
import type { PackDirectory } from './pack-directory';
import { PackTable } from './pack-table';
import { Totals } from './totals';

/** So many rows of one day's accesses are joined in memory; then they are written, and the same key may follow again. */
const MOST_DAY_ROWS = 50_000;
/** So many of the newest rows of a kind are on the page; all are in the files. */
const MOST_SHOWN = 100;

const ACCESS_COLUMNS = ['day', 'principal', 'provider', 'credential', 'operation', 'uses'];
const FAILURE_COLUMNS = [
  'timestamp',
  'event_type',
  'operation',
  'provider',
  'user_id',
  'ip_address',
  'user_agent',
  'credential',
  'key_version',
  'code',
  'reason',
  'error_message',
  'count',
  'region',
  'request_id',
  'id',
];
const CHANGE_COLUMNS = [
  'timestamp',
  'event_type',
  'operation',
  'provider',
  'user_id',
  'ip_address',
  'credential',
  'key_version',
  'outcome',
  'old_value',
  'new_value',
  'given_reason',
  'metadata',
  'region',
  'request_id',
  'id',
];
const DAMAGED_COLUMNS = ['timestamp', 'event_type', 'region', 'id'];

/** Counts of one day. */
export type DayCounts = Record<EventKind, number>;

interface Tables {
  readonly accesses: PackTable;
  readonly failures: PackTable;
  readonly changes: PackTable;
  readonly damaged: PackTable;
}

/**
 * Takes the events of a period one by one, newest first, writes the pack's tables of them and counts them. What it keeps does not
 * grow with the number of events: a day's accesses up to a bound, totals of a bounded number of names, and a count a day.
 */
export class AuditTally {
  /** By the day in UTC, newest first. */
  readonly days = new Map<string, DayCounts>();
  readonly principals = new Totals();
  readonly credentials = new Totals();
  /** By type, operation and code. */
  readonly failures = new Totals();
  /** Addresses of refusals of nobody that was verified. */
  readonly addresses = new Totals();
  readonly newestFailures: JsonObject[] = [];
  readonly newestChanges: JsonObject[] = [];
  events = 0;
  unknownOutcomes = 0;
  private day = '';
  private before = '9999';
  private readonly uses = new Map<string, { readonly row: JsonObject; uses: number }>();

  private constructor(private readonly tables: Tables) {}

  static async create(pack: PackDirectory): Promise<AuditTally> {
    return new AuditTally({
      accesses: await PackTable.create(pack, 'accesses', ACCESS_COLUMNS),
      failures: await PackTable.create(pack, 'failures', FAILURE_COLUMNS),
      changes: await PackTable.create(pack, 'changes', CHANGE_COLUMNS),
      damaged: await PackTable.create(pack, 'damaged-events', DAMAGED_COLUMNS),
    });
  }

  /** The number of events whose rows were edited. */
  get damaged(): number {
    return this.tables.damaged.rows;
  }

  /** @throws CliError `unexpected_reply` if the event is not older than the one before, or has no time */
  async take(event: JsonObject): Promise<void> {
    const { timestamp } = event;
    if (!isTimestamp(timestamp) || timestamp > this.before)
      throw new CliError(EXIT.unexpected, 'unexpected_reply', 'the events of the audit log are not in order');
    this.before = timestamp;
    const day = timestamp.slice(0, 10);
    if (day !== this.day) await this.endDay();
    this.day = day;
    this.events += 1;
    const kind = kindOf(event);
    const counts = this.days.get(day) ?? newCounts();
    counts[kind] += 1;
    this.days.set(day, counts);
    if (event['damaged'] === true) await this.tables.damaged.add(event);
    if (kind === 'intent' || kind === 'other') return;
    this.count(event, kind, timestamp);
    if (kind === 'access') await this.takeAccess(event, day);
    if (kind === 'failure') await this.takeFailure(event);
    if (kind === 'change') await this.takeChange(event);
  }

  /** Writes what is left. */
  end(): Promise<void> {
    return this.endDay();
  }

  private count(event: JsonObject, kind: 'access' | 'change' | 'read' | 'failure', timestamp: string): void {
    const { user_id: user, ip_address: address, provider, event_type: type } = event;
    const { credential, operation, code, count } = metadataOf(event);
    const weight = isCount(count, 1) ? count : 1;
    if (typeof user === 'string') this.principals.add(withoutSession(user), kind, timestamp, weight);
    if (typeof credential === 'string')
      this.credentials.add(`${text(provider)}/${credential}`, kind, timestamp, weight);
    if (kind !== 'failure') return;
    this.failures.add([type, operation, code].map(text).join(' · '), kind, timestamp, weight);
    if (user === null) this.addresses.add(text(address), kind, timestamp, weight);
  }

  private async takeAccess(event: JsonObject, day: string): Promise<void> {
    const { user_id: principal, provider } = event;
    const { credential, operation } = metadataOf(event);
    const key = JSON.stringify([principal, provider, credential, operation]);
    const known = this.uses.get(key);
    if (known !== undefined) known.uses += 1;
    else {
      if (this.uses.size >= MOST_DAY_ROWS) await this.endDay();
      this.uses.set(key, { row: { day, principal, provider, credential, operation }, uses: 1 });
    }
  }

  private async takeFailure(event: JsonObject): Promise<void> {
    const { operation, credential, code, reason, count } = metadataOf(event);
    const row = { ...event, operation, credential, code, reason, count };
    await this.tables.failures.add(row);
    if (this.newestFailures.length < MOST_SHOWN) this.newestFailures.push(row);
  }

  private async takeChange(event: JsonObject): Promise<void> {
    const { operation, credential, outcome = 'written', given_reason } = metadataOf(event);
    const { old, new: after } = changeValues(event);
    const row = { ...event, operation, credential, outcome, given_reason, old_value: old, new_value: after };
    await this.tables.changes.add(row);
    if (event['success'] !== true) this.unknownOutcomes += 1;
    if (this.newestChanges.length < MOST_SHOWN) this.newestChanges.push(row);
  }

  private async endDay(): Promise<void> {
    for (const { row, uses } of this.uses.values()) await this.tables.accesses.add({ ...row, uses });
    this.uses.clear();
  }
}

const newCounts = (): DayCounts =>
  Object.fromEntries(Object.keys(EVENT_KINDS).map((kind) => [kind, 0])) as Record<EventKind, number>;

/** All sessions of a role count as one principal. */
const withoutSession = (user: string): string =>
  user.replace(/^(arn:[a-z0-9-]+:sts::[0-9]{12}:assumed-role\/[^/]+)\/.*$/s, `$1${ANY_SESSION}`);

const text = (value: unknown): string => (typeof value === 'string' ? value : '–');
