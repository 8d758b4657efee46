import type { Dek } from '../crypto/dek';
import {
  KEYSET_MAX_STALE_MS,
  KEYSET_REFRESH_AFTER_MS,
  KEYSET_REFRESH_JITTER_MS,
  KEYSET_RETRY_AFTER_MS,
  MAX_SEALING_AGE_MS,
} from '../contract/protocol-times';
import { dekVersion } from './dek-keyset';
import type { DekVersionState, KeysetRecord } from './keyset-record';
import { decryptionFailed, KeywardError, keysUnavailable } from '../errors/errors';
import type { Randomness } from '../crypto/randomness';
import { unwrapDek } from '../crypto/wrapped-dek';
import type { Clock } from '../ports/clock';
import type { KeysetReader } from './ports/keyset-store';
import type { Metrics } from '../ports/metrics';
import type { SecretsProvider } from './ports/secrets-provider';
import type { DekCache } from './dek-cache';
import { UnknownVersions, type LookResult } from './unknown-versions';
import { verifyWithNewestKek } from './verify-with-newest-kek';

/** Readers of keysets, nearest first. `local` and `home` are the same object in the home region. */
export interface KeysetSources {
  readonly local: KeysetReader;
  readonly home: KeysetReader;
  readonly others: readonly KeysetReader[];
}

/** A version that opens tokens, with its state and the number of the primary. */
export interface OpeningKey {
  readonly dek: Dek;
  readonly state: DekVersionState;
  readonly primaryVersion: number;
}

interface Entry {
  record?: KeysetRecord;
  /** When the read of `record` began. */
  readAt: number;
  refreshAfter: number;
  refreshing?: Promise<unknown>;
  failedAt?: number;
  readonly unknown: UnknownVersions;
}

export interface KeysetDirectoryDependencies {
  readonly sources: KeysetSources;
  readonly secrets: SecretsProvider;
  readonly deks: DekCache;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly metrics: Metrics;
}

/**
 * Verified keysets of all providers, cached, and the DEKs in them.
 *
 * A record counts only if its MAC holds and its revision is not below one already seen; any other record counts as no answer. All
 * ages are compared with the wall clock on each request; if the clock goes back, a copy counts as old, never as fresh.
 */
export class KeysetDirectory {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly deps: KeysetDirectoryDependencies) {}

  /**
   * Returns the primary, from metadata at most 60 seconds old.
   *
   * @throws KeywardError `keys_unavailable`
   */
  async forSealing(provider: string): Promise<Dek> {
    const entry = await this.fresh(provider, false);
    const record = this.usable(entry);
    if (!this.isYounger(entry.readAt, MAX_SEALING_AGE_MS)) throw keysUnavailable('metadata_too_old');
    return this.unwrap(record, record.primary_version);
  }

  /**
   * Returns the current primary of the home region, for writes there.
   *
   * @throws KeywardError `keys_unavailable`
   */
  async forStoring(provider: string): Promise<Dek> {
    const entry = this.entry(provider);
    if ((await this.readFrom(this.deps.sources.home, provider, entry)) !== 'accepted') {
      throw keysUnavailable('no_region_answered');
    }
    const record = this.usable(entry);
    return this.unwrap(record, record.primary_version);
  }

  /**
   * Returns the DEK that a token names.
   *
   * @throws KeywardError `decryption_failed` if the home region does not have the version or it is destroyed; `keys_unavailable`
   *   while that is not known
   */
  async forOpening(provider: string, version: number): Promise<OpeningKey> {
    // Taken before any read: reads that begin from now on count for this request.
    const since = this.entry(provider).unknown.now;
    const entry = await this.fresh(provider, true);
    const known = dekVersion(this.usable(entry), version) ?? (await entry.unknown.find(version, since));
    if (known.encrypted_dek === undefined) throw decryptionFailed('version_destroyed');
    const record = this.usable(entry);
    return {
      dek: await this.unwrap(record, version),
      state: known.state,
      primaryVersion: record.primary_version,
    };
  }

  private entry(provider: string): Entry {
    let entry = this.entries.get(provider);
    if (entry === undefined) {
      entry = this.newEntry(provider);
      this.entries.set(provider, entry);
    }
    return entry;
  }

  private newEntry(provider: string): Entry {
    const { clock, metrics } = this.deps;
    const entry: Entry = {
      readAt: 0,
      refreshAfter: 0,
      unknown: new UnknownVersions({
        record: () => this.usable(entry),
        look: (wanted) => this.look(provider, wanted, entry),
        clock,
        metrics,
      }),
    };
    return entry;
  }

  /** The cached record. */
  private usable(entry: Entry): KeysetRecord {
    if (entry.record === undefined) throw keysUnavailable('no_region_answered');
    const age = this.deps.clock.now() - entry.readAt;
    if (age > KEYSET_MAX_STALE_MS) throw keysUnavailable('metadata_too_old');
    return entry.record;
  }

  private isYounger(since: number, limit: number): boolean {
    const age = this.deps.clock.now() - since;
    return age >= 0 && age <= limit;
  }

  /** Refreshes the entry if it is due; waits only if the entry is too old. Does not throw if sources fail. */
  private async fresh(provider: string, allowStale: boolean): Promise<Entry> {
    const entry = this.entry(provider);
    const cached = entry.record !== undefined;
    if (cached && this.isYounger(entry.readAt, entry.refreshAfter)) return entry;
    // Only a recent failure counts: after an idle time an old one tells nothing.
    const failing = entry.failedAt !== undefined && this.isYounger(entry.failedAt, MAX_SEALING_AGE_MS);
    if (entry.failedAt !== undefined && this.isYounger(entry.failedAt, KEYSET_RETRY_AFTER_MS)) return entry;
    if (entry.refreshing === undefined) {
      entry.refreshing = this.refresh(provider, entry).finally(() => {
        delete entry.refreshing;
      });
    } else if (cached && (this.isYounger(entry.readAt, MAX_SEALING_AGE_MS) || (allowStale && failing))) {
      return entry;
    }
    await entry.refreshing;
    return entry;
  }

  private async refresh(provider: string, entry: Entry): Promise<void> {
    for (const source of this.nearestFirst()) {
      if ((await this.readFrom(source, provider, entry)) === 'accepted') return;
    }
    entry.failedAt = this.deps.clock.now();
  }

  private nearestFirst(): readonly KeysetReader[] {
    const { local, home, others } = this.deps.sources;
    return local === home ? [home, ...others] : [local, home, ...others];
  }

  /** Reads one source into the entry, if its record counts. */
  private async readFrom(source: KeysetReader, provider: string, entry: Entry): Promise<'accepted' | 'no_answer'> {
    const startedAt = this.deps.clock.now();
    const ordinal = source === this.deps.sources.home ? entry.unknown.noteRead() : 0;
    let record: KeysetRecord;
    try {
      const value = await source.get(provider);
      if (value === undefined) return 'no_answer';
      record = await verifyWithNewestKek(this.deps.secrets, value, provider);
    } catch (thrown) {
      const damaged = thrown instanceof KeywardError && thrown.reason === 'keyset_damaged';
      this.deps.metrics.count(damaged ? 'keyset_damaged' : 'keyset_source_failed');
      return 'no_answer';
    }
    if (record.revision < (entry.record?.revision ?? 0)) {
      this.deps.metrics.count('keyset_lagging');
      return 'no_answer';
    }
    entry.record = record;
    entry.readAt = startedAt;
    entry.refreshAfter =
      KEYSET_REFRESH_AFTER_MS + (this.deps.randomness.publicBytes(1).readUInt8() / 255) * KEYSET_REFRESH_JITTER_MS;
    delete entry.failedAt;
    entry.unknown.noteAnswer(ordinal, startedAt);
    return 'accepted';
  }

  /** Reads the regions until every wanted version is found or home has answered; see {@link UnknownVersions}. */
  private async look(provider: string, wanted: ReadonlySet<number>, entry: Entry): Promise<LookResult> {
    for (const source of this.nearestFirst()) {
      if ((await this.readFrom(source, provider, entry)) !== 'accepted') continue;
      if (source === this.deps.sources.home) return 'home_answered';
      if ([...wanted].every((version) => dekVersion(entry.record as KeysetRecord, version) !== undefined))
        return 'all_found';
    }
    return 'home_silent';
  }

  private unwrap(record: KeysetRecord, version: number): Promise<Dek> {
    return this.deps.deks.get(record.provider, version, async () => {
      const encryptedDek = dekVersion(record, version)?.encrypted_dek;
      const kek = (await this.deps.secrets.current()).keks.get(record.kek_id);
      if (kek === undefined || encryptedDek === undefined) throw keysUnavailable('unknown_kek');
      return unwrapDek(kek, record.provider, version, encryptedDek);
    });
  }
}
