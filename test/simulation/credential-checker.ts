import type { AuditEvent } from '../../lambdas/core/audit/audit-event';
import { isTombstone, type StoredCredential } from '../../lambdas/core/credentials/credential';
import { heldValues } from '../../lambdas/core/credentials/held-values';
import { oldestOf } from '../doubles/stores/credential-scanner';
import { ChangeChecker, UNDERWAY_MS, type CredentialCheckerDependencies } from './change-checker';
import { openRow, opensElsewhere, previousOf, type OpenedRow } from './opened-row';
import { HOME } from './regions';

/** The contents of a row and their start; undefined before its first write. */
interface Held {
  readonly row: OpenedRow | undefined;
  readonly from: number;
}

/** Every write of a credential, opened and compared at the moment of the write. */
export class CredentialChecker {
  readonly written = new Set<string>();
  private readonly histories = new Map<string, Held[]>();
  private readonly changes: ChangeChecker;

  constructor(private readonly deps: CredentialCheckerDependencies) {
    this.changes = new ChangeChecker(deps);
    deps.tables.credentials.onWrite = (region, key, record, before) => {
      // No simulated process damages a row.
      this.onWrite(region, key, record as StoredCredential, before as StoredCredential | undefined);
    };
  }

  /** Whether the home region's row of the name met the condition at some time from `from` to `to`. */
  wasAt(key: string, from: number, to: number, isSuch: (row: OpenedRow | undefined) => boolean): boolean {
    const history: readonly Held[] = [{ row: undefined, from: -Infinity }, ...(this.histories.get(key) ?? [])];
    return history.some(
      (held, index) => held.from <= to && (history[index + 1]?.from ?? Infinity) >= from && isSuch(held.row),
    );
  }

  /** The home region's present row. */
  now(key: string): OpenedRow | undefined {
    return this.histories.get(key)?.at(-1)?.row;
  }

  private onWrite(region: string, key: string, record: StoredCredential, before: StoredCredential | undefined): void {
    const { violations, audit, scheduler, keysets } = this.deps;
    const what = `credential ${key} revision ${record.revision}`;
    violations.demand(region === HOME, 'credentials are written at home alone', `${what} in ${region}`);
    const intent = audit.changed(what, record.write_id);
    this.written.add(record.write_id);
    this.index(key, record);
    for (const row of before === undefined ? [record] : [before, record]) {
      for (const { key_version: version } of heldValues(row)) keysets.noteReference(row.provider, version);
    }
    const row = this.open(what, record);
    if (row === undefined) return;
    const held = this.now(key);
    this.checkTexts(what, row, held, intent);
    this.checkVersions(what, record, before, intent);
    this.changes.check({ what, record, before, row, held, intent });
    const history = this.histories.get(key) ?? [];
    history.push({ row, from: scheduler.now });
    this.histories.set(key, history);
  }

  private index(key: string, record: StoredCredential): void {
    const [oldest] = oldestOf(record);
    this.deps.scheduler.after(this.deps.indexLagMs, () => {
      if (oldest === undefined) this.deps.tables.index.delete(key);
      else this.deps.tables.index.set(key, oldest);
    });
  }

  private open(what: string, record: StoredCredential): OpenedRow | undefined {
    const { violations, keysets } = this.deps;
    const dekOf = (provider: string, version: number) => keysets.dek(provider, version);
    const isElsewhere = opensElsewhere(dekOf, record);
    violations.demand(!isElsewhere, 'a value opens in no place but its own', what);
    try {
      return openRow(dekOf, record);
    } catch {
      violations.report('every stored value opens in its place', what);
      return undefined;
    }
  }

  /** A purged, expired or displaced value is in no row any more. */
  private checkTexts(what: string, row: OpenedRow, held: OpenedRow | undefined, intent: AuditEvent | undefined): void {
    const wanted = this.deps.writes.of(intent?.request_id ?? '')?.wanted;
    const known = new Set([...textsOf(held), ...(wanted?.kind === 'put' ? [wanted.value] : [])]);
    this.deps.violations.demand(
      textsOf(row).every((text) => known.has(text)),
      'what is gone does not come back',
      what,
    );
  }

  /** Newly sealed values use the home region's primary; all other values keep exactly the same token. */
  private checkVersions(
    what: string,
    record: StoredCredential,
    before: StoredCredential | undefined,
    intent: AuditEvent | undefined,
  ): void {
    const { keysets, violations, scheduler, writes } = this.deps;
    const from = writes.of(intent?.request_id ?? '')?.startedAt ?? scheduler.now - UNDERWAY_MS;
    const old = new Set([tokenOf(before), before && previousOf(before)?.ciphertext]);
    for (const sealed of [isTombstone(record) ? undefined : record, previousOf(record)]) {
      if (sealed === undefined || old.has(sealed.ciphertext)) continue;
      violations.demand(
        keysets.wasPrimary(record.provider, sealed.key_version, from, scheduler.now, HOME),
        'a credential is sealed with the primary as home has it',
        `${what} under version ${sealed.key_version}`,
      );
    }
  }
}

const textsOf = (row: OpenedRow | undefined): readonly string[] =>
  [row?.current, row?.previous].flatMap((held) => (held ? [held.value] : []));

const tokenOf = (row: StoredCredential | undefined): string | undefined =>
  row === undefined || isTombstone(row) ? undefined : row.ciphertext;
