import { tokenSha256, type AuditEvent, type AuditMetadata } from '../audit/audit-event';
import { SEALED_MAX_AGE_MS } from '../contract/protocol-times';
import { credentialDamaged, type StoredRow } from './credential';
import { KeywardError } from '../errors/errors';
import type { Randomness } from '../crypto/randomness';
import type { Clock } from '../ports/clock';
import type { CredentialStore } from './ports/credential-store';
import type { Precondition } from '../ports/precondition';
import type { AuditTrail } from '../audit/audit-trail';
import type { Caller } from '../ports/caller';
import { checkPrecondition, liveOf, type ReplaceableCredential } from './credential-view';
import { recordedName } from './recorded-name';

/** Maximum number of attempts of a change when other writers are faster. */
export const MAX_ATTEMPTS = 8;

export const CREDENTIAL_CONTENDED = 'other writers keep changing this credential; try again';

/**
 * Longest pause before the second attempt, doubled for each further one, with jitter: writers who lost one race together must not
 * meet in the next.
 */
const FIRST_PAUSE_MS = 25;

/** The credential that a caller wants to change, and the caller's precondition. */
export interface CredentialCommand {
  readonly provider: string;
  readonly name: string;
  readonly precondition?: Precondition;
}

/** One change of one credential, over all its attempts. */
export interface CredentialChange<R extends StoredRow> {
  readonly eventType: AuditEvent['event_type'];
  readonly operation: string;
  /** Returns what to store in place of `current`, under the next revision. Throws if there is nothing to change. */
  readonly next: (current: ReplaceableCredential | undefined) => Promise<NextCredential<R>>;
}

export interface NextCredential<R extends StoredRow> {
  readonly stored: R & { readonly revision: number; readonly write_id: string };
  /** Metadata of the events about the value before the change. */
  readonly noted?: Pick<AuditMetadata, 'previous_value' | 'previous_revision' | 'restored_revision'>;
}

/**
 * Reads at home, decides, and writes on condition that the row still has the `write_id` that was read. Records intent and outcome
 * of every attempt. If another write was faster, a rekey included, it starts again and checks the precondition against the new
 * row: `If-Match: *` holds after any race that leaves a credential, a revision only if it is still the current one.
 *
 * @returns what is stored now, and what was there before
 * @throws KeywardError `precondition_failed`; `credential_damaged` if not even the revision of the row can be read; `conflict` if
 *   other writers were faster every time; `outcome_unknown`; `store_unavailable`; `audit_unavailable`; and what `next` throws
 */
export async function changeCredential<R extends StoredRow>(
  deps: { credentials: CredentialStore; trail: AuditTrail; clock: Clock; randomness: Randomness },
  caller: Caller,
  { provider, name, precondition }: CredentialCommand,
  change: CredentialChange<R>,
): Promise<{ stored: NextCredential<R>['stored']; before: ReplaceableCredential | undefined }> {
  const entry = { event_type: change.eventType, provider };
  const metadata = { operation: change.operation, credential: name };
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    if (attempt > 1) await deps.clock.sleep(pauseMs(deps.randomness, attempt));
    let before: ReplaceableCredential | undefined;
    let next: NextCredential<R>;
    const startedAt = deps.clock.now();
    try {
      before = replaceable(await deps.credentials.get(provider, name, true));
      checkPrecondition(precondition, liveOf(before));
      next = await change.next(before);
    } catch (thrown) {
      const credential = liveOf(before) === undefined ? recordedName(name) : name;
      await deps.trail.recordRefusal(caller, { ...entry, metadata: { ...metadata, credential } }, thrown);
      throw thrown;
    }
    const { stored, noted } = next;
    const result = await deps.trail.change(
      caller,
      {
        ...entry,
        // A purge does not concern the current value.
        ...(change.eventType === 'encrypt' && 'ciphertext' in stored
          ? { key_version: stored.key_version, token_sha256: tokenSha256(stored.ciphertext) }
          : {}),
        metadata: { ...metadata, write_id: stored.write_id, revision: stored.revision, ...noted },
      },
      () =>
        isFresh(startedAt, deps.clock) ? deps.credentials.put(stored, before) : Promise.resolve('refused' as const),
    );
    if (result === 'written') return { stored, before };
  }
  throw new KeywardError('conflict', CREDENTIAL_CONTENDED);
}

function replaceable(found: StoredRow | undefined): ReplaceableCredential | undefined {
  if (found === undefined || hasRevision(found)) return found;
  throw credentialDamaged();
}

const hasRevision = (found: StoredRow): found is ReplaceableCredential => found.revision !== undefined;

const pauseMs = (randomness: Randomness, attempt: number): number =>
  Math.round((FIRST_PAUSE_MS * 2 ** (attempt - 2) * randomness.publicBytes(1).readUInt8(0)) / 255);

/** Whether a value sealed with keys read at `since` may still be written; not if the clock went back. */
export function isFresh(since: number, clock: Clock): boolean {
  const age = clock.now() - since;
  return age >= 0 && age <= SEALED_MAX_AGE_MS;
}
