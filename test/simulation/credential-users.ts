import { canonicalJson } from '../../lambdas/core/crypto/canonical-json';
import type { Precondition } from '../../lambdas/core/ports/precondition';
import type { Application } from '../../lambdas/core/runtime/create-application';
import { credentialKey } from '../doubles/stores/credential-store';
import type { OpenedRow } from './opened-row';
import { TRY_AGAIN, type CallOutcome, type UserRequest, type Users } from './users';
import type { Wanted } from './user-writes';
import type { World } from './world';

/** Refusals of a change that mean that nothing was stored. */
const REFUSED: ReadonlySet<string> = new Set([
  'precondition_failed',
  'conflict',
  'credential_not_found',
  'previous_value_not_found',
  'previous_value_changed',
]);

const DAY_MS = 86_400_000;

/** The condition of a user on the stored row. */
interface Demand {
  readonly precondition?: Precondition;
}

/** Users of stored credentials: their requests and results are compared with what the home region held meanwhile. */
export class CredentialUsers {
  private puts = 0;

  constructor(
    private readonly world: World,
    private readonly users: Users,
  ) {}

  /** Stores a new key, or the stored key `again`. */
  async put(
    region: string,
    provider: string,
    name: string,
    { precondition, again }: Demand & { readonly again?: string } = {},
  ): Promise<CallOutcome<number>> {
    const request = this.users.request('put');
    const value = again ?? `key of ${request.caller.request_id}`;
    this.puts += 1;
    // Every other one leaves the metadata unchanged.
    const metadata = this.puts % 2 === 1 && again === undefined ? { by: request.caller.request_id } : undefined;
    const wanted: Wanted = { kind: 'put', value, ...(metadata && { metadata }) };
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

  async patch(
    region: string,
    provider: string,
    name: string,
    patch: Readonly<Record<string, string | null>>,
    demand: Demand = {},
  ): Promise<CallOutcome<number>> {
    const request = this.users.request('patch');
    const wanted: Wanted = { kind: 'patch', patch };
    return this.change(region, request, credentialKey(provider, name), wanted, async (api) => {
      const { revision } = await api.patchMetadata(request.caller, { provider, name, patch, ...demand });
      return revision;
    });
  }

  async delete(
    region: string,
    provider: string,
    name: string,
    { purge = false, ...demand }: Demand & { readonly purge?: boolean } = {},
  ): Promise<CallOutcome<undefined>> {
    const request = this.users.request('delete');
    return this.change(region, request, credentialKey(provider, name), { kind: 'delete', purge }, async (api) => {
      await api.deleteCredential(request.caller, { provider, name, purge, ...demand });
      return undefined;
    });
  }

  /** @returns the revision of the current value, which its restoration names; undefined without one */
  async restore(
    region: string,
    provider: string,
    name: string,
    revision: number,
    demand: Demand = {},
  ): Promise<CallOutcome<number | undefined>> {
    const request = this.users.request('restore');
    const key = credentialKey(provider, name);
    let replaced: number | undefined;
    const outcome = await this.change(region, request, key, { kind: 'restore', revision }, async (api) => {
      const view = await api.restoreCredential(request.caller, { provider, name, revision, ...demand });
      replaced = view.previous?.revision;
      return view.revision;
    });
    if (outcome.kind !== 'answer') return outcome;
    const effect = this.world.checkers.writes.of(request.caller.request_id)?.effect;
    this.users.demand(
      replaced === undefined || replaced === effect?.row.previous?.revision,
      'a restore that was answered has exchanged the values',
      request,
      key,
    );
    return { kind: 'answer', value: replaced };
  }

  async purge(region: string, provider: string, name: string, demand: Demand = {}): Promise<CallOutcome<undefined>> {
    const request = this.users.request('purge');
    return this.change(region, request, credentialKey(provider, name), { kind: 'purge' }, async (api) => {
      await api.purgePrevious(request.caller, { provider, name, ...demand });
      return undefined;
    });
  }

  /** @returns the key; null without one */
  async reveal(
    region: string,
    provider: string,
    name: string,
    consistent: boolean,
  ): Promise<CallOutcome<string | null>> {
    const request = this.users.request(consistent ? 'reveal' : 'reveal nearby');
    const key = credentialKey(provider, name);
    const isSettled = this.isSettled;
    const outcome = await this.users.ask(region, request, (api) =>
      api.revealCredential(request.caller, { provider, name, consistent }),
    );
    if (outcome.kind === 'nothing') return outcome;
    if (outcome.kind === 'answer') this.users.checkAnswered(request, ['decrypt']);
    if (outcome.kind === 'refusal' && outcome.code !== 'credential_not_found') {
      this.users.demand(TRY_AGAIN.has(outcome.code), 'every stored value opens in its place', request, outcome.code);
      return outcome;
    }
    const shown = outcome.kind === 'answer' ? outcome.value : undefined;
    const value = shown?.api_key ?? null;
    const isShown = (row: OpenedRow | undefined): boolean =>
      shown === undefined
        ? (row?.current ?? null) === null
        : row?.current?.value === value &&
          row.revision === shown.revision &&
          row.current.metadata === canonicalJson(shown.metadata) &&
          (shown.previous === undefined || row.previous?.revision === shown.previous.revision);
    this.checkRead(request, key, consistent || isSettled, isShown, value ?? 'nothing');
    if (consistent) {
      this.users.demand(
        this.world.checkers.writes.mayBeRead(key, value, request.startedAt, this.now),
        'a consistent read gives the last value that a user was told is stored',
        request,
        `${key}: ${value ?? 'nothing'}`,
      );
    }
    return { kind: 'answer', value };
  }

  /** @returns the revision of the previous value; null without one */
  async previous(
    region: string,
    provider: string,
    name: string,
    consistent: boolean,
  ): Promise<CallOutcome<number | null>> {
    const request = this.users.request(consistent ? 'previous' : 'previous nearby');
    const key = credentialKey(provider, name);
    const isSettled = this.isSettled;
    const outcome = await this.users.ask(region, request, (api) =>
      api.describePrevious({ provider, name, consistent }),
    );
    if (outcome.kind === 'nothing') return outcome;
    if (outcome.kind === 'refusal' && !REFUSED.has(outcome.code)) {
      this.users.demand(TRY_AGAIN.has(outcome.code), 'every previous value can be told of', request, outcome.code);
      return outcome;
    }
    const shown = outcome.kind === 'answer' ? outcome.value : undefined;
    const isShown = (row: OpenedRow | undefined): boolean =>
      shown === undefined
        ? (row?.previous ?? null) === null || this.mayBeOver(row?.previous?.replaced_at, this.now)
        : row?.previous?.revision === shown.revision &&
          row.previous.replaced_at === shown.replaced_at &&
          row.previous.metadata === canonicalJson(shown.metadata);
    this.checkRead(request, key, consistent || isSettled, isShown, `previous value ${shown?.revision ?? 'none'}`);
    if (shown !== undefined) this.checkNotOver(request, key, shown.replaced_at);
    return { kind: 'answer', value: shown?.revision ?? null };
  }

  /** @returns the names that can be restored, of the first page */
  async listDeleted(region: string, provider: string): Promise<CallOutcome<readonly string[]>> {
    const request = this.users.request('list deleted');
    const outcome = await this.users.ask(region, request, (api) =>
      api.listDeletedCredentials({ provider, limit: 10, consistent: true }),
    );
    if (outcome.kind !== 'answer') return outcome;
    for (const { name, revision, previous } of outcome.value.deleted) {
      const isShown = (row: OpenedRow | undefined): boolean =>
        row?.current === null && row.revision === revision && row.previous?.revision === previous.revision;
      const key = credentialKey(provider, name);
      this.checkRead(request, key, true, isShown, `deleted with revision ${revision}`);
      this.checkNotOver(request, key, previous.replaced_at);
    }
    return { kind: 'answer', value: outcome.value.deleted.map(({ name }) => name) };
  }

  private async change<T>(
    region: string,
    request: UserRequest,
    key: string,
    wanted: Wanted,
    make: (api: Application) => Promise<T>,
  ): Promise<CallOutcome<T>> {
    const write = this.world.checkers.writes.begin(request.caller.request_id, key, wanted, this.now);
    const outcome = await this.users.ask(region, request, make);
    write.endedAt = this.now;
    if (outcome.kind === 'refusal') {
      const isDamage = outcome.code === 'metadata_required' || outcome.code === 'credential_damaged';
      this.users.demand(!isDamage, 'every stored value opens in its place', request, outcome.code);
    }
    const isRefused = outcome.kind === 'refusal' && REFUSED.has(outcome.code);
    write.outcome = outcome.kind === 'answer' ? 'stored' : isRefused ? 'refused' : 'unknown';
    const { effect } = write;
    if (outcome.kind === 'answer') {
      const isStored = effect !== undefined && (outcome.value === undefined || outcome.value === effect.row.revision);
      this.users.demand(isStored, 'what a user is told is stored is stored, under that revision', request, key);
      if (wanted.kind === 'restore' && effect !== undefined) this.checkRestored(request, key, wanted.revision);
    }
    if (isRefused) this.users.demand(effect === undefined, 'what is refused is not stored', request, key);
    return outcome;
  }

  /** The restored value was stored as a previous one at some time of the request. */
  private checkRestored(request: UserRequest, key: string, revision: number): void {
    const { credentials } = this.world.checkers;
    const isKept = (row: OpenedRow | undefined): boolean =>
      row?.previous?.revision === revision &&
      !this.mayBeOver(row.previous.replaced_at, request.startedAt - this.error * 2);
    this.users.demand(
      credentials.wasAt(key, request.startedAt, this.now, isKept),
      'nothing is restored once its time is over',
      request,
      key,
    );
  }

  private checkRead(
    request: UserRequest,
    key: string,
    isLast: boolean,
    isShown: (row: OpenedRow | undefined) => boolean,
    shown: string,
  ): void {
    const { credentials } = this.world.checkers;
    const from = isLast ? request.startedAt : -Infinity;
    this.users.demand(
      credentials.wasAt(key, from, this.now, isShown),
      isLast ? 'a read gives what home holds meanwhile' : 'a read gives what once was',
      request,
      `${key}: ${shown}`,
    );
  }

  private checkNotOver(request: UserRequest, key: string, replacedAt: string): void {
    const isOver = this.mayBeOver(replacedAt, request.startedAt - 2 * this.error);
    this.users.demand(!isOver, 'nothing is told of a previous value once its time is over', request, key);
  }

  /** Whether the time of a previous value is over by some process' clock. */
  private mayBeOver(replacedAt: string | undefined, at: number): boolean {
    if (replacedAt === undefined) return false;
    return Date.parse(replacedAt) + this.world.options.previousValueDays * DAY_MS <= at + this.error;
  }

  /**
   * Whether every region has the home region's rows: then a read nearby returns what home holds, or what is written meanwhile.
   */
  private get isSettled(): boolean {
    return this.world.tables.credentials.underway === 0;
  }

  private get error(): number {
    return this.world.options.maxClockErrorMs;
  }

  private get now(): number {
    return this.world.scheduler.now;
  }
}
