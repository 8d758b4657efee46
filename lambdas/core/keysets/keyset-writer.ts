import type { AuditEventType, AuditMetadata } from '../audit/audit-event';
import { DECISION_MAX_AGE_MS } from '../contract/protocol-times';
import type { KeysetRecord } from './keyset-record';
import type { StepContext } from './step-context';
import { keysetContended, keysUnavailable } from '../errors/errors';
import type { Kek } from '../crypto/kek-keyset';
import type { Randomness } from '../crypto/randomness';
import type { Clock } from '../ports/clock';
import type { KeysetStore } from './ports/keyset-store';
import type { SealingGuard } from './ports/sealing-guard';
import type { SecretsProvider } from './ports/secrets-provider';
import type { AuditTrail } from '../audit/audit-trail';
import type { Caller } from '../ports/caller';
import { verifyWithNewestKek } from './verify-with-newest-kek';

/** One change of a keyset: the next revision, and its audit metadata. */
export interface KeysetChange {
  readonly next: KeysetRecord;
  readonly event_type: AuditEventType;
  readonly operation: string;
  readonly key_version?: number;
  readonly metadata?: AuditMetadata;
  /** Called after the write, before the followers. Never rejects. */
  readonly onWritten?: () => Promise<void>;
}

/** Follows the changes of keysets, and decides nothing. */
export interface KeysetFollower {
  /**
   * Called after every write, unless a crash comes between; so a follower must also catch up by itself.
   *
   * @throws KeywardError `store_unavailable`, `conflict`: the keyset has been changed
   */
  noteChange(before: KeysetRecord, after: KeysetRecord): Promise<void>;
}

export interface KeysetWriterDependencies {
  /** In the home region. */
  readonly keysets: KeysetStore;
  readonly secrets: SecretsProvider;
  /** Guards the MAC and each new version, which are made with the KEK. Left out if sealing never stops. */
  readonly sealing?: SealingGuard;
  readonly trail: AuditTrail;
  readonly follower: KeysetFollower;
  readonly clock: Clock;
  readonly randomness: Randomness;
}

/** Maximum number of attempts of a change when other writers are faster or its intent takes too long to record. */
const MAX_ATTEMPTS = 5;

/** A verified keyset of home, and its KEK. */
export interface KeysetAtHome {
  readonly record: KeysetRecord;
  readonly kek: Kek;
}

/**
 * Reads and changes keysets in the home region, the only one that writes them. Verifies each record, writes on a condition,
 * records intent and outcome, and calls the followers.
 */
export class KeysetWriter {
  constructor(private readonly deps: KeysetWriterDependencies) {}

  /** @throws KeywardError `keys_unavailable`, `store_unavailable` */
  async read(provider: string): Promise<KeysetAtHome> {
    const value = await this.deps.keysets.get(provider);
    if (value === undefined) throw keysUnavailable('keyset_missing');
    const record = await verifyWithNewestKek(this.deps.secrets, value, provider);
    const kek = (await this.deps.secrets.current()).keks.get(record.kek_id);
    if (kek === undefined) throw keysUnavailable('unknown_kek');
    return { record, kek };
  }

  /**
   * Reads, decides, and writes on condition that the record is unchanged. Records intent and outcome of every attempt.
   *
   * @param decide returns undefined if there is nothing to change; an error that it throws is recorded as a refusal
   * @returns the stored keyset, and whether this call changed it
   * @throws KeywardError `conflict` if other writers were faster every time; `outcome_unknown`; `audit_unavailable`; as {@link
   *   read}; and what `decide` throws; `store_unavailable` and `conflict` also if the keyset was changed and a follower failed
   */
  async change(
    caller: Caller,
    provider: string,
    decide: (record: KeysetRecord, deps: StepContext) => KeysetChange | undefined,
  ): Promise<KeysetAtHome & { readonly changed: boolean }> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const { record, kek } = await this.read(provider);
      const now = this.deps.clock.now();
      const change = decide(record, { kek, now, randomness: this.deps.randomness });
      if (change === undefined) return { record, kek, changed: false };
      await this.deps.sealing?.assertMaySeal();
      const { next, event_type, operation, key_version, metadata } = change;
      const result = await this.deps.trail.change(
        caller,
        {
          event_type,
          provider,
          key_version: key_version ?? next.primary_version,
          metadata: { ...metadata, operation, write_id: next.write_id, revision: next.revision },
        },
        () => {
          const age = this.deps.clock.now() - now;
          if (age < 0 || age > DECISION_MAX_AGE_MS) return Promise.resolve('refused');
          return this.deps.keysets.replace(next, record.revision);
        },
      );
      if (result === 'written') {
        await change.onWritten?.();
        await this.deps.follower.noteChange(record, next);
        return { record: next, kek, changed: true };
      }
    }
    throw keysetContended();
  }
}
