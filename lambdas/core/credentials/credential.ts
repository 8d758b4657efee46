import { createHash } from 'node:crypto';
import type { CredentialFormat } from '../contract/limits';
import { CREDENTIAL_NAME_PATTERN } from '../contract/names';
import { canonicalJson, type JsonValue } from '../crypto/canonical-json';
import type { EncryptionContext } from '../crypto/encryption-context';
import { invalidRequest, KeywardError } from '../errors/errors';
import type { FailureReason } from '../errors/failure-reason';
import { isOneKey, unfitnessOf, type UnfitValue } from './credential-value';

export const isCredentialName = (text: string): boolean => CREDENTIAL_NAME_PATTERN.test(text);

/** What a caller keeps beside a key. Stored readable and shown in listings: it must hold no secret. */
export type CredentialMetadata = Readonly<Record<string, JsonValue>>;

/** A sealed API key with what belongs to it, wherever it stands in a row. Times are ISO 8601 in UTC. */
interface StoredValue {
  /** A token under {@link credentialContext} of its place, which no caller of `/decrypt` can present. */
  readonly ciphertext: string;
  readonly key_version: number;
  /** At most the last 4 characters of the API key; see {@link hintOf} and {@link shownHint}. */
  readonly hint: string;
  readonly metadata: CredentialMetadata;
  readonly created_at: string;
  readonly updated_at: string;
}

/** An API key that Keyward stores for `(provider, name)`. */
export interface CredentialRecord extends StoredValue {
  readonly provider: string;
  readonly name: string;
  /** Grows by one with every change by a caller, a deletion included, and never starts again. A new key leaves it as it is. */
  readonly revision: number;
  /** New with every write, also one that only moves it to another key. */
  readonly write_id: string;
  /** The value before this one, as long as it is kept. */
  readonly previous?: StoredPreviousValue;
}

/** What is left of a deleted credential, so that its revisions go on if the name is used again. */
export interface CredentialTombstone {
  readonly provider: string;
  readonly name: string;
  readonly revision: number;
  readonly write_id: string;
  readonly deleted_at: string;
  /** The value that was deleted, or the one before it where that did not open; as long as it is kept. */
  readonly previous?: StoredPreviousValue;
}

/** The value that was replaced or deleted last, sealed anew, with what was beside it. */
export interface PreviousValue extends PreviousPlace, StoredValue {}

/** What a previous value is bound to beside its metadata: neither opens in another's place, and none can be made younger. */
export interface PreviousPlace {
  /** The revision under which it was the current one. */
  readonly revision: number;
  /** When it was replaced or deleted: it is kept for so long from then on. */
  readonly replaced_at: string;
}

/** What is left of a previous value that somebody has edited into something that Keyward does not write. */
export interface DamagedPreviousValue {
  readonly damaged: true;
  /** 0 where that is lost too. */
  readonly key_version: number;
  /** What is stored in its place, to be written back as it is. */
  readonly stored: unknown;
}

export type StoredPreviousValue = PreviousValue | DamagedPreviousValue;

export const isPreviousDamaged = (previous: object): previous is DamagedPreviousValue => 'damaged' in previous;

export type StoredCredential = CredentialRecord | CredentialTombstone;

/**
 * What is left of a credential whose row somebody has edited into something that Keyward does not write: it can be neither shown
 * nor opened, and counts as one that does not open wherever credentials are counted.
 */
export interface DamagedCredential {
  readonly provider: string;
  readonly name: string;
  readonly damaged: true;
  /** 0 where that is lost too. */
  readonly key_version: number;
  /** Missing where that is lost too: then it cannot be replaced, because no condition can name what was read. */
  readonly revision?: number;
  /** Missing where that is lost too. */
  readonly write_id?: string;
  /** Its own previous value may be intact. */
  readonly previous?: StoredPreviousValue;
  /** The members of the row, to be written back as they are beside what a write changes. */
  readonly row: Readonly<Record<string, unknown>>;
}

/** Whatever is stored under a name. */
export type StoredRow = StoredCredential | DamagedCredential;

/** What is said of a stored credential that cannot be read or opened. */
export const CREDENTIAL_DAMAGED = 'the stored credential could not be opened';

/** The one answer to a stored credential that cannot be read or opened. */
export const credentialDamaged = (reason: FailureReason = 'credential_damaged'): KeywardError =>
  new KeywardError('credential_damaged', CREDENTIAL_DAMAGED, reason);

export const isTombstone = (stored: StoredRow): stored is CredentialTombstone => 'deleted_at' in stored;

export const isDamaged = (stored: object): stored is DamagedCredential => 'damaged' in stored;

/** Whether a condition can name the write that was read: a row that has lost both its id and its revision cannot be written over. */
export const canBeNamed = (row: Pick<DamagedCredential, 'write_id' | 'revision'>): boolean =>
  row.write_id !== undefined || row.revision !== undefined;

/**
 * Binds a stored credential to its place and to its metadata: a row that is swapped with another, or whose metadata (a
 * base URL, say) was edited in the table, does not open. An old row put back whole still does. A previous value is bound to
 * its revision and to the time at which it was replaced, too.
 *
 * @param previous left out: the current value
 * @throws KeywardError `credential_damaged` where the metadata is not JSON, as {@link checkCredentialMetadata} never lets through
 */
export const credentialContext = (
  provider: string,
  name: string,
  metadata: CredentialMetadata,
  previous?: PreviousPlace,
): EncryptionContext => ({
  'keyward:provider': provider,
  'keyward:credential': name,
  'keyward:metadata': createHash('sha256').update(metadataOfStored(metadata), 'utf8').digest('base64'),
  ...(previous !== undefined && { 'keyward:previous': `${previous.revision} ${previous.replaced_at}` }),
});

function metadataOfStored(metadata: CredentialMetadata): string {
  try {
    return canonicalJson(metadata);
  } catch {
    throw credentialDamaged();
  }
}

export const MAX_HINT_CHARACTERS = 4;
/** Below this length four characters would be too large a part of the key to show. */
const SHORTEST_KEY_WITH_HINT = 16;

/** The last 4 characters of an API key, or nothing where it is short, or a document or text, whose end tells nothing. */
export const hintOf = (value: string): string =>
  value.length < SHORTEST_KEY_WITH_HINT || !isOneKey(value) ? '' : value.slice(-MAX_HINT_CHARACTERS);

/** How JSON and PEM end, if not by a line end: those were stored with a hint once. */
const END_OF_DOCUMENT = /\}$|^-+$/;

/** What a list shows of a stored hint: nothing where it is the end of a document. */
export const shownHint = (hint: string): string =>
  /^[\x21-\x7e]*$/.test(hint) && !END_OF_DOCUMENT.test(hint) ? hint : '';

/**
 * Checks a value against {@link unfitnessOf}.
 *
 * @throws KeywardError `invalid_request`; the message names the kind of fault, never a character of the value
 */
export function checkCredentialValue(value: string, format?: CredentialFormat): void {
  const unfit = unfitnessOf(value, format);
  if (unfit !== undefined) throw unfitValue(unfit);
}

export const unfitValue = (unfit: UnfitValue): KeywardError => invalidRequest(`api_key: ${describeUnfit(unfit)}`);

/** What is told of a value that does not fit, as the rest of a sentence about it. */
export const describeUnfit = ({ fault, fits }: UnfitValue): string =>
  `${fault}; ${fits === undefined ? 'no format takes that' : `if it is meant so, set the member format to ${fits}`}`;

export const MAX_METADATA_MEMBERS = 32;
export const MAX_METADATA_DEPTH = 4;
export const MAX_METADATA_BYTES = 8192;

/**
 * Checks metadata against the limits; numbers must fit DynamoDB's range with room to spare.
 *
 * @throws KeywardError `invalid_request`; the message names the rule, never a member or a value
 */
export function checkCredentialMetadata(metadata: CredentialMetadata): void {
  if (Object.keys(metadata).length > MAX_METADATA_MEMBERS) {
    throw invalidRequest(`metadata has more than ${MAX_METADATA_MEMBERS} members`);
  }
  checkMetadataValue(metadata, 1);
  if (Buffer.byteLength(metadataJson(metadata), 'utf8') > MAX_METADATA_BYTES) {
    throw invalidRequest(`metadata has more than ${MAX_METADATA_BYTES} bytes`);
  }
}

function checkMetadataValue(value: JsonValue, depth: number): void {
  if (typeof value === 'number' && value !== 0 && !(Math.abs(value) >= 1e-100 && Math.abs(value) <= 1e100)) {
    throw invalidRequest('metadata has a number out of range');
  }
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_METADATA_DEPTH) throw invalidRequest(`metadata is nested deeper than ${MAX_METADATA_DEPTH} levels`);
  for (const [name, member] of Object.entries<JsonValue>(value)) {
    // DynamoDB takes no empty name, and its client would set a prototype where `__proto__` was meant as a name.
    if (name === '') throw invalidRequest('metadata has a member without a name');
    if (name === '__proto__') throw invalidRequest('metadata has a member named __proto__');
    checkMetadataValue(member, depth + 1);
  }
}

function metadataJson(metadata: CredentialMetadata): string {
  try {
    return canonicalJson(metadata);
  } catch {
    throw invalidRequest('metadata is not JSON of well-formed Unicode');
  }
}
