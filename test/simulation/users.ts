import { KeywardError } from '../../lambdas/core/errors/errors';
import type { Precondition } from '../../lambdas/core/ports/precondition';
import type { Application } from '../../lambdas/core/runtime/create-application';
import type { Caller } from '../../lambdas/core/ports/caller';
import { credentialKey } from '../doubles/stores/credential-store';
import type { WorkResult } from './simulated-process';
import type { IssuedToken } from './token-book';
import type { Wanted } from './user-writes';
import type { World } from './world';

/** What a user was told. */
export type Told<T> =
  | { readonly kind: 'answer'; readonly value: T }
  | { readonly kind: 'refusal'; readonly code: string }
  | { readonly kind: 'nothing' };

/** Refusals that say: try again. */
const TRY_AGAIN: ReadonlySet<string> = new Set(['audit_unavailable', 'keys_unavailable', 'store_unavailable']);
/** Refusals of a change that say: nothing was stored. */
const REFUSED: ReadonlySet<string> = new Set(['precondition_failed', 'conflict', 'credential_not_found']);

/** How old what a process knows of keys may be, and how long until a request under way is answered. */
const STALE_MS = 60_000;

/** Users of the API in all regions. What each of them is told is checked against what all of them did before. */
export class Users {
  private requests = 0;
  /** Since when nothing is wrong with anything; Infinity while faults last. */
  quietSince = Infinity;

  constructor(private readonly world: World) {}

  async encrypt(region: string, provider: string): Promise<Told<IssuedToken>> {
    const request = this.request('encrypt');
    const plaintext = `text of ${request.caller.request_id}`;
    const context = { purpose: request.caller.request_id };
    const told = await this.ask(region, request, (api) =>
      api.encrypt(request.caller, { provider, plaintext, context }),
    );
    if (told.kind !== 'answer') return told;
    const { ciphertext, key_version: version } = told.value;
    this.checkAnswered(request, ['encrypt']);
    this.checkSealedWith(request, provider, version);
    const token = { provider, version, ciphertext, plaintext, context };
    this.world.checks.tokens.add(token);
    return { kind: 'answer', value: token };
  }

  async decrypt(region: string, token: IssuedToken): Promise<Told<string>> {
    const request = this.request('decrypt');
    const told = await this.ask(region, request, (api) => api.decrypt(request.caller, token));
    if (told.kind === 'refusal') this.checkRefusal(request, token, told.code, 'decrypt');
    if (told.kind !== 'answer') return told;
    const { plaintext } = told.value;
    this.checkAnswered(request, ['decrypt']);
    this.demand(plaintext === token.plaintext, 'every token opens to what was sealed', request);
    // Retired for longer than any process may be unaware of it, while nothing was wrong.
    const since = request.startedAt - STALE_MS - this.tolerance;
    if (this.quietSince < since) {
      const { keysets } = this.world.checks;
      const isUsable = keysets.wasInAnyRegion(token.provider, token.version, since, this.now);
      this.demand(isUsable, 'a retired version opens nothing any more', request);
    }
    return { kind: 'answer', value: plaintext };
  }

  async rewrap(region: string, token: IssuedToken): Promise<Told<IssuedToken>> {
    const request = this.request('rewrap');
    const told = await this.ask(region, request, (api) => api.rewrap(request.caller, token));
    if (told.kind === 'refusal') this.checkRefusal(request, token, told.code, 'rewrap');
    if (told.kind !== 'answer') return told;
    this.checkAnswered(request, ['rewrap']);
    const { ciphertext, key_version: version } = told.value;
    this.checkSealedWith(request, token.provider, version);
    const moved = { ...token, ciphertext, version };
    this.world.checks.tokens.add(moved);
    return { kind: 'answer', value: moved };
  }

  /** Stores a key that nobody stored before. */
  async put(region: string, provider: string, name: string, precondition?: Precondition): Promise<Told<number>> {
    const request = this.request('put');
    const value = `key of ${request.caller.request_id}`;
    // Every other one leaves the metadata as it is.
    const metadata = this.requests % 2 === 1 ? { by: request.caller.request_id } : undefined;
    const wanted = { value, metadata };
    return this.change(region, request, credentialKey(provider, name), wanted, async (api) => {
      const { credential } = await api.putCredential(request.caller, {
        provider,
        name,
        api_key: value,
        format: 'text',
        ...(metadata && { metadata }),
        ...(precondition && { precondition }),
      });
      return credential.revision;
    });
  }

  async delete(region: string, provider: string, name: string): Promise<Told<number>> {
    const request = this.request('delete');
    return this.change(region, request, credentialKey(provider, name), { value: null }, async (api) => {
      await api.deleteCredential(request.caller, { provider, name });
      return 0;
    });
  }

  /** @returns the key; null where there is none */
  async reveal(region: string, provider: string, name: string, consistent: boolean): Promise<Told<string | null>> {
    const request = this.request(consistent ? 'reveal' : 'reveal nearby');
    const key = credentialKey(provider, name);
    const { credentials, writes } = this.world.checks;
    const told = await this.ask(region, request, (api) =>
      api.revealCredential(request.caller, { provider, name, consistent }),
    );
    if (told.kind === 'nothing') return told;
    if (told.kind === 'answer') this.checkAnswered(request, ['decrypt']);
    if (told.kind === 'refusal' && told.code !== 'credential_not_found') {
      this.demand(TRY_AGAIN.has(told.code), 'every stored credential opens', request, told.code);
      return told;
    }
    const value = told.kind === 'answer' ? told.value.api_key : null;
    if (consistent) {
      const storedAt = (of: string): number | undefined => credentials.storedAt(key, of);
      this.demand(
        credentials.wasStored(key, value, request.startedAt, this.now) &&
          writes.mayBeRead(key, value, request.startedAt, this.now, storedAt),
        'a consistent read gives the last value that a user was told is stored',
        request,
        `${key}: ${value ?? 'nothing'}`,
      );
    } else {
      const wasOnce = credentials.wasStored(key, value, -Infinity, this.now);
      this.demand(wasOnce, 'a read gives a value that once was', request, `${key}: ${value ?? 'nothing'}`);
    }
    return { kind: 'answer', value };
  }

  private async change(
    region: string,
    request: Request,
    key: string,
    wanted: Wanted,
    make: (api: Application) => Promise<number>,
  ): Promise<Told<number>> {
    const write = this.world.checks.writes.begin(request.caller.request_id, key, wanted, this.now);
    const told = await this.ask(region, request, make);
    write.endedAt = this.now;
    if (told.kind === 'refusal') {
      this.demand(told.code !== 'metadata_required', 'every stored credential opens', request, told.code);
    }
    if (told.kind === 'answer') write.outcome = 'stored';
    else write.outcome = told.kind === 'refusal' && REFUSED.has(told.code) ? 'refused' : 'unknown';
    return told;
  }

  private async ask<T>(region: string, request: Request, work: (api: Application) => Promise<T>): Promise<Told<T>> {
    const result = await this.world.functions.api.get(region)!.run(work);
    this.world.functions.note(`${request.caller.request_id} in ${region}`, result);
    return this.told(request, result);
  }

  private told<T>(request: Request, result: WorkResult<T>): Told<T> {
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

  private checkAnswered({ caller }: Request, types: readonly string[]): void {
    this.world.checks.audit.answered(caller.request_id, types);
  }

  private checkSealedWith(request: Request, provider: string, version: number): void {
    const from = request.startedAt - STALE_MS - this.tolerance;
    this.demand(
      this.world.checks.keysets.wasPrimary(provider, version, from, this.now),
      'tokens are sealed with a primary of the last 60 seconds',
      request,
      `${provider} version ${version}`,
    );
  }

  private checkRefusal(
    request: Request,
    { provider, version }: IssuedToken,
    code: string,
    what: 'decrypt' | 'rewrap',
  ): void {
    if (TRY_AGAIN.has(code)) return;
    const { keysets } = this.world.checks;
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

  private demand(holds: boolean, rule: string, request: Request, detail = ''): void {
    this.world.findings.demand(holds, rule, `${request.caller.request_id} ${detail}`);
  }

  private request(what: string): Request {
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

interface Request {
  readonly caller: Caller;
  readonly startedAt: number;
}
