import type { AuditEvent } from '../../lambdas/core/audit/audit-event';
import { canonicalJson } from '../../lambdas/core/crypto/canonical-json';
import {
  credentialContext,
  isTombstone,
  type CredentialRecord,
  type StoredCredential,
} from '../../lambdas/core/credentials/credential';
import { openToken, parseToken } from '../../lambdas/core/crypto/token';
import type { AuditCheck } from './audit-check';
import type { Findings } from './findings';
import type { KeysetCheck } from './keyset-check';
import { HOME } from './regions';
import type { Scheduler } from './scheduler';
import type { SimulatedTables } from './simulated-tables';
import type { UserWrites } from './user-writes';

/** What was stored under a name from when to when; null where nothing was. */
interface Stored {
  readonly value: string | null;
  readonly from: number;
}

/** Every write of a credential, opened and compared in the moment in which it is made. */
export class CredentialCheck {
  readonly written = new Set<string>();
  private readonly histories = new Map<string, Stored[]>();

  constructor(
    private readonly on: {
      readonly tables: SimulatedTables;
      readonly keysets: KeysetCheck;
      readonly audit: AuditCheck;
      readonly writes: UserWrites;
      readonly findings: Findings;
      readonly scheduler: Scheduler;
      readonly indexLagMs: number;
    },
  ) {
    on.tables.credentials.onWrite = (region, key, record, before) => {
      // No simulated process damages a row.
      this.onWrite(region, key, record as StoredCredential, before as StoredCredential | undefined);
    };
  }

  /** Whether home has held this value under the name at some time from `from` to `to`. */
  wasStored(key: string, value: string | null, from: number, to: number): boolean {
    const history = this.histories.get(key) ?? [];
    if (history.length === 0 || history[0]!.from > from) {
      if (value === null) return true;
    }
    return history.some(
      (each, index) => each.value === value && each.from <= to && (history[index + 1]?.from ?? Infinity) >= from,
    );
  }

  /** When home first held this value under the name. */
  storedAt(key: string, value: string): number | undefined {
    return this.histories.get(key)?.find((each) => each.value === value)?.from;
  }

  /** What home holds now, opened. */
  valueOf(record: StoredCredential | undefined): string | null {
    if (record === undefined || isTombstone(record)) return null;
    const dek = this.on.keysets.dek(record.provider, record.key_version);
    if (dek === undefined) throw new Error('no such version');
    return openToken(
      dek,
      credentialContext(record.provider, record.name, record.metadata),
      parseToken(record.ciphertext),
    );
  }

  private onWrite(region: string, key: string, record: StoredCredential, before: StoredCredential | undefined): void {
    const { findings, audit, scheduler, keysets, tables, indexLagMs } = this.on;
    const what = `credential ${key} revision ${record.revision}`;
    findings.demand(region === HOME, 'credentials are written at home alone', `${what} in ${region}`);
    const intent = audit.changed(what, record.write_id);
    this.written.add(record.write_id);
    const version = isTombstone(record) ? undefined : record.key_version;
    scheduler.after(indexLagMs, () => {
      if (version === undefined) tables.index.delete(key);
      else tables.index.set(key, version);
    });
    if (before !== undefined && !isTombstone(before)) keysets.noteReference(before.provider, before.key_version);
    if (version !== undefined) keysets.noteReference(record.provider, version);
    let value: string | null;
    try {
      value = this.valueOf(record);
    } catch {
      findings.report('every stored credential opens', what);
      return;
    }
    const history = this.histories.get(key) ?? [];
    const valueBefore = history.at(-1)?.value ?? null;
    if (intent?.metadata.operation === 'rekey_credentials') this.checkRekey(what, record, before, value, valueBefore);
    else this.checkUserWrite(what, record, before, value, intent);
    if (history.length === 0 || value !== valueBefore || intent?.metadata.operation !== 'rekey_credentials') {
      history.push({ value, from: scheduler.now });
      this.histories.set(key, history);
    }
  }

  private checkRekey(
    what: string,
    record: StoredCredential,
    before: StoredCredential | undefined,
    value: string | null,
    valueBefore: string | null,
  ): void {
    const { findings } = this.on;
    const isSame =
      before !== undefined &&
      !isTombstone(before) &&
      !isTombstone(record) &&
      value === valueBefore &&
      shownOf(record) === shownOf(before);
    findings.demand(isSame, 'a rekey changes nothing but the key, and an update in between wins', what);
  }

  private checkUserWrite(
    what: string,
    record: StoredCredential,
    before: StoredCredential | undefined,
    value: string | null,
    intent: AuditEvent | undefined,
  ): void {
    const { findings, keysets, writes, scheduler } = this.on;
    findings.demand(record.revision === (before?.revision ?? 0) + 1, 'the revision of a credential grows by one', what);
    const write = writes.of(intent?.request_id ?? '');
    findings.demand(
      write !== undefined && write.value === value && write.outcome !== 'refused',
      'what is stored is what a user asked for',
      what,
    );
    if (write === undefined || isTombstone(record)) return;
    const metadata = write.metadata ?? (before === undefined || isTombstone(before) ? {} : before.metadata);
    findings.demand(
      canonicalJson(record.metadata) === canonicalJson(metadata),
      'metadata is what a user asked for, or what was there',
      what,
    );
    findings.demand(
      keysets.wasPrimary(record.provider, record.key_version, write.startedAt, scheduler.now, HOME),
      'a credential is sealed with the primary as home has it',
      `${what} under version ${record.key_version}`,
    );
  }
}

/** All that a caller sees of a credential. */
const shownOf = ({ ciphertext: _, key_version: __, write_id: ___, ...shown }: CredentialRecord): string =>
  canonicalJson(shown);
