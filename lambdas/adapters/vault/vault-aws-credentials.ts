import { SECOND_MS } from '../../core/contract/time-units';
import { KeywardError, toKeywardError } from '../../core/errors/errors';
import type { Clock } from '../../core/ports/clock';
import type { Logger } from '../../core/ports/logger';
import type { AwsKeys, AwsLease, AwsLeases } from './aws-leases';

export interface VaultAwsCredentialsOptions {
  /** In the order in which they are asked. */
  readonly sources: readonly AwsLeases[];
  /** Whether AWS takes the keys of an IAM user by now; false also if AWS does not answer. Never rejects. */
  readonly works: (keys: AwsKeys) => Promise<boolean>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** From the beginning of an attempt to that of the next one; and for which a failure is the answer, so that one request waits once. */
const PAUSE_MS = SECOND_MS;
/** An attempt that goes on for longer slept with the process: its connection has gone, which says nothing about Vault. */
const SLEPT_MS = 30 * SECOND_MS;
/** "You may need to add a delay of 5-10 seconds (or more)": Vault, AWS secrets engine, usage. */
const TRIED_FOR_MS = 15 * SECOND_MS;
const TRY_PAUSE_MS = SECOND_MS / 2;
/** Pause before a user that did not work yet is tried again, while another one serves. */
const UNTRIED_MS = 5 * SECOND_MS;
/** Minimum time between two replacements because AWS refused keys that should be valid. */
const REFUSED_PAUSE_MS = 30 * SECOND_MS;

/**
 * The credentials of AWS clients from Vault. Ages are compared with the clock at the next request, because a frozen process wakes
 * late: no timer. From two thirds of a lease on, a renewal or a replacement runs beside the requests, one for all of them, while
 * the old keys serve until their end. A new IAM user's keys serve when a call of AWS has worked with them. The keys are in no log
 * and no error.
 */
export class VaultAwsCredentials {
  /** Keys that may serve, the newest last. */
  private held: readonly AwsLease[] = [];
  /** A new IAM user whose keys did not work yet. */
  private next: AwsLease | undefined;
  /** The IAM users that were made, by their leases. */
  private readonly users = new Map<string, AwsLease>();
  /** A renewal or a replacement that goes on. Rejects with KeywardError. */
  private work: { readonly startedAt: number; readonly done: Promise<AwsKeys> } | undefined;
  private failure: { readonly error: KeywardError; readonly at: number } | undefined;
  private nextWorkAt = 0;
  private refusedAt = -Infinity;
  private logged: string | undefined;
  private isEnded = false;

  constructor(private readonly deps: VaultAwsCredentialsOptions) {}

  /**
   * The keys to sign a request with now. Waits for Vault only where none are valid.
   *
   * @throws Error with the name of Vault's failure, so that a request that fails for it says why
   */
  async current(): Promise<AwsKeys> {
    const serving = this.serving();
    if (serving !== undefined) {
      // Its failure is logged, and the keys serve on.
      if (this.isDue(serving)) void this.start().catch(() => undefined);
      return serving.keys;
    }
    const now = this.deps.clock.now();
    const slept = this.work !== undefined && now - this.work.startedAt > SLEPT_MS ? this.work : undefined;
    try {
      await slept?.done.catch(() => {
        this.failure = undefined;
      });
      return this.serving()?.keys ?? (await this.start());
    } catch (thrown) {
      throw named(thrown);
    }
  }

  /**
   * Tells that AWS did not take keys: they are expired or deleted, or a new user's that not every server of AWS knows.
   *
   * @returns whether the request may be tried once more with what {@link current} then gives
   */
  refused(accessKeyId: string): boolean {
    const refused = this.held.find(({ keys }) => keys.accessKeyId === accessKeyId);
    const now = this.deps.clock.now();
    // They were replaced, or they ended on the way.
    if (refused === undefined || now >= refused.endsAt) return true;
    const others = this.held.filter((each) => each !== refused);
    const isAgain = Math.abs(now - this.refusedAt) < REFUSED_PAUSE_MS;
    if (isAgain && !others.some(({ endsAt }) => now < endsAt)) return false;
    this.held = others;
    this.refusedAt = now;
    this.nextWorkAt = isAgain ? now + REFUSED_PAUSE_MS : now;
    if (refused.isUser && !refused.isProven) this.next = refused;
    return true;
  }

  /**
   * Ends the leases of IAM users, for a process that ends. No request can be signed afterwards. Keys of STS end by themselves. Never
   * rejects: a user whose lease cannot be ended is deleted by Vault at its end.
   */
  async end(): Promise<void> {
    this.isEnded = true;
    await this.work?.done.catch(() => undefined);
    this.held = [];
    const users = [...this.users.values()];
    this.users.clear();
    await Promise.allSettled(users.map((each) => each.source.revoke(each)));
  }

  private serving(): AwsLease | undefined {
    const now = this.deps.clock.now();
    return this.held.findLast(({ endsAt }) => now < endsAt);
  }

  private isDue({ renewAt, takenAt, isLast }: AwsLease): boolean {
    const now = this.deps.clock.now();
    // A clock that went back says nothing about the age of the keys.
    const isPaused = now < this.nextWorkAt && this.nextWorkAt - now <= REFUSED_PAUSE_MS;
    return !isPaused && (isLast || now >= renewAt || now < takenAt);
  }

  private start(): Promise<AwsKeys> {
    if (this.work !== undefined) return this.work.done;
    const startedAt = this.deps.clock.now();
    const { failure } = this;
    if (failure !== undefined && Math.abs(startedAt - failure.at) < PAUSE_MS) return Promise.reject(failure.error);
    const done = this.renewOrReplace()
      .then(
        (keys) => {
          this.failure = this.logged = undefined;
          return keys;
        },
        (thrown: unknown) => {
          const error = toKeywardError(thrown);
          this.failure = { error, at: this.deps.clock.now() };
          this.log(error);
          throw error;
        },
      )
      .finally(() => {
        this.work = undefined;
        this.nextWorkAt = Math.max(this.nextWorkAt, startedAt + PAUSE_MS);
      });
    this.work = { startedAt, done };
    return done;
  }

  private async renewOrReplace(): Promise<AwsKeys> {
    if (this.isEnded) throw new KeywardError('store_unavailable', 'the process ends');
    const serving = this.serving();
    if (serving?.isUser === true && !serving.isLast) {
      const renewed = await serving.source.renew(serving);
      this.held = this.held.map((each) => (each === serving ? renewed : each));
      this.users.set(renewed.leaseId, renewed);
      if (!renewed.isLast) return renewed.keys;
    }
    const now = this.deps.clock.now();
    const tried = this.next !== undefined && now < this.next.endsAt ? this.next : await this.take();
    return tried.isUser ? this.tryOut(tried) : this.serve(tried);
  }

  private async take(): Promise<AwsLease> {
    let first: unknown;
    for (const source of this.deps.sources) {
      try {
        const taken = await source.take();
        if (taken.isUser) this.remember(taken);
        return taken;
      } catch (thrown) {
        first ??= thrown;
      }
    }
    throw first;
  }

  private remember(user: AwsLease): void {
    const now = this.deps.clock.now();
    for (const [id, { endsAt }] of this.users) if (now >= endsAt) this.users.delete(id);
    this.users.set(user.leaseId, user);
  }

  /** While other keys serve, a new user waits until it works. Without others it serves after a while whatever AWS said. */
  private async tryOut(user: AwsLease): Promise<AwsKeys> {
    const { clock, works } = this.deps;
    this.next = user;
    const until = clock.now() + TRIED_FOR_MS;
    for (;;) {
      if (await works(user.keys)) return this.serve({ ...user, isProven: true });
      if (clock.now() >= until || this.isEnded) break;
      await clock.sleep(TRY_PAUSE_MS);
    }
    const serving = this.serving();
    if (serving === undefined) return this.serve(user);
    this.nextWorkAt = clock.now() + UNTRIED_MS;
    return serving.keys;
  }

  private serve(lease: AwsLease): AwsKeys {
    const now = this.deps.clock.now();
    this.next = undefined;
    this.held = [...this.held.filter(({ endsAt }) => now < endsAt), lease];
    return lease.keys;
  }

  /** What an operator can mend is said once, until it is another thing or has passed. */
  private log({ code, message }: KeywardError): void {
    if (code !== 'configuration_invalid' || message === this.logged) return;
    this.logged = message;
    this.deps.logger.error(message, { code });
  }
}

/** Each caller gets an error of its own: the clients note data about the one that they throw. */
function named(thrown: unknown): Error {
  const { outside } = toKeywardError(thrown);
  const name = outside === undefined || outside.name === 'other' ? 'CredentialsProviderError' : outside.name;
  return Object.assign(new Error('Vault gives no AWS credentials'), { name });
}
