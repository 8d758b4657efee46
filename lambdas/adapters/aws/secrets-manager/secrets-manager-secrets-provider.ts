import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CURRENT } from '../../../core/contract/secret-stages';
import { DAY_MS } from '../../../core/contract/time-units';
import { KEK_MAX_STALE_MS, KEK_REGION_TIMEOUT_MS, KEK_RETRY_AFTER_MS } from '../../../core/contract/protocol-times';
import { errorNameOf } from '../../../core/errors/error-names';
import { KeywardError, keysUnavailable } from '../../../core/errors/errors';
import type { FailureReason } from '../../../core/errors/failure-reason';
import { parseKekSecret, type KekKeyset } from '../../../core/crypto/kek-keyset';
import type { OutsideFailure } from '../../../core/errors/outside-failure';
import type { Clock } from '../../../core/ports/clock';
import type { Logger } from '../../../core/ports/logger';
import type { Metrics } from '../../../core/ports/metrics';
import type { SecretsProvider } from '../../../core/keysets/ports/secrets-provider';
import { isNamed, reportFailure, unusableAnswer } from '../observability/name-failures';

/** One region's Secrets Manager. */
export interface KekRegion {
  readonly region: string;
  readonly client: SecretsManagerClient;
}

/** Times are in milliseconds. */
export interface SecretsManagerSecretsProviderConfig {
  /** The secret's name, which is the same in every region; an ARN would name one region alone. */
  readonly secretId: string;
  /** In the order in which they are read: this region, home, the others. */
  readonly regions: readonly KekRegion[];
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Age from which the copy is refreshed. Default 5 minutes. */
  readonly refreshAfterMs?: number;
  /** Maximum age of the copy while no region answers. Default 24 hours. */
  readonly staleCapMs?: number;
  /** Timeout of one region, retries included. Default 1.5 seconds. */
  readonly regionTimeoutMs?: number;
  /** Pause after a failed read of the KEK: a request that needs a new copy fails at once. Default 1 second. */
  readonly retryAfterMs?: number;
  /** The same pause while the copy is still served: a dead store would delay those requests by seconds. Default 15 seconds. */
  readonly staleRetryAfterMs?: number;
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
type Reason = (typeof REASONS)[number];

/** Why a region returned no KEK keyset. */
interface Failure {
  readonly reason: Reason;
  readonly outside?: OutsideFailure;
}

/** Also if only older copies than the held one were returned. */
const NO_ANSWER: Failure = { reason: 'no_region_answered' };

const worse = (a: Failure, b: Failure): Failure => (REASONS.indexOf(a.reason) <= REASONS.indexOf(b.reason) ? a : b);

/**
 * Reads the KEK keyset from AWS Secrets Manager: the version AWSCURRENT, from the first region that returns a usable one, cached
 * in memory. Never logs or returns in an error the secret's value or the SDK's message about it.
 */
export class SecretsManagerSecretsProvider implements SecretsProvider {
  private readonly config: Required<SecretsManagerSecretsProviderConfig>;
  private readonly running = new Map<Search, Promise<KekKeyset>>();
  private held: HeldCopy | undefined;
  private failed: (Failure & { readonly at: number }) | undefined;

  constructor(config: SecretsManagerSecretsProviderConfig) {
    this.config = {
      refreshAfterMs: 5 * 60_000,
      staleCapMs: KEK_MAX_STALE_MS,
      regionTimeoutMs: KEK_REGION_TIMEOUT_MS,
      retryAfterMs: KEK_RETRY_AFTER_MS,
      staleRetryAfterMs: 15_000,
      ...config,
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
    let failure: Failure | undefined;
    for (const source of this.config.regions) {
      const sentAt = this.config.clock.now();
      const answer = await this.askRegion(source);
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

  private async askRegion({ client }: KekRegion): Promise<KekKeyset | Failure> {
    const { secretId, regionTimeoutMs, metrics } = this.config;
    try {
      // AWSCURRENT is explicit because a policy on the stage sees only the request's members (aws/aws-cli#5031).
      const command = new GetSecretValueCommand({ SecretId: secretId, VersionStage: CURRENT });
      const deadline = AbortSignal.timeout(regionTimeoutMs);
      const { SecretString } = await Promise.race([
        client.send(command, { abortSignal: deadline }),
        rejectAt(deadline),
      ]);
      return parseKekSecret(SecretString ?? '');
    } catch (thrown) {
      const reason = reasonOf(thrown);
      metrics.count('kek_source_failed');
      // No answer is an outage; an unusable answer may be tampering.
      if (reason !== 'no_region_answered') metrics.count('kek_unusable');
      const failed = isNamed(thrown) ? thrown : await unusableAnswer(client, 'GetSecretValue', errorNameOf(thrown));
      return { reason, outside: reportFailure(failed, reason === 'no_region_answered' ? undefined : reason) };
    }
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

/** The SDK checks the signal only during a request, not while it finds credentials or waits to retry. */
const rejectAt = (deadline: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    deadline.addEventListener('abort', () => {
      reject(deadline.reason as DOMException);
    });
  });

/** A missing secret, or one without a current value, is an answer: there is no KEK. */
function reasonOf(thrown: unknown): Reason {
  if (nameOf(thrown) === 'ResourceNotFoundException') return 'kek_missing';
  if (!(thrown instanceof KeywardError)) return 'no_region_answered';
  return thrown.reason === 'kek_missing' ? 'kek_missing' : 'kek_damaged';
}

/** Not by `instanceof Error`: Node may throw an error of another realm. */
const nameOf = (thrown: unknown): unknown => (Object(thrown) as { name?: unknown }).name;
