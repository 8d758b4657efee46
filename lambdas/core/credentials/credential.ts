import { createHash } from 'node:crypto';
import type { CredentialFormat } from '../contract/limits';
import { CREDENTIAL_NAME_PATTERN } from '../contract/names';
import { canonicalJson, type JsonValue } from '../crypto/canonical-json';
import type { EncryptionContext } from '../crypto/encryption-context';
import { invalidRequest, KeywardError } from '../errors/errors';
import type { FailureReason } from '../errors/failure-reason';
import { isOneKey, unfitnessOf, type UnfitValue } from './value-rule';

export const isCredentialName = (text: string): boolean => CREDENTIAL_NAME_PATTERN.test(text);

/** Metadata that a caller stores with a key. Stored and listed in plaintext: it must hold no secret. */
export type CredentialMetadata = Readonly<Record<string, JsonValue>>;

/** A sealed API key with its metadata, current or previous. Times are ISO 8601 in UTC. */
interface StoredValue {
  /** A token with the {@link credentialContext} of its place, which no caller of `/decrypt` can present. */
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
  /** Grows by one with every change by a caller, a deletion included, and never starts again. A rekey does not change it. */
  readonly revision: number;
  /** New with every write, a rekey included. */
  readonly write_id: string;
  /** The value before this one, as long as it is kept. */
  readonly previous?: StoredPreviousValue;
}

/** The row of a deleted credential, which keeps its revision in case the name is used again. */
export interface CredentialTombstone {
  readonly provider: string;
  readonly name: string;
  readonly revision: number;
  readonly write_id: string;
  readonly deleted_at: string;
  /** The deleted value, or the value before it if that did not open; as long as it is kept. */
  readonly previous?: StoredPreviousValue;
}

/** The value that was replaced or deleted last, sealed anew, with its metadata. */
export interface PreviousValue extends PreviousPlace, StoredValue {}

/** The revision and time that a previous value is bound to: it opens in no other place and cannot be made younger. */
export interface PreviousPlace {
  /** The revision under which it was the current one. */
  readonly revision: number;
  /** When it was replaced or deleted: the beginning of its retention. */
  readonly replaced_at: string;
}

/** A previous value that was edited into something that Keyward does not write. */
export interface DamagedPreviousValue {
  readonly damaged: true;
  /** 0 if lost. */
  readonly key_version: number;
  /** The stored value, to be written back unchanged. */
  readonly stored: unknown;
}

export type StoredPreviousValue = PreviousValue | DamagedPreviousValue;

export const isPreviousDamaged = (previous: object): previous is DamagedPreviousValue => 'damaged' in previous;

export type StoredCredential = CredentialRecord | CredentialTombstone;

/**
 * A credential whose row was edited into something that Keyward does not write. It can be neither shown nor opened, and is
 * counted as one that does not open.
 */
export interface DamagedCredential {
  readonly provider: string;
  readonly name: string;
  readonly damaged: true;
  /** 0 if lost. */
  readonly key_version: number;
  /** Missing if lost: then the row cannot be replaced, because no condition can name what was read. */
  readonly revision?: number;
  /** Missing if lost. */
  readonly write_id?: string;
  /** Its own previous value may be intact. */
  readonly previous?: StoredPreviousValue;
  /** The members of the row, of which a write keeps those that it does not change. */
  readonly row: Readonly<Record<string, unknown>>;
}

/** Any row that is stored under a name. */
export type StoredRow = StoredCredential | DamagedCredential;

export const CREDENTIAL_DAMAGED = 'the stored credential could not be opened';

/** The only error for a stored credential that cannot be read or opened. */
export const credentialDamaged = (reason: FailureReason = 'credential_damaged'): KeywardError =>
  new KeywardError('credential_damaged', CREDENTIAL_DAMAGED, reason);

export const isTombstone = (stored: StoredRow): stored is CredentialTombstone => 'deleted_at' in stored;

export const isDamaged = (stored: object): stored is DamagedCredential => 'damaged' in stored;

/** Whether a condition can name the write that was read: a row that has lost both its id and its revision cannot be overwritten. */
export const canBeNamed = (row: Pick<DamagedCredential, 'write_id' | 'revision'>): boolean =>
  row.write_id !== undefined || row.revision !== undefined;

/**
 * Binds a stored credential to its place and metadata: a row that was swapped with another, or whose metadata (such as a base
 * URL) was edited in the table, does not open. A whole old row that is put back does open. A previous value is also bound to its
 * revision and to the time at which it was replaced.
 *
 * @param previous left out: the current value
 * @throws KeywardError `credential_damaged` if the metadata is not JSON, which {@link checkCredentialMetadata} refuses
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
/** Four characters of a shorter key would reveal too much of it. */
const SHORTEST_KEY_WITH_HINT = 16;

/** The last 4 characters of an API key; empty for a short key, and for a document or text, whose end does not identify it. */
export const hintOf = (value: string): string =>
  value.length < SHORTEST_KEY_WITH_HINT || !isOneKey(value) ? '' : value.slice(-MAX_HINT_CHARACTERS);

/** The end of JSON and PEM without a line end: earlier releases stored it as a hint. */
const END_OF_DOCUMENT = /\}$|^-+$/;

/** The hint that a list shows: empty if the stored one is the end of a document. */
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

/** Describes an unfit value as a predicate. */
export const describeUnfit = ({ fault, fits }: UnfitValue): string =>
  `${fault}; ${fits === undefined ? 'no format accepts it' : `if that is intended, set the member format to ${fits}`}`;

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
    // DynamoDB refuses empty names, and its client would set a prototype for the name `__proto__`.
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
