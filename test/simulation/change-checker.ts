import type { AuditEvent } from '../../lambdas/core/audit/audit-event';
import { canonicalJson } from '../../lambdas/core/crypto/canonical-json';
import { isTombstone, type StoredCredential } from '../../lambdas/core/credentials/credential';
import type { AuditChecker } from './audit-checker';
import { expectedAfter, keptOf, type ExpectedRow } from './expected-row';
import type { Violations } from './violations';
import type { KeysetChecker } from './keyset-checker';
import { previousOf, type OpenedPrevious, type OpenedRow } from './opened-row';
import type { Scheduler } from './scheduler';
import type { SimulatedTables } from './simulated-tables';
import type { UserWrite, UserWrites } from './user-writes';

export interface CredentialCheckerDependencies {
  readonly tables: SimulatedTables;
  readonly keysets: KeysetChecker;
  readonly audit: AuditChecker;
  readonly writes: UserWrites;
  readonly violations: Violations;
  readonly scheduler: Scheduler;
  readonly indexLagMs: number;
  /** The number of days for which a previous value is kept. */
  readonly keptDays: number;
  readonly maxClockErrorMs: number;
}

/** One write of a row, with the row before and after it. */
interface WrittenRow {
  readonly what: string;
  readonly record: StoredCredential;
  readonly before: StoredCredential | undefined;
  readonly row: OpenedRow;
  readonly held: OpenedRow | undefined;
  readonly intent: AuditEvent | undefined;
}

const DAY_MS = 86_400_000;
/** The maximum time between a change's read and its write. */
export const UNDERWAY_MS = 150_000;

/** Whether each write does exactly what was requested. */
export class ChangeChecker {
  constructor(private readonly deps: CredentialCheckerDependencies) {}

  check(written: WrittenRow): void {
    switch (written.intent?.metadata.operation) {
      case 'rekey_credentials':
        this.checkRekey(written);
        break;
      case 'expire_previous_values':
        this.checkExpiry(written);
        break;
      default:
        this.checkUserWrite(written);
    }
  }

  /** Whether the time of a previous value may be over by the clock of a process that read it recently. */
  mayBeOver(replacedAt: string, at = this.deps.scheduler.now): boolean {
    return this.endOf(replacedAt) <= at + this.deps.maxClockErrorMs;
  }

  private mayBeLeft(replacedAt: string): boolean {
    return this.endOf(replacedAt) > this.deps.scheduler.now - UNDERWAY_MS - this.deps.maxClockErrorMs;
  }

  private endOf(replacedAt: string): number {
    return Date.parse(replacedAt) + this.deps.keptDays * DAY_MS;
  }

  private checkRekey({ what, record, before, row, held }: WrittenRow): void {
    const isSame =
      before !== undefined && withoutKeys(record) === withoutKeys(before) && canonicalJson(row) === canonicalJson(held);
    this.demand(isSame, 'a rekey changes nothing but the keys, and an update in between wins', what);
  }

  private checkExpiry({ what, record, before }: WrittenRow): void {
    const due = before === undefined ? undefined : previousOf(before);
    const isDue = due !== undefined && this.mayBeOver(due.replaced_at);
    this.demand(isDue, 'only a previous value whose time is over is erased', what);
    const isSame = before !== undefined && rest(record) === rest({ ...before, previous: undefined } as never);
    this.demand(isSame, 'expiry changes nothing but the previous value', what);
  }

  private checkUserWrite({ what, record, before, row, held, intent }: WrittenRow): void {
    const { writes, scheduler, keptDays } = this.deps;
    this.demand(row.revision === (held?.revision ?? 0) + 1, 'the revision of a credential grows by one', what);
    const write = writes.of(intent?.request_id ?? '');
    this.demand(
      write !== undefined && write.outcome !== 'refused' && write.effect === undefined,
      'what is stored is what a user asked for, once',
      what,
    );
    if (write === undefined) return;
    write.effect = { at: scheduler.now, row };
    const expected = expectedAfter(write.wanted, held, keptDays);
    if (expected === undefined) {
      this.demand(false, 'a change is made only of what is there', `${what}: ${write.wanted.kind}`);
      return;
    }
    this.checkCurrent(what, write, row, expected);
    this.checkPrevious(`${what}: ${write.wanted.kind}`, { record, before, row, held }, write, expected);
    const noted = expected.noted === 'left' && row.previous === null ? undefined : expected.noted;
    const isTold = intent?.metadata.previous_value === noted;
    this.demand(isTold, 'the events of a change say what became of the value before', what);
    if (write.wanted.kind === 'purge') {
      const changed = ['revision', 'write_id', 'updated_at', 'previous'];
      const isSame = before !== undefined && without(record, changed) === without(before, changed);
      this.demand(isSame, 'a purge leaves the current value as it is', what);
    }
  }

  private checkCurrent(what: string, { wanted, startedAt }: UserWrite, row: OpenedRow, expected: ExpectedRow): void {
    const { current } = row;
    const isSame =
      current === null || expected.current === null
        ? current === expected.current
        : current.value === expected.current.value &&
          current.metadata === expected.current.metadata &&
          (expected.current.created_at === undefined
            ? this.isNow(current.created_at, startedAt)
            : current.created_at === expected.current.created_at) &&
          this.isNow(current.updated_at, startedAt);
    const invariant =
      wanted.kind === 'restore'
        ? 'a restore brings back the previous value'
        : 'what is stored is what a user asked for';
    this.demand(isSame, invariant, `${what}: ${wanted.kind}`);
  }

  private checkPrevious(
    what: string,
    { record, before, row, held }: Omit<WrittenRow, 'what' | 'intent'>,
    { startedAt }: UserWrite,
    expected: ExpectedRow,
  ): void {
    const { previous } = row;
    if (expected.previous === 'none') {
      this.demand(previous === null, 'nothing is kept of what is purged or restored', what);
    } else if (expected.previous === 'kept') {
      const kept = held && keptOf(held);
      const isKept =
        previous !== null &&
        this.isNow(previous.replaced_at, startedAt) &&
        canonicalJson({ ...previous, replaced_at: '' }) === canonicalJson({ ...kept, replaced_at: '' });
      this.demand(isKept, 'what is replaced or deleted is kept as it was', what);
    } else this.checkLeft(what, previous, previousJson(record) === previousJson(before), held?.previous ?? null);
  }

  private checkLeft(what: string, previous: OpenedPrevious | null, isSame: boolean, held: OpenedPrevious | null): void {
    const isLeft = previous !== null && isSame && this.mayBeLeft(previous.replaced_at);
    const isRightlyNone = previous === null && (held === null || this.mayBeOver(held.replaced_at));
    this.demand(isLeft || isRightlyNone, 'a previous value is left as it is until its time is over', what);
  }

  /** Whether a process may have read this time from its clock while it made the change. */
  private isNow(time: string, startedAt: number): boolean {
    const { scheduler, maxClockErrorMs } = this.deps;
    const at = Date.parse(time);
    return at >= Math.floor(startedAt - maxClockErrorMs) && at <= scheduler.now + maxClockErrorMs;
  }

  private demand(holds: boolean, invariant: string, what: string): void {
    this.deps.violations.demand(holds, invariant, what);
  }
}

/** Everything that a caller sees of a row, and the places of its values. */
const withoutKeys = (row: StoredCredential): string => {
  const previous = previousOf(row);
  const { write_id: _, ...shown } = isTombstone(row) ? row : { ...row, ciphertext: '', key_version: 0 };
  const kept = previous && { ...previous, ciphertext: '', key_version: 0 };
  return canonicalJson({ ...shown, previous: kept ?? null });
};

const without = (row: StoredCredential, names: readonly string[]): string => {
  const members = Object.entries(row).filter(([name, value]) => !names.includes(name) && value !== undefined);
  return canonicalJson(Object.fromEntries(members));
};

const rest = (row: StoredCredential): string => without(row, ['write_id']);

const previousJson = (row: StoredCredential | undefined): string => canonicalJson((row && previousOf(row)) ?? null);
