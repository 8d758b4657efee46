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

/** One change of a keyset: the next revision, and what the audit log says of it. */
export interface KeysetChange {
  readonly next: KeysetRecord;
  readonly event_type: AuditEventType;
  readonly operation: string;
  readonly key_version?: number;
  readonly metadata?: AuditMetadata;
  /** What cannot wait for the followers, once it is written. Never rejects. */
  readonly onWritten?: () => Promise<void>;
}

/** Who keeps in step with keysets, and decides nothing. */
export interface KeysetFollower {
  /**
   * Hears of every change once it is written, unless a crash comes between; so it has to catch up by itself, too.
   *
   * @throws KeywardError `store_unavailable`, `conflict`: the keyset is changed all the same
   */
  noteChange(before: KeysetRecord, after: KeysetRecord): Promise<void>;
}

export interface KeysetWriterDependencies {
  /** In the home region. */
  readonly keysets: KeysetStore;
  readonly secrets: SecretsProvider;
  /** A keyset's MAC, and each new version in it, is made with the KEK. Left out where nothing ever stops that. */
  readonly sealing?: SealingGuard;
  readonly trail: AuditTrail;
  readonly follower: KeysetFollower;
  readonly clock: Clock;
  readonly randomness: Randomness;
}

/** How often a change starts again because somebody else wrote the keyset first, or it took too long to announce. */
const MAX_ATTEMPTS = 5;

/** A keyset at home, verified, and the KEK that it is under. */
export interface KeysetAtHome {
  readonly record: KeysetRecord;
  readonly kek: Kek;
}

/** Reads and changes keysets in the home region, where alone they are written: verified, by condition, on record, and followed. */
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
   * Reads, decides, writes by a condition on what was read; intent and outcome of every attempt go on record.
   *
   * @param decide gives undefined where there is nothing to change; what it throws is on record too, as refused
   * @returns what is stored now, and whether this call has changed it
   * @throws KeywardError `conflict` where others kept being faster; `outcome_unknown`; `audit_unavailable`; as read; and
   *   what `decide` throws; `store_unavailable` and `conflict` also where it is changed, and the follower is not in step
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
