import { KeywardError } from '../../lambdas/core/errors/errors';
import type { Application } from '../../lambdas/core/runtime/create-application';
import type { Caller } from '../../lambdas/core/ports/caller';
import type { WorkResult } from './simulated-process';
import type { IssuedToken } from './token-book';
import type { World } from './world';

/** The result that a user received. */
export type CallOutcome<T> =
  | { readonly kind: 'answer'; readonly value: T }
  | { readonly kind: 'refusal'; readonly code: string }
  | { readonly kind: 'nothing' };

/** Refusals after which a user tries again. */
export const TRY_AGAIN: ReadonlySet<string> = new Set(['audit_unavailable', 'keys_unavailable', 'store_unavailable']);

/** The maximum age of a process' copy of keys, and the maximum time until a running request is answered. */
const STALE_MS = 60_000;

/** Users of the API in all regions. Each result is checked against all earlier ones. */
export class Users {
  private requests = 0;
  /** The time since which no fault is active; Infinity while faults last. */
  quietSince = Infinity;

  constructor(private readonly world: World) {}

  async encrypt(region: string, provider: string): Promise<CallOutcome<IssuedToken>> {
    const request = this.request('encrypt');
    const plaintext = `text of ${request.caller.request_id}`;
    const context = { purpose: request.caller.request_id };
    const outcome = await this.ask(region, request, (api) =>
      api.encrypt(request.caller, { provider, plaintext, context }),
    );
    if (outcome.kind !== 'answer') return outcome;
    const { ciphertext, key_version: version } = outcome.value;
    this.checkAnswered(request, ['encrypt']);
    this.checkSealedWith(request, provider, version);
    const token = { provider, version, ciphertext, plaintext, context };
    this.world.checkers.tokens.add(token);
    return { kind: 'answer', value: token };
  }

  async decrypt(region: string, token: IssuedToken): Promise<CallOutcome<string>> {
    const request = this.request('decrypt');
    const outcome = await this.ask(region, request, (api) => api.decrypt(request.caller, token));
    if (outcome.kind === 'refusal') this.checkRefusal(request, token, outcome.code, 'decrypt');
    if (outcome.kind !== 'answer') return outcome;
    const { plaintext } = outcome.value;
    this.checkAnswered(request, ['decrypt']);
    this.demand(plaintext === token.plaintext, 'every token opens to what was sealed', request);
    // Retired for longer than any process can miss it, without an active fault.
    const since = request.startedAt - STALE_MS - this.tolerance;
    if (this.quietSince < since) {
      const { keysets } = this.world.checkers;
      const isUsable = keysets.wasInAnyRegion(token.provider, token.version, since, this.now);
      this.demand(isUsable, 'a retired version opens nothing any more', request);
    }
    return { kind: 'answer', value: plaintext };
  }

  async rewrap(region: string, token: IssuedToken): Promise<CallOutcome<IssuedToken>> {
    const request = this.request('rewrap');
    const outcome = await this.ask(region, request, (api) => api.rewrap(request.caller, token));
    if (outcome.kind === 'refusal') this.checkRefusal(request, token, outcome.code, 'rewrap');
    if (outcome.kind !== 'answer') return outcome;
    this.checkAnswered(request, ['rewrap']);
    const { ciphertext, key_version: version } = outcome.value;
    this.checkSealedWith(request, token.provider, version);
    const moved = { ...token, ciphertext, version };
    this.world.checkers.tokens.add(moved);
    return { kind: 'answer', value: moved };
  }

  /** Runs an operation of a region's API. */
  async ask<T>(region: string, request: UserRequest, work: (api: Application) => Promise<T>): Promise<CallOutcome<T>> {
    const result = await this.world.functions.api.get(region)!.run(work);
    this.world.functions.note(`${request.caller.request_id} in ${region}`, result);
    return this.outcome(request, result);
  }

  private outcome<T>(request: UserRequest, result: WorkResult<T>): CallOutcome<T> {
    switch (result.kind) {
      case 'answered':
        return { kind: 'answer', value: result.value };
      case 'crashed':
        return { kind: 'nothing' };
      case 'threw': {
        const isOurs = result.error instanceof KeywardError;
        if (!isOurs) this.demand(false, 'nothing fails unexpectedly', request, String(result.error));
        return { kind: 'refusal', code: isOurs ? result.error.code : 'internal' };
      }
    }
  }

  /** Every answered caller is in the audit log. */
  checkAnswered({ caller }: UserRequest, types: readonly string[]): void {
    this.world.checkers.audit.answered(caller.request_id, types);
  }

  private checkSealedWith(request: UserRequest, provider: string, version: number): void {
    const from = request.startedAt - STALE_MS - this.tolerance;
    this.demand(
      this.world.checkers.keysets.wasPrimary(provider, version, from, this.now),
      'tokens are sealed with a primary of the last 60 seconds',
      request,
      `${provider} version ${version}`,
    );
  }

  private checkRefusal(
    request: UserRequest,
    { provider, version }: IssuedToken,
    code: string,
    what: 'decrypt' | 'rewrap',
  ): void {
    if (TRY_AGAIN.has(code)) return;
    const { keysets } = this.world.checkers;
    const was = (state: 'rewrap_only' | 'destroyed'): boolean =>
      keysets.wasIn(state, provider, version, -Infinity, this.now);
    const isDue =
      (code === 'key_version_retired' && what === 'decrypt' && was('rewrap_only')) ||
      (code === 'decryption_failed' && was('destroyed'));
    this.demand(
      isDue,
      'every token opens until its version is destroyed',
      request,
      `${provider} version ${version}: ${code}`,
    );
  }

  demand(holds: boolean, invariant: string, request: UserRequest, detail = ''): void {
    this.world.violations.demand(holds, invariant, `${request.caller.request_id} ${detail}`);
  }

  request(what: string): UserRequest {
    this.requests += 1;
    const caller: Caller = {
      user_id: 'arn:aws:iam::000000000000:user/simulated',
      ip_address: '192.0.2.1',
      user_agent: null,
      request_id: `${what} ${this.requests}`,
    };
    return { caller, startedAt: this.now };
  }

  private get now(): number {
    return this.world.scheduler.now;
  }

  private get tolerance(): number {
    return 2 * this.world.options.maxClockErrorMs;
  }
}

/** One request of a user. */
export interface UserRequest {
  readonly caller: Caller;
  readonly startedAt: number;
}
