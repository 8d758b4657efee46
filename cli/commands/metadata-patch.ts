import { isKeyShaped } from '../../lambdas/core/contract/key-shaped';
import type { JsonValue } from '../../lambdas/core/crypto/canonical-json';
import { isRecord } from '../../lambdas/core/crypto/record-checks';
import { readStrictJson } from '../../lambdas/core/crypto/strict-json';
import { usageError } from '../io/cli-error';

/** A JSON merge patch of metadata (RFC 7396): `null` removes a member. */
export type MetadataPatch = Readonly<Record<string, JsonValue>>;

/**
 * Makes a patch from words. `name=…` is always text and may be empty; `name:=…` is JSON, in which objects are merged with the existing
 * ones.
 *
 * @param unset names of members to remove
 * @throws CliError which repeats nothing of the words
 */
export function patchOfWords(words: readonly string[], unset: readonly string[]): MetadataPatch {
  const members = [...words.map(memberOf), ...unset.map((name): [string, JsonValue] => [name, null])];
  if (new Set(members.map(([name]) => name)).size < members.length) {
    throw usageError('credential metadata set: a member is named twice');
  }
  return Object.fromEntries(members);
}

function memberOf(word: string): [name: string, value: JsonValue] {
  const equals = word.indexOf('=');
  const isJson = word[equals - 1] === ':';
  const name = word.slice(0, isJson ? equals - 1 : equals);
  const text = word.slice(equals + 1);
  if (name === '') throw usageError('credential metadata set: a member has no name: NAME=TEXT, or NAME:=JSON');
  return [name, isJson ? jsonOf(text, 'NAME:=JSON') : text];
}

/**
 * Makes a patch from a JSON text.
 *
 * @throws CliError which repeats nothing of it
 */
export function patchOfJson(text: string): MetadataPatch {
  const value = jsonOf(text, '--json-file');
  if (!isRecord(value)) throw usageError('--json-file: must be a JSON object with the members of the metadata');
  return value;
}

function jsonOf(text: string, what: string): JsonValue {
  const reading = readStrictJson(text);
  if ('fault' in reading) throw usageError(`${what}: ${reading.fault}`);
  return reading.value;
}

/** Separators of words in a text, a URL and a header. */
const BETWEEN_WORDS = /[^\w.-]+/;

/** Whether a word in a name or value looks like an API key: metadata is readable and listed. */
export function holdsSecret(value: JsonValue): boolean {
  if (typeof value === 'string') return value.split(BETWEEN_WORDS).some(isKeyShaped);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries<JsonValue>(value).some(([name, member]) => holdsSecret(name) || holdsSecret(member));
}
