import { randomBytes } from 'node:crypto';
import type { GaugeName, MetricName } from '../../lambdas/core/contract/metrics';
import type { AuditEvent } from '../../lambdas/core/audit/audit-event';
import type { AuditRecord } from '../../lambdas/core/audit/audit-record';
import type { StoredRow } from '../../lambdas/core/credentials/credential';
import type { KeysetRecord } from '../../lambdas/core/keysets/keyset-record';
import { KeywardError, keysUnavailable } from '../../lambdas/core/errors/errors';
import {
  newKekSecretRecord,
  parseKekSecret,
  serializeKekSecret,
  type KekKeyset,
} from '../../lambdas/core/crypto/kek-keyset';
import type { Randomness } from '../../lambdas/core/crypto/randomness';
import type {
  AuditPage,
  AuditPosition,
  AuditQuery,
  AuditReader,
  AuditSink,
} from '../../lambdas/core/audit/ports/audit-log';
import type { Clock } from '../../lambdas/core/ports/clock';
import type {
  CredentialPage,
  CredentialStore,
  DeletedPage,
  ListedPage,
} from '../../lambdas/core/credentials/ports/credential-store';
import type { KeysetScanner, StoredKeyset } from '../../lambdas/core/keysets/ports/keyset-scanner';
import type { KeysetStore } from '../../lambdas/core/keysets/ports/keyset-store';
import type { Metrics } from '../../lambdas/core/ports/metrics';
import type { OpenIntents } from '../../lambdas/core/audit/ports/open-intents';
import type { SecretsProvider } from '../../lambdas/core/keysets/ports/secrets-provider';
import type { WriteResult } from '../../lambdas/core/ports/write-result';
import { auditKey, auditLog } from './stores/audit-log';
import { credentialStore } from './stores/credential-store';
import { keysetStore } from './stores/keyset-store';
import { MemoryTable } from './stores/memory-table';
import type { Rows } from './stores/table';

/**
 * Ports in memory, for tests of the code that calls them. They keep the contracts in test/contract, as the adapters do. The
 * behaviour of stores is in test/doubles/stores, for these ports and for the simulation.
 */

export const testRandomness: Randomness = {
  publicBytes: (size) => randomBytes(size),
  secretBytes: (size) => randomBytes(size),
};

export const TEST_START = Date.parse('2026-11-21T09:00:00.000Z');

export class TestClock implements Clock {
  time = TEST_START;
  now(): number {
    return this.time;
  }
  sleep(ms: number): Promise<void> {
    this.time += Math.max(0, ms);
    return Promise.resolve();
  }
}

export class CountingMetrics implements Metrics {
  readonly counts = new Map<MetricName, number>();
  count(name: MetricName): void {
    this.counts.set(name, this.of(name) + 1);
  }
  readonly gauges = new Map<GaugeName, number>();
  gauge(name: GaugeName, value: number): void {
    this.gauges.set(name, value);
  }
  of(name: MetricName): number {
    return this.counts.get(name) ?? 0;
  }
}

export const newKeks = (): KekKeyset =>
  parseKekSecret(serializeKekSecret(newKekSecretRecord(testRandomness, TEST_START)));

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** The KEKs of a store that a test changes; read again after five minutes, and served for a day without the store. */
export class MemorySecrets implements SecretsProvider {
  /** While true the store does not answer. */
  down = false;
  refreshes = 0;
  /** The number of reads of the store. */
  reads = 0;
  /** The stored KEKs; undefined: a value that is no KEK secret. */
  stored: KekKeyset | undefined;
  private readAt: number;
  private reading: Promise<KekKeyset> | undefined;
  constructor(
    private held: KekKeyset | undefined,
    private readonly clock: Clock,
  ) {
    this.stored = held;
    this.readAt = clock.now();
  }
  /** Drops the copy, and makes the store unavailable. */
  lose(): void {
    this.down = true;
    this.held = undefined;
  }
  async current(): Promise<KekKeyset> {
    const age = this.clock.now() - this.readAt;
    if (this.held === undefined || age > DAY_MS) return this.read();
    if (age < 5 * MINUTE_MS) return this.held;
    return this.read().catch(() => this.held!);
  }
  refresh(): Promise<KekKeyset> {
    this.refreshes += 1;
    return this.read();
  }
  private read(): Promise<KekKeyset> {
    this.reading ??= this.readNow().finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }
  private async readNow(): Promise<KekKeyset> {
    this.reads += 1;
    if (this.down || this.stored === undefined) {
      throw keysUnavailable(this.down ? 'no_region_answered' : 'kek_damaged');
    }
    this.held = this.stored;
    this.readAt = this.clock.now();
    return this.held;
  }
}

export class MemoryKeysets implements KeysetStore, KeysetScanner {
  readonly records = new Map<string, unknown>();
  readonly table = new MemoryTable<KeysetRecord>(this.records as Map<string, KeysetRecord>);
  reads = 0;
  private readonly store: KeysetStore & KeysetScanner;
  constructor(readonly region: string) {
    this.store = keysetStore(this.table, region);
  }
  set down(down: boolean) {
    this.table.down = down;
  }
  set gate(gate: Promise<void>) {
    this.table.gate = gate;
  }
  get(provider: string): Promise<unknown> {
    this.reads += 1;
    return this.store.get(provider);
  }
  all(): Promise<readonly StoredKeyset[]> {
    return this.store.all();
  }
  create(record: KeysetRecord): Promise<WriteResult> {
    return this.store.create(record);
  }
  replace(record: KeysetRecord, expectedRevision: number): Promise<WriteResult> {
    return this.store.replace(record, expectedRevision);
  }
}

export class MemoryCredentials implements CredentialStore {
  readonly rows = new Map<string, StoredRow>();
  readonly table = new MemoryTable<StoredRow>(this.rows);
  /** Called before each write: a test can write earlier, or give the answer itself. */
  beforePut: (record: StoredRow) => WriteResult | undefined = () => undefined;
  private readonly store = credentialStore(this.table);
  set down(down: boolean) {
    this.table.down = down;
  }
  get(provider: string, name: string, consistent: boolean): Promise<StoredRow | undefined> {
    return this.store.get(provider, name, consistent);
  }
  list(provider: string, page: ListedPage): Promise<CredentialPage> {
    return this.store.list(provider, page);
  }
  listDeleted(provider: string, page: ListedPage): Promise<DeletedPage> {
    return this.store.listDeleted(provider, page);
  }
  async put(...[record, read]: Parameters<CredentialStore['put']>): Promise<WriteResult> {
    return this.beforePut(record) ?? this.store.put(record, read);
  }
  hasAny(provider: string): Promise<boolean> {
    return this.store.hasAny(provider);
  }
}

export class MemoryAudit implements AuditSink, AuditReader, OpenIntents {
  /** In append order. */
  readonly events: AuditEvent[] = [];
  /** The records of all attempts, in their order. */
  readonly records: AuditRecord[] = [];
  readonly used = new Set<string>();
  readonly table = new MemoryTable<AuditEvent>(rowsOf(this.events));
  /** Fails from this append on, counted from zero. */
  failFrom = Infinity;
  private readonly log = auditLog(this.table, this.used);
  set down(down: boolean) {
    this.table.down = down;
  }
  async append(record: AuditRecord): Promise<void> {
    this.records.push(record);
    if (this.events.length >= this.failFrom) throw new KeywardError('audit_unavailable', 'it takes no more events');
    return this.log.append(record);
  }
  query(query: AuditQuery): Promise<AuditPage> {
    return this.log.query(query);
  }
  get(place: AuditPosition): Promise<AuditEvent | undefined> {
    return this.log.get(place);
  }
  wasUsed(provider: string): Promise<boolean> {
    return this.log.wasUsed(provider);
  }
  markUsed(provider: string): Promise<void> {
    return this.log.markUsed(provider);
  }
  find(provider: string | null, from: string, to: string): Promise<readonly AuditEvent[]> {
    return this.log.find(provider, from, to);
  }
}

/** Events in order of arrival. Events that a test put there itself are not found by their keys. */
function rowsOf(events: AuditEvent[]): Rows<AuditEvent> {
  const appended = new Map<string, AuditEvent>();
  return {
    get: (key) => {
      const event = appended.get(key);
      return event !== undefined && events.includes(event) ? event : undefined;
    },
    entries: () => events.map((event) => [auditKey(event), event] as const),
    set: (key, event) => {
      appended.set(key, event);
      events.push(event);
    },
  };
}
