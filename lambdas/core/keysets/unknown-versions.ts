import { dekVersion } from './dek-keyset';
import { HOME_ANSWER_HOLDS_MS, LOOK_INTERVAL_MS } from '../contract/protocol-times';
import type { DekVersionRecord, KeysetRecord } from './keyset-record';
import { nextVersion } from './dek-keyset';
import { decryptionFailed, keysUnavailable } from '../errors/errors';
import type { Clock } from '../ports/clock';
import type { Metrics } from '../ports/metrics';

/** Maximum number of requests that wait for the next version; further ones get a 503. */
const MOST_WAITING = 64;

/** The result of a read of the regions: home answered, home did not answer, or all was found before home was read. */
export type LookResult = 'home_answered' | 'home_silent' | 'all_found';

export interface UnknownVersionsDependencies {
  /** The keyset as it is known now. */
  readonly record: () => KeysetRecord;
  /**
   * Reads the regions, nearest first, until every number in `wanted` is known or home has answered. Numbers may be added to
   * `wanted` while it runs. Never rejects.
   */
  readonly look: (wanted: ReadonlySet<number>) => Promise<LookResult>;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

interface Look {
  readonly startedAt: number;
  readonly wanted: Set<number>;
  readonly result: Promise<LookResult>;
}

/** A read of home's keyset that was answered. */
interface HomeAnswer {
  /** Number of reads of home that had begun, this one included. */
  readonly ordinal: number;
  readonly startedAt: number;
}

/**
 * Decides about version numbers that a provider's cached keyset lacks. Only home can tell that a version does not exist: one read
 * does so for every number that never existed or is gone, and for those above the next one. The next number is the only one that
 * may appear, so a request for it waits for a read that began after the request.
 */
export class UnknownVersions {
  private readsOfHome = 0;
  private answer: HomeAnswer | undefined;
  private running: Look | undefined;
  private last: { readonly startedAt: number; readonly result: LookResult } | undefined;
  private pause: Promise<void> | undefined;
  private waiting = 0;

  constructor(private readonly deps: UnknownVersionsDependencies) {}

  /** Must be called when any read of home begins. @returns the ordinal for {@link noteAnswer} */
  noteRead(): number {
    this.readsOfHome += 1;
    return this.readsOfHome;
  }

  /** Must be called when a read of home was answered. */
  noteAnswer(ordinal: number, startedAt: number): void {
    if (ordinal > (this.answer?.ordinal ?? 0)) this.answer = { ordinal, startedAt };
  }

  /** A mark of this moment: a read that begins later is new to the request that took the mark. */
  get now(): number {
    return this.readsOfHome;
  }

  /**
   * Resolves to the version once it is known.
   *
   * @param since the mark that was taken when the request arrived
   * @throws KeywardError `decryption_failed` if home does not have it; `keys_unavailable` if home does not answer or too many
   *   requests wait for the next number
   */
  async find(version: number, since: number): Promise<DekVersionRecord> {
    let isWaiting = false;
    try {
      for (;;) {
        const record = this.deps.record();
        const known = dekVersion(record, version);
        if (known !== undefined) return known;
        const isNext = version === nextVersion(record);
        if (this.isConfirmedMissing(isNext, since)) throw decryptionFailed('unknown_version');
        if (isNext && !isWaiting) {
          if (this.waiting >= MOST_WAITING) throw this.unconfirmed();
          this.waiting += 1;
          isWaiting = true;
        }
        const result = await (isNext ? this.lookAnew(version) : this.lookOnce(version));
        if (result === 'home_silent' && dekVersion(this.deps.record(), version) === undefined) throw this.unconfirmed();
      }
    } finally {
      if (isWaiting) this.waiting -= 1;
    }
  }

  private unconfirmed(): Error {
    this.deps.metrics.count('version_unconfirmed');
    return keysUnavailable('unknown_version');
  }

  private isConfirmedMissing(isNext: boolean, since: number): boolean {
    if (this.answer === undefined) return false;
    return this.answer.ordinal > since || (!isNext && this.isWithin(this.answer.startedAt, HOME_ANSWER_HOLDS_MS));
  }

  /** Shares a read that is running; a read without home's answer counts for a while. */
  private lookOnce(version: number): Promise<LookResult> {
    if (this.running !== undefined) return this.join(this.running, version);
    const { last } = this;
    if (last?.result === 'home_silent' && this.isWithin(last.startedAt, HOME_ANSWER_HOLDS_MS))
      return Promise.resolve('home_silent');
    return this.start(version);
  }

  /** Waits for a running read, which may find the version; if it began too early to deny it, waits for the next one. */
  private async lookAnew(version: number): Promise<LookResult> {
    if (this.running === undefined) await this.untilNextLook();
    return this.running === undefined ? this.start(version) : this.join(this.running, version);
  }

  /** All waiting requests share the pause, so that one read follows it. */
  private async untilNextLook(): Promise<void> {
    const { last, deps } = this;
    if (last === undefined || !this.isWithin(last.startedAt, LOOK_INTERVAL_MS)) return;
    this.pause ??= deps.clock.sleep(last.startedAt + LOOK_INTERVAL_MS - deps.clock.now()).finally(() => {
      this.pause = undefined;
    });
    await this.pause;
  }

  private join(look: Look, version: number): Promise<LookResult> {
    look.wanted.add(version);
    return look.result;
  }

  private start(version: number): Promise<LookResult> {
    const startedAt = this.deps.clock.now();
    const wanted = new Set([version]);
    const result = this.deps.look(wanted).then((ended) => {
      this.running = undefined;
      this.last = { startedAt, result: ended };
      return ended;
    });
    this.running = { startedAt, wanted, result };
    return result;
  }

  /** False if the clock went back. */
  private isWithin(since: number, limit: number): boolean {
    const age = this.deps.clock.now() - since;
    return age >= 0 && age <= limit;
  }
}
