import { DAY_MS } from '../contract/time-units';
import { KEK_MAX_STALE_MS, KEK_RETRY_AFTER_MS } from '../contract/protocol-times';
import type { KekKeyset } from '../crypto/kek-keyset';
import { keysUnavailable } from '../errors/errors';
import type { FailureReason } from '../errors/failure-reason';
import type { OutsideFailure } from '../errors/outside-failure';
import type { Clock } from '../ports/clock';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';
import type { SecretsProvider } from './ports/secrets-provider';

/** Times are in milliseconds. */
export interface KekCopyTimes {
  /** Age from which the copy is refreshed. Default 5 minutes. */
  readonly refreshAfterMs?: number;
  /** Maximum age of the copy while no region answers. Default 24 hours. */
  readonly staleCapMs?: number;
  /** Pause after a failed read of the KEK: a request that needs a new copy fails at once. Default 1 second. */
  readonly retryAfterMs?: number;
  /** The same pause while the copy is still served: a dead store would delay those requests by seconds. Default 15 seconds. */
  readonly staleRetryAfterMs?: number;
}

/** Where the KEK keyset is read, in one region. */
interface KekSource {
  readonly region: string;
  /** Reads it now, within a time limit of its own. Never rejects. */
  readonly read: () => Promise<KekKeyset | KekReadFailure>;
}

export interface KekCopyDependencies extends KekCopyTimes {
  /** In the order in which they are read: this region, home, the others. */
  readonly sources: readonly KekSource[];
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** `any`: the first usable answer is enough. `newer`: regions are read until one has a KEK that the copy lacks. */
type Search = 'any' | 'newer';

interface HeldCopy {
  readonly keyset: KekKeyset;
  /** When the request was sent that returned or confirmed it. */
  confirmedAt: number;
}

/** If regions fail for different reasons, the first of these is reported. */
const REASONS = ['kek_damaged', 'kek_missing', 'no_region_answered'] as const satisfies readonly FailureReason[];
export type KekReadReason = (typeof REASONS)[number];

/** Why a region returned no KEK keyset. */
export interface KekReadFailure {
  readonly reason: KekReadReason;
  readonly outside?: OutsideFailure;
}

/** Also if only older copies than the held one were returned. */
const NO_ANSWER: KekReadFailure = { reason: 'no_region_answered' };

const worse = (a: KekReadFailure, b: KekReadFailure): KekReadFailure =>
  REASONS.indexOf(a.reason) <= REASONS.indexOf(b.reason) ? a : b;

/**
 * The copy of the KEK keyset in memory: taken from the first source that returns a usable one, refreshed by its age, and served
 * for a while when none answers. Never logs or returns in an error the secret's value.
 */
export class KekCopy implements SecretsProvider {
  private readonly config: Required<KekCopyDependencies>;
  private readonly running = new Map<Search, Promise<KekKeyset>>();
  private held: HeldCopy | undefined;
  private failed: (KekReadFailure & { readonly at: number }) | undefined;

  constructor(deps: KekCopyDependencies) {
    this.config = {
      refreshAfterMs: 5 * 60_000,
      staleCapMs: KEK_MAX_STALE_MS,
      retryAfterMs: KEK_RETRY_AFTER_MS,
      staleRetryAfterMs: 15_000,
      ...deps,
    };
  }

  async current(): Promise<KekKeyset> {
    const copy = this.usableCopy();
    if (copy === undefined) return this.ask('any', this.config.retryAfterMs);
    if (this.ageOf(copy) < this.config.refreshAfterMs) return copy.keyset;
    // One caller waits for the store; the others use the copy meanwhile.
    if (this.running.size > 0) return copy.keyset;
    return this.ask('any', this.config.staleRetryAfterMs).catch(() => copy.keyset);
  }

  async refresh(): Promise<KekKeyset> {
    this.usableCopy();
    return this.ask('newer', this.config.retryAfterMs);
  }

  /** The held copy, unless no region has confirmed it for too long. */
  private usableCopy(): HeldCopy | undefined {
    if (this.held !== undefined && this.ageOf(this.held) >= this.config.staleCapMs) this.held = undefined;
    return this.held;
  }

  /** If the clock went back, the copy is due for a refresh and its age starts again. */
  private ageOf(copy: HeldCopy): number {
    const { clock, refreshAfterMs } = this.config;
    const now = clock.now();
    if (now < copy.confirmedAt) copy.confirmedAt = now - refreshAfterMs;
    return now - copy.confirmedAt;
  }

  private ask(search: Search, pauseMs: number): Promise<KekKeyset> {
    const shared = this.running.get(search);
    if (shared !== undefined) return shared;
    const sinceFailure = this.failed === undefined ? undefined : this.config.clock.now() - this.failed.at;
    if (this.failed !== undefined && sinceFailure !== undefined && sinceFailure >= 0 && sinceFailure < pauseMs) {
      return Promise.reject(keysUnavailable(this.failed.reason, this.failed.outside));
    }
    const started = this.askRegions(search).finally(() => this.running.delete(search));
    this.running.set(search, started);
    return started;
  }

  private async askRegions(search: Search): Promise<KekKeyset> {
    const known = this.held?.keyset;
    let taken: KekKeyset | undefined;
    let failure: KekReadFailure | undefined;
    for (const source of this.config.sources) {
      const sentAt = this.config.clock.now();
      const answer = await source.read();
      if ('reason' in answer) {
        failure = failure === undefined ? answer : worse(failure, answer);
        continue;
      }
      if (this.held !== undefined && isOlder(answer, this.held.keyset)) {
        this.config.logger.warn('a region returned an older KEK secret', { region: source.region });
        continue;
      }
      this.held = { keyset: answer, confirmedAt: sentAt };
      taken = answer;
      if (search === 'any' || known === undefined || hasKekBeyond(answer, known)) break;
    }
    if (taken === undefined) {
      const { reason, outside } = failure ?? NO_ANSWER;
      this.failed = { at: this.config.clock.now(), reason, ...(outside !== undefined && { outside }) };
      throw keysUnavailable(reason, outside);
    }
    this.failed = undefined;
    const age = this.config.clock.now() - Date.parse(taken.primaryCreatedAt);
    this.config.metrics.gauge('kek_age_days', Math.max(0, age) / DAY_MS);
    return taken;
  }
}

/**
 * Whether `answer` is older than `held`. A replica region that lags still returns the version before a rotation, which must not
 * replace a newer copy. Every rotation makes a new primary, so an older version has an older primary and lacks a later KEK. Both
 * are required: a missing KEK alone does not mean older, because a KEK leaves the secret after 40 days of disuse; nor does an
 * older primary alone, because a keyset that lacks no KEK opens all that the held copy opens. A secret that was restored from an
 * escrow also looks older: it is accepted when the held copy has reached its maximum age, or after a restart.
 */
function isOlder(answer: KekKeyset, held: KekKeyset): boolean {
  return Date.parse(answer.primaryCreatedAt) < Date.parse(held.primaryCreatedAt) && hasKekBeyond(held, answer);
}

/** Whether `keyset` has a KEK that `other` does not have. */
const hasKekBeyond = (keyset: KekKeyset, other: KekKeyset): boolean =>
  [...keyset.keks.keys()].some((id) => !other.keks.has(id));
