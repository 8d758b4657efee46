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

/** How often a change starts again because somebody else was faster. */
export const MAX_ATTEMPTS = 8;

/** What is said once that was not enough. */
export const CREDENTIAL_CONTENDED = 'others keep changing this credential; try again';

/** Up to so long, doubled each time, before it starts again: those who lost one race together must not meet in the next one. */
const FIRST_PAUSE_MS = 25;

/** Which credential a caller wants to change, and what he demands of what is there. */
export interface CredentialCommand {
  readonly provider: string;
  readonly name: string;
  readonly precondition?: Precondition;
}

/** One change of one credential, however often it has to be tried. */
export interface CredentialChange<R extends StoredRow> {
  readonly eventType: AuditEvent['event_type'];
  readonly operation: string;
  /** What to store in place of `current`, under the next revision. Throws where there is nothing to change. */
  readonly next: (current: ReplaceableCredential | undefined) => Promise<NextCredential<R>>;
}

export interface NextCredential<R extends StoredRow> {
  readonly stored: R & { readonly revision: number; readonly write_id: string };
  /** What the events say of the value before. */
  readonly noted?: Pick<AuditMetadata, 'previous_value' | 'previous_revision' | 'restored_revision'>;
}

/**
 * Reads at home, decides, writes by a condition on the very write that was read: intent and outcome of every attempt go on record.
 * Where somebody else was faster, a rekey included, it starts again, and what the caller demands is asked of what is there then: `If-Match: *` holds
 * after any race that leaves a credential, a revision only if it is still the one.
 *
 * @returns what is stored now, and what was there before
 * @throws KeywardError `precondition_failed`; `credential_damaged` where not even the revision of what is there can be read;
 *   `conflict` where others kept being faster; `outcome_unknown`;
 *   `store_unavailable`; `audit_unavailable`; and what `next` throws
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
        // A purge leaves the current value alone, and is not about it.
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

/** Whether what was sealed with keys read at `since` may still be written; a clock that went back makes it too old. */
export function isFresh(since: number, clock: Clock): boolean {
  const age = clock.now() - since;
  return age >= 0 && age <= SEALED_MAX_AGE_MS;
}
