import { DAY_MS } from '../contract/time-units';
import type { AuditEvent, AuditMetadata } from './audit-event';
import {
  INTENT_BUDGET_MS,
  INTENT_FIRST_WINDOW_MS,
  INTENT_OVERLAP_MS,
  INTENT_QUICK_MS,
  INTENT_SETTLED_MS,
  INTENT_SHORTEST_WINDOW_MS,
} from '../contract/protocol-times';
import { parseKeyset } from '../keysets/dek-keyset';
import type { Clock } from '../ports/clock';
import type { CredentialStore } from '../credentials/ports/credential-store';
import type { KekMoveReader } from '../kek-move/ports/kek-move-store';
import type { KekSecretReplica } from '../kek-rotation/ports/kek-secret-store';
import type { KeysetReader } from '../keysets/ports/keyset-store';
import type { OpenIntents } from './ports/open-intents';
import type { DekRotationStore } from '../dek-rotation/ports/dek-rotation-store';
import type { AuditTrail } from './audit-trail';
import type { Caller } from '../ports/caller';

export interface CloseIntentsDependencies {
  readonly intents: OpenIntents;
  /** All of the home region. */
  readonly keysets: KeysetReader;
  readonly credentials: CredentialStore;
  /** Absent if the KEK does not rotate. */
  readonly secret?: KekSecretReplica;
  /** Absent if the KEK cannot be moved. */
  readonly moves?: KekMoveReader;
  readonly store: DekRotationStore;
  readonly trail: AuditTrail;
  readonly clock: Clock;
}

const LONGEST_WINDOW_MS = 7 * DAY_MS;

/**
 * Records the outcome of intents that a crash left open: `written` if the record has the intent's `write_id`, `failed` if it is
 * as it was before, `unknown` if a later write has replaced it.
 *
 * @param providers all configured and stored providers: an intent of another provider is not looked at again
 * @returns the number of closed intents
 * @throws KeywardError `store_unavailable`, `audit_unavailable`: the next run repeats the search
 */
export const createCloseIntents =
  (deps: CloseIntentsDependencies) =>
  async (caller: Caller, providers: readonly string[]): Promise<number> => {
    const until = deps.clock.now() - INTENT_SETTLED_MS;
    const closedTo = Date.parse((await deps.store.intentsClosedTo()) ?? '');
    let from = Number.isNaN(closedTo)
      ? await firstKeyset(deps, providers, until)
      : Math.min(closedTo, until) - INTENT_OVERLAP_MS;
    let closed = 0;
    const deadline = deps.clock.now() + INTENT_BUDGET_MS;
    let window = INTENT_FIRST_WINDOW_MS;
    while (from < until && deps.clock.now() < deadline) {
      const startedAt = deps.clock.now();
      const to = Math.min(until, from + window);
      for (const provider of [...providers, null]) {
        const open = await deps.intents.find(provider, isoTime(from), isoTime(to));
        for (const intent of open) await close(deps, caller, intent);
        closed += open.length;
      }
      await deps.store.noteIntentsClosedTo(isoTime(to));
      from = to;
      const isQuick = deps.clock.now() - startedAt < INTENT_QUICK_MS;
      window = isQuick ? Math.min(2 * window, LONGEST_WINDOW_MS) : Math.max(window / 2, INTENT_SHORTEST_WINDOW_MS);
    }
    return closed;
  };

/** When the first keyset was made: no intent is much older; without a keyset there is none. */
async function firstKeyset(
  deps: CloseIntentsDependencies,
  providers: readonly string[],
  until: number,
): Promise<number> {
  const records = await Promise.all(providers.map((provider) => deps.keysets.get(provider)));
  const made = providers.map((provider, index) => madeAt(provider, records[index])).filter((time) => time < until);
  return Math.min(until, ...made) - INTENT_OVERLAP_MS;
}

/** NaN without a keyset or for a damaged one, which the consistency check reports. */
function madeAt(provider: string, value: unknown): number {
  try {
    const { versions } = parseKeyset(value, provider);
    return Math.min(...Object.values(versions).map(({ created_at }) => Date.parse(created_at)));
  } catch {
    return NaN;
  }
}

async function close(deps: CloseIntentsDependencies, caller: Caller, intent: AuditEvent): Promise<void> {
  const { event_type, provider, key_version, token_sha256 } = intent;
  const { phase: _, ...metadata } = intent.metadata;
  await deps.trail.recordOutcome(
    caller,
    { event_type, provider, key_version, token_sha256, metadata },
    await outcomeOf(deps, intent),
  );
}

const PAGES: readonly (string | undefined)[] = ['rekey_credentials', 'expire_previous_values'];

async function outcomeOf(
  deps: CloseIntentsDependencies,
  intent: AuditEvent,
): Promise<NonNullable<AuditMetadata['outcome']>> {
  const { provider, metadata } = intent;
  if (provider === null) return outcomeOfKek(deps, metadata);
  const { credential } = metadata;
  // A page of credentials may have been written in part; the next run writes the rest.
  if (PAGES.includes(metadata.operation)) return 'unknown';
  if (credential === undefined) {
    const { write_id, revision } = Object((await deps.keysets.get(provider)) ?? {}) as StoredWrite;
    return outcomeIn({ write_id, revision: revision ?? 0 }, metadata);
  }
  return outcomeIn(await deps.credentials.get(provider, credential, true), metadata);
}

interface StoredWrite {
  readonly write_id?: unknown;
  readonly revision?: unknown;
}

/** The outcome of a write on a revision, by what is stored now. A row without its revision proves nothing. */
function outcomeIn(
  stored: StoredWrite | undefined,
  { write_id: writeId, revision = NaN }: AuditMetadata,
): 'written' | 'failed' | 'unknown' {
  if (stored?.write_id === writeId) return 'written';
  const at = stored === undefined ? 0 : stored.revision;
  return at === revision - 1 ? 'failed' : 'unknown';
}

async function outcomeOfKek(
  deps: CloseIntentsDependencies,
  metadata: AuditMetadata,
): Promise<'written' | 'failed' | 'unknown'> {
  const { operation, write_id: writeId } = metadata;
  if (operation === 'move_kek' && deps.moves !== undefined) return outcomeIn(await deps.moves.read(), metadata);
  if (operation !== 'rotate_kek' || deps.secret === undefined) return 'unknown';
  return (await deps.secret.current()).versionId === writeId ? 'written' : 'unknown';
}

const isoTime = (ms: number): string => new Date(ms).toISOString();
