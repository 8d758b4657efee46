import { randomBytes } from 'node:crypto';
import type { AuditEvent } from '../../lambdas/core/domain/audit-event';
import { isTombstone, type CredentialRecord, type StoredCredential } from '../../lambdas/core/domain/credential';
import type { KeysetRecord } from '../../lambdas/core/domain/dek-keyset';
import { KeywardError } from '../../lambdas/core/domain/errors';
import {
  newKekSecretRecord,
  parseKekSecret,
  serializeKekSecret,
  type KekKeyset,
} from '../../lambdas/core/domain/kek-keyset';
import type { Randomness } from '../../lambdas/core/domain/randomness';
import type { AuditPage, AuditReader, AuditSink } from '../../lambdas/core/ports/audit-log';
import type { Clock } from '../../lambdas/core/ports/clock';
import type { CredentialPage, CredentialStore } from '../../lambdas/core/ports/credential-store';
import type { KeysetScanner, StoredKeyset } from '../../lambdas/core/ports/keyset-scanner';
import type { KeysetStore } from '../../lambdas/core/ports/keyset-store';
import type { GaugeName, MetricName, Metrics } from '../../lambdas/core/ports/metrics';
import type { SecretsProvider } from '../../lambdas/core/ports/secrets-provider';
import type { WriteResult } from '../../lambdas/core/ports/write-result';

/** Ports in memory, for what only the caller of a port decides. The adapters are tested against real servers in test/contract. */

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
    this.time += ms;
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

const unavailable = (): KeywardError => new KeywardError('store_unavailable', 'the table does not answer');

export class MemorySecrets implements SecretsProvider {
  down = false;
  refreshes = 0;
  /** What the store holds; `held` is what this process has read. */
  stored: KekKeyset;
  constructor(private held: KekKeyset) {
    this.stored = held;
  }
  current(): Promise<KekKeyset> {
    return this.down ? Promise.reject(unavailable()) : Promise.resolve(this.held);
  }
  refresh(): Promise<KekKeyset> {
    this.refreshes += 1;
    this.held = this.stored;
    return this.current();
  }
}

export class MemoryKeysets implements KeysetStore, KeysetScanner {
  readonly records = new Map<string, unknown>();
  down = false;
  reads = 0;
  /** Awaited before each answer, so that a test can hold one back. */
  gate: Promise<void> = Promise.resolve();
  constructor(readonly region: string) {}
  async get(provider: string): Promise<unknown> {
    this.reads += 1;
    await this.gate;
    if (this.down) throw unavailable();
    return structuredClone(this.records.get(provider));
  }
  async all(): Promise<readonly StoredKeyset[]> {
    await this.gate;
    if (this.down) throw unavailable();
    return [...this.records].map(([provider, value]) => ({ provider, value: structuredClone(value) }));
  }
  create(record: KeysetRecord): Promise<WriteResult> {
    if (this.down) return Promise.reject(unavailable());
    if (this.records.has(record.provider)) return Promise.resolve('refused');
    this.records.set(record.provider, structuredClone(record));
    return Promise.resolve('written');
  }
  replace(record: KeysetRecord, expectedRevision: number): Promise<WriteResult> {
    if (this.down) return Promise.reject(unavailable());
    const stored = this.records.get(record.provider) as KeysetRecord | undefined;
    if (stored?.write_id === record.write_id) return Promise.resolve('written');
    if (stored?.revision !== expectedRevision) return Promise.resolve('refused');
    this.records.set(record.provider, structuredClone(record));
    return Promise.resolve('written');
  }
}

export class MemoryCredentials implements CredentialStore {
  readonly rows = new Map<string, StoredCredential>();
  down = false;
  /** Called before each write, so that a test can be faster than the writer or give the answer itself. */
  beforePut: (record: StoredCredential) => WriteResult | undefined = () => undefined;
  get(provider: string, name: string): Promise<StoredCredential | undefined> {
    return this.down
      ? Promise.reject(unavailable())
      : Promise.resolve(structuredClone(this.rows.get(`${provider}/${name}`)));
  }
  list(provider: string, page: { after?: string; limit: number }): Promise<CredentialPage> {
    const live = [...this.rows.values()].filter(
      (row): row is CredentialRecord => row.provider === provider && !isTombstone(row) && row.name > (page.after ?? ''),
    );
    const credentials = live.sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, page.limit);
    const last = live.length > credentials.length ? credentials.at(-1)?.name : undefined;
    return Promise.resolve({ credentials, ...(last === undefined ? {} : { next: last }) });
  }
  put(record: StoredCredential, expectedRevision: number): Promise<WriteResult> {
    const answer = this.beforePut(record);
    if (answer !== undefined) return Promise.resolve(answer);
    if (this.down) return Promise.reject(unavailable());
    const key = `${record.provider}/${record.name}`;
    if ((this.rows.get(key)?.revision ?? 0) !== expectedRevision) return Promise.resolve('refused');
    this.rows.set(key, structuredClone(record));
    return Promise.resolve('written');
  }
  rekey(record: CredentialRecord, expectedWriteId: string): Promise<WriteResult> {
    const answer = this.beforePut(record);
    if (answer !== undefined) return Promise.resolve(answer);
    if (this.down) return Promise.reject(unavailable());
    const key = `${record.provider}/${record.name}`;
    if (this.rows.get(key)?.write_id !== expectedWriteId) return Promise.resolve('refused');
    this.rows.set(key, structuredClone(record));
    return Promise.resolve('written');
  }
  hasAny(provider: string): Promise<boolean> {
    return Promise.resolve([...this.rows.values()].some((row) => row.provider === provider));
  }
}

export class MemoryAudit implements AuditSink, AuditReader {
  readonly events: AuditEvent[] = [];
  readonly used = new Set<string>();
  down = false;
  /** Fails from this append on, counted from zero. */
  failFrom = Infinity;
  append(event: AuditEvent): Promise<void> {
    if (this.down || this.events.length >= this.failFrom) return Promise.reject(unavailable());
    this.events.push(event);
    return Promise.resolve();
  }
  query(): Promise<AuditPage> {
    return this.down ? Promise.reject(unavailable()) : Promise.resolve({ events: [...this.events].reverse() });
  }
  wasUsed(provider: string): Promise<boolean> {
    return this.down ? Promise.reject(unavailable()) : Promise.resolve(this.used.has(provider));
  }
  markUsed(provider: string): Promise<void> {
    this.used.add(provider);
    return Promise.resolve();
  }
}
