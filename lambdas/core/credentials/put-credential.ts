import { createHash, timingSafeEqual } from 'node:crypto';
import type { CredentialFormat } from '../contract/limits';
import { canonicalJson } from '../crypto/canonical-json';
import { KeywardError } from '../errors/errors';
import {
  checkCredentialMetadata,
  checkCredentialValue,
  isDamaged,
  shownHint,
  unfitValue,
  type CredentialMetadata,
  type CredentialRecord,
} from './credential';
import type { Dek } from '../crypto/dek';
import type { CredentialStore } from './ports/credential-store';
import type { Caller } from '../ports/caller';
import type { AuditTrail } from '../audit/audit-trail';
import { changeCredential, type CredentialCommand, type NextCredential } from './change-credential';
import { liveOf, viewOf, type CredentialView, type ReplaceableCredential } from './credential-view';
import type { FailureReason } from '../errors/failure-reason';
import { withPrevious } from './held-values';
import { keepCurrentAsPrevious, leavePrevious, openCurrent, type OpenedCurrent } from './keep-current-as-previous';
import { checkNewName } from './recorded-name';
import { sealCurrent, type SealingDependencies } from './seal-current';

/** Dependencies of changes that seal a credential. */
export interface ChangingDependencies extends SealingDependencies {
  /** At home. */
  readonly credentials: CredentialStore;
  readonly trail: AuditTrail;
}

interface PutCredentialCommand extends CredentialCommand {
  readonly api_key: string;
  /** The format of the key: checked, neither stored nor recorded. */
  readonly format?: CredentialFormat;
  /** Left out: the stored metadata stays. */
  readonly metadata?: CredentialMetadata;
}

/**
 * Stores an API key under `(provider, name)`, sealed with home's current primary. Metadata that is left out is kept from the
 * replaced row, as the write's condition saw it. The replaced value is kept as the previous one; a PUT of the same value and
 * metadata, such as a retry, leaves the previous value alone.
 *
 * @throws KeywardError `invalid_request` if the value or the metadata is not valid, or a new name looks like an API key;
 *   `metadata_required` if the replaced value does not open with its metadata; and as {@link changeCredential}
 */
export const createPutCredential =
  (deps: ChangingDependencies) =>
  async (
    caller: Caller,
    command: PutCredentialCommand,
  ): Promise<{ readonly credential: CredentialView; readonly created: boolean }> => {
    const { provider, name, api_key: apiKey, format, metadata } = command;
    checkCredentialValue(apiKey, format);
    if (metadata !== undefined) checkCredentialMetadata(metadata);
    const { stored, before } = await changeCredential<CredentialRecord>(deps, caller, command, {
      eventType: 'encrypt',
      operation: 'put_credential',
      next: async (current) => {
        const replaced = liveOf(current);
        if (replaced === undefined) checkNewName(name);
        if (format === undefined) checkNotHint(apiKey, replaced);
        const isOpened = metadata === undefined || deps.previousValueDays > 0;
        const opened = isOpened ? await openCurrent(deps.keysets, current) : undefined;
        const wanted = { apiKey, metadata: metadata ?? metadataOf(current, opened) };
        const dek = await deps.keysets.forStoring(provider);
        return putOver(deps, dek, { provider, name, ...wanted }, current, opened);
      },
    });
    return { credential: viewOf(stored, deps), created: liveOf(before) === undefined };
  };

export type PutCredential = ReturnType<typeof createPutCredential>;

async function putOver(
  deps: ChangingDependencies,
  dek: Dek,
  wanted: { provider: string; name: string; apiKey: string; metadata: CredentialMetadata },
  current: ReplaceableCredential | undefined,
  opened: OpenedCurrent,
): Promise<NextCredential<CredentialRecord>> {
  const { previous, noted } = isSame(current, opened, wanted)
    ? leavePrevious(deps, current)
    : await keepCurrentAsPrevious(deps, current, opened, () => Promise.resolve(dek));
  return { stored: withPrevious(sealCurrent(deps, dek, wanted, current), previous), noted };
}

/** Whether a PUT has the stored value and metadata. Its time depends on neither value. */
function isSame(
  current: ReplaceableCredential | undefined,
  opened: OpenedCurrent,
  { apiKey, metadata }: { apiKey: string; metadata: CredentialMetadata },
): boolean {
  const live = liveOf(current);
  if (live === undefined || isDamaged(live) || opened === undefined || 'damaged' in opened) return false;
  const isSameKey = timingSafeEqual(digest(opened.apiKey), digest(apiKey));
  const isSameMetadata = canonicalJson(live.metadata) === canonicalJson(metadata);
  return isSameKey && isSameMetadata;
}

/** A digest, so that texts of any length compare in the same time. */
const digest = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();

type Replaced = ReturnType<typeof liveOf<ReplaceableCredential>>;

/** Refuses the stored key's hint, which is easily copied from a list in place of the key. */
function checkNotHint(apiKey: string, replaced: Replaced): void {
  if (replaced === undefined || isDamaged(replaced) || shownHint(replaced.hint) !== apiKey) return;
  throw unfitValue({ fault: 'is the hint that a list shows, not the key', fits: 'key' });
}

/**
 * The metadata of the replaced value, if that opened with it: metadata that was edited in the table must not be sealed.
 *
 * @throws KeywardError `metadata_required`
 */
function metadataOf(current: ReplaceableCredential | undefined, opened: OpenedCurrent): CredentialMetadata {
  if (opened === undefined) return {};
  if ('damaged' in opened) throw metadataRequired(opened.damaged.reason);
  // Only an intact live credential opens.
  return (current as CredentialRecord).metadata;
}

export const METADATA_LOST =
  'the stored value does not open with its metadata, so the metadata cannot be kept; send metadata, or {} for none';

const metadataRequired = (reason: FailureReason | undefined): KeywardError =>
  new KeywardError('metadata_required', METADATA_LOST, reason);
