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
import { keepCurrent, leavePrevious, openCurrent, type OpenedCurrent } from './keep-previous';
import { checkNewName } from './recorded-name';
import { sealCurrent, type SealingDependencies } from './seal-current';

/** What every change of a credential that seals needs. */
export interface ChangingDependencies extends SealingDependencies {
  /** At home. */
  readonly credentials: CredentialStore;
  readonly trail: AuditTrail;
}

interface PutCredentialCommand extends CredentialCommand {
  readonly api_key: string;
  /** What the key is said to be: checked, and neither stored nor recorded. */
  readonly format?: CredentialFormat;
  /** Left out: what is there stays. */
  readonly metadata?: CredentialMetadata;
}

/**
 * Stores an API key under `(provider, name)`, sealed with the primary DEK as the home region has it now. Metadata that is left
 * out is that of what is replaced, as the write's own condition saw it. What is replaced is kept as the previous value; a PUT of the
 * very value and metadata that are there, as the retry of one in doubt is, leaves the previous value alone.
 *
 * @throws KeywardError `invalid_request` where the value or the metadata is not fit, or a new name is a key by its look;
 *   `metadata_required` where what is replaced does not open with its metadata; and as {@link changeCredential}
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
    : await keepCurrent(deps, current, opened, () => Promise.resolve(dek));
  return { stored: withPrevious(sealCurrent(deps, dek, wanted, current), previous), noted };
}

/** Whether a PUT is of what is there already; in a time that tells nothing of either value. */
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

/** Of one length, whatever the text's. */
const digest = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();

type Replaced = ReturnType<typeof liveOf<ReplaceableCredential>>;

/** What a list shows of a key is easily copied in its place. */
function checkNotHint(apiKey: string, replaced: Replaced): void {
  if (replaced === undefined || isDamaged(replaced) || shownHint(replaced.hint) !== apiKey) return;
  throw unfitValue({ fault: 'is what a list shows of the key that is stored, and not the key', fits: 'key' });
}

/**
 * The metadata of what is replaced, once it is known to be what its key was sealed with: what somebody has edited in the table
 * must not be sealed in.
 *
 * @throws KeywardError `metadata_required`
 */
function metadataOf(current: ReplaceableCredential | undefined, opened: OpenedCurrent): CredentialMetadata {
  if (opened === undefined) return {};
  if ('damaged' in opened) throw metadataRequired(opened.damaged.reason);
  // Only a live credential that is not damaged opens.
  return (current as CredentialRecord).metadata;
}

/** What is said where it cannot be kept. */
export const METADATA_LOST =
  'what is stored does not open with its metadata, which therefore cannot be kept; send metadata, or {} for none';

const metadataRequired = (reason: FailureReason | undefined): KeywardError =>
  new KeywardError('metadata_required', METADATA_LOST, reason);
