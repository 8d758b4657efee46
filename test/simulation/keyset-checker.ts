import { RESTORABLE_MS } from '../../lambdas/core/contract/protocol-times';
import type { Dek } from '../../lambdas/core/crypto/dek';
import type { DekVersionRecord, DekVersionState, KeysetRecord } from '../../lambdas/core/keysets/keyset-record';
import { unwrapDek } from '../../lambdas/core/crypto/wrapped-dek';
import type { AuditChecker } from './audit-checker';
import type { Violations } from './violations';
import { HOME, REGIONS } from './regions';
import type { Scheduler } from './scheduler';
import type { SimulatedKekSecret } from './simulated-kek-secret';
import { valuesOf, type SimulatedTables } from './simulated-tables';

/** The states of one version in the home region, with their times. */
interface VersionHistory {
  readonly states: { readonly at: number; readonly state: DekVersionState }[];
  readonly publishedAt: number;
  /** The last moment at which a current or previous value of a credential was sealed with it. */
  lastReferencedAt: number;
  fingerprint?: string;
}

/** Every process reads a keyset at least once in 60 seconds; two seconds more are for the read itself. */
const PUBLISHED_MS = 62_000;

const MAY_FOLLOW: Readonly<Record<DekVersionState, readonly DekVersionState[]>> = {
  pending: ['pending', 'primary', 'destroyed'],
  primary: ['primary', 'decrypt_only', 'rewrap_only'],
  decrypt_only: ['decrypt_only', 'rewrap_only'],
  rewrap_only: ['rewrap_only', 'destroyed'],
  destroyed: ['destroyed'],
};

/** Checks every write of a keyset at the moment of the write, with access to all keys and all tables. */
export class KeysetChecker {
  readonly written = new Set<string>();
  private readonly versions = new Map<string, VersionHistory>();
  private readonly deks = new Map<string, Dek>();
  private readonly highest = new Map<string, number>();
  /** When each region first had a version as retired. */
  private readonly retiredIn = new Map<string, Map<string, number>>();
  /** When each version became the primary in each region. */
  private readonly primaries: { provider: string; region: string; version: number; from: number; to: number }[] = [];

  constructor(
    private readonly deps: {
      readonly tables: SimulatedTables;
      readonly kekSecret: SimulatedKekSecret;
      readonly audit: AuditChecker;
      readonly violations: Violations;
      readonly scheduler: Scheduler;
      /** The possible error of the time with which a deadline is compared. */
      readonly clockToleranceMs: number;
    },
  ) {
    deps.tables.keysets.onWrite = (region, provider, record, before) => {
      this.onWrite(region, provider, record, before);
    };
    deps.tables.keysets.onArrival = (region, provider, record) => {
      this.noteRetired(region, provider, record);
      this.notePrimary(region, provider, record.primary_version);
    };
  }

  /** The key of a version that exists or existed. */
  dek(provider: string, version: number): Dek | undefined {
    return this.deks.get(keyOf(provider, version));
  }

  /** Whether the version was in that state in the home region at some time from `from` to `to`. */
  wasIn(state: DekVersionState, provider: string, version: number, from: number, to: number): boolean {
    const states = this.versions.get(keyOf(provider, version))?.states ?? [];
    return states.some((entry, index) => {
      const until = states[index + 1]?.at ?? Infinity;
      return entry.state === state && entry.at <= to && until >= from;
    });
  }

  /** Whether the version was the primary in that region, or in any, at some time from `from` to `to`. */
  wasPrimary(provider: string, version: number, from: number, to: number, region?: string): boolean {
    return this.primaries.some(
      (each) =>
        each.provider === provider &&
        each.version === version &&
        (region === undefined || each.region === region) &&
        each.from <= to &&
        each.to >= from,
    );
  }

  /** Whether some region had the version as one that opens tokens at some time from `from` to `to`. */
  wasInAnyRegion(provider: string, version: number, from: number, to: number): boolean {
    const retired = this.retiredIn.get(keyOf(provider, version));
    return REGIONS.some((region) => (retired?.get(region) ?? Infinity) >= from) && to >= from;
  }

  /** A value of a credential is sealed with this version now, or was until now. */
  noteReference(provider: string, version: number): void {
    const history = this.versions.get(keyOf(provider, version));
    if (history !== undefined) history.lastReferencedAt = this.deps.scheduler.now;
  }

  private onWrite(region: string, provider: string, record: KeysetRecord, before: KeysetRecord | undefined): void {
    const { violations, audit, scheduler } = this.deps;
    const what = `keyset ${provider} revision ${record.revision}`;
    violations.demand(region === HOME, 'keysets are written at home alone', `${what} in ${region}`);
    const highest = Math.max(this.highest.get(provider) ?? 0, before?.revision ?? 0);
    violations.demand(record.revision === highest + 1, 'the revision grows by one', `${what} after ${highest}`);
    this.highest.set(provider, Math.max(highest, record.revision));
    const primaries = Object.entries(record.versions).filter(([, { state }]) => state === 'primary');
    violations.demand(
      primaries.length === 1 && primaries[0]![0] === String(record.primary_version),
      'exactly one primary',
      `${what} has ${primaries.map(([version]) => version).join(', ')}`,
    );
    audit.changed(what, record.write_id);
    this.written.add(record.write_id);
    const promoted = before !== undefined && before.primary_version !== record.primary_version;
    violations.demand(
      record.dek_rotation_count === (before?.dek_rotation_count ?? 0) + (promoted ? 1 : 0),
      'dek_rotation_count grows by one a promotion',
      what,
    );
    for (const [number, entry] of Object.entries(record.versions)) {
      this.checkVersion(provider, Number(number), entry, before?.versions[number], record);
    }
    for (const [number, { state }] of Object.entries(before?.versions ?? {})) {
      // A version that was given up before its use may be removed: its number stays used.
      const mayGo = state === 'pending' || number in record.versions;
      violations.demand(mayGo, 'a version stays', `${what} lost version ${number}`);
    }
    if (promoted) this.checkPromotion(provider, record, before);
    if (before !== undefined && before.kek_id !== record.kek_id) this.checkRewrap(what, record);
    this.checkGrace(provider, record, before);
    this.checkCompletion(provider, record, before);
    this.notePrimary(HOME, provider, record.primary_version, scheduler.now);
    this.noteRetired(HOME, provider, record);
  }

  private checkVersion(
    provider: string,
    version: number,
    entry: DekVersionRecord,
    before: DekVersionRecord | undefined,
    record: KeysetRecord,
  ): void {
    const { violations, scheduler, kekSecret } = this.deps;
    const key = keyOf(provider, version);
    const now = scheduler.now;
    let history = this.versions.get(key);
    if (history === undefined) {
      const isFirst = record.revision === 1 && entry.state === 'primary';
      violations.demand(isFirst || entry.state === 'pending', 'a version is published before it is used', key);
      history = { states: [{ at: now, state: entry.state }], publishedAt: now, lastReferencedAt: now };
      this.versions.set(key, history);
    } else {
      const { state } = history.states.at(-1)!;
      const isNew = before === undefined;
      violations.demand(!isNew, 'a version number is never used twice', `${key} came back`);
      violations.demand(
        MAY_FOLLOW[state].includes(entry.state),
        'states follow each other',
        `${key}: ${state} to ${entry.state}`,
      );
      if (state !== entry.state) history.states.push({ at: now, state: entry.state });
    }
    if (entry.encrypted_dek !== undefined && entry.encrypted_dek !== before?.encrypted_dek) {
      const kek = kekSecret.kek(record.kek_id);
      if (kek === undefined) {
        violations.report('every key is under a KEK that is there', key);
        return;
      }
      const dek = unwrapDek(kek, provider, version, entry.encrypted_dek);
      const fingerprint = dek.key.export().toString('base64');
      violations.demand(
        history.fingerprint === undefined || history.fingerprint === fingerprint,
        'one version, one key',
        key,
      );
      history.fingerprint = fingerprint;
      this.deks.set(key, dek);
    }
    if (before !== undefined && before.state !== entry.state)
      this.checkTransition(provider, version, entry, before, record);
  }

  private checkTransition(
    provider: string,
    version: number,
    entry: DekVersionRecord,
    before: DekVersionRecord,
    record: KeysetRecord,
  ): void {
    const { violations, scheduler, tables } = this.deps;
    const now = scheduler.now;
    const key = keyOf(provider, version);
    const isReferenced = valuesOf(tables.credentials, HOME, provider).some(({ key_version: used }) => used === version);
    if (before.state === 'decrypt_only' && entry.state === 'rewrap_only') {
      const isEmergency = record.rotation?.emergency === true && record.rotation.promoted_at === entry.retired_at;
      if (isEmergency) return;
      violations.demand(!isReferenced, 'a version in use is not retired', key);
      const until = Date.parse(before.grace_until ?? '');
      violations.demand(until <= now + this.deps.clockToleranceMs, 'a version is retired after its grace period', key);
    }
    if (entry.state === 'destroyed') {
      violations.demand(!isReferenced, 'a version in use is never destroyed', key);
      if (before.state !== 'rewrap_only') return;
      const notBefore = Date.parse(before.destruction?.not_before ?? '');
      violations.demand(notBefore <= now + this.deps.clockToleranceMs, 'a version is destroyed after its window', key);
      const { lastReferencedAt } = this.versions.get(key)!;
      violations.demand(
        now - lastReferencedAt >= RESTORABLE_MS - this.deps.clockToleranceMs,
        'a version is destroyed after all copies that need it are gone',
        `${key} was referred to ${Math.round((now - lastReferencedAt) / 3_600_000)} hours ago`,
      );
    }
  }

  private checkPromotion(provider: string, record: KeysetRecord, before: KeysetRecord): void {
    const { violations, scheduler, tables, kekSecret } = this.deps;
    const version = record.primary_version;
    const key = keyOf(provider, version);
    const isEmergency = before.rotation?.emergency === true;
    const age = scheduler.now - (this.versions.get(key)?.publishedAt ?? 0);
    if (!isEmergency) {
      violations.demand(
        age >= PUBLISHED_MS - this.deps.clockToleranceMs,
        'published for 62 seconds before promotion',
        `${key}: ${age} ms`,
      );
    }
    for (const region of isEmergency ? [HOME] : REGIONS) {
      const copy = tables.keysets.get(region, provider);
      const hasIt = region === HOME || (copy !== undefined && copy.revision >= before.revision);
      violations.demand(
        hasIt && kekSecret.holds(region, before.kek_id),
        'every region can open a version before it is promoted',
        `${key} in ${region}`,
      );
    }
  }

  private checkRewrap(what: string, { kek_id: kekId }: KeysetRecord): void {
    for (const region of REGIONS) {
      this.deps.violations.demand(
        this.deps.kekSecret.holds(region, kekId),
        'every region has a KEK before a keyset moves to it',
        `${what} in ${region}`,
      );
    }
  }

  private checkGrace(provider: string, record: KeysetRecord, before: KeysetRecord | undefined): void {
    const { violations, tables } = this.deps;
    for (const [number, entry] of Object.entries(record.versions)) {
      if (entry.grace_until === undefined || before?.versions[number]?.grace_until !== undefined) continue;
      for (const region of REGIONS) {
        violations.demand(
          tables.keysets.get(region, provider)?.primary_version === record.primary_version,
          'the grace period starts when every region has the promotion',
          `${keyOf(provider, Number(number))} in ${region}`,
        );
      }
    }
  }

  /** The moment at which a rotation reports that nothing is left under an old version. */
  private checkCompletion(provider: string, record: KeysetRecord, before: KeysetRecord | undefined): void {
    const isCompleted = before?.rotation?.phase === 'rekeying' && record.rotation === undefined;
    // A value that wrong clocks delayed is a straggler: the sweep moves it, and retirement counts again.
    if (!isCompleted || this.deps.clockToleranceMs > 0) return;
    for (const { name, which, key_version: version } of valuesOf(this.deps.tables.credentials, HOME, provider)) {
      this.deps.violations.demand(
        version === record.primary_version,
        'a completed rotation leaves no value under an old version',
        `${provider}/${name} (${which}) is under ${version}`,
      );
    }
  }

  private noteRetired(region: string, provider: string, record: KeysetRecord): void {
    for (const [number, { state }] of Object.entries(record.versions)) {
      if (state !== 'rewrap_only' && state !== 'destroyed') continue;
      const key = keyOf(provider, Number(number));
      const regions = this.retiredIn.get(key) ?? new Map<string, number>();
      if (!regions.has(region)) regions.set(region, this.deps.scheduler.now);
      this.retiredIn.set(key, regions);
    }
  }

  private notePrimary(region: string, provider: string, version: number, now = this.deps.scheduler.now): void {
    const last = this.primaries.findLast((each) => each.region === region && each.provider === provider);
    if (last?.version === version) return;
    if (last !== undefined) last.to = now;
    this.primaries.push({ provider, region, version, from: now, to: Infinity });
  }
}

const keyOf = (provider: string, version: number): string => `${provider} version ${version}`;
