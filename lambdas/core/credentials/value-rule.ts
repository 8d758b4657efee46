import { MAX_KEY_CHARACTERS, MAX_PLAINTEXT_BYTES, type CredentialFormat } from '../contract/limits';
import { isRecord } from '../crypto/record-checks';
import { NOT_JSON, readKeptJson } from '../crypto/strict-json';
import { strangeCharacterIn } from './strange-character';
import { readPemBlocks } from './pem-blocks';
import { mistakeIn, strayEndIn } from './copying-mistakes';

/** Why a value is not accepted as an API key. */
export interface UnfitValue {
  /** The kind of fault, as a predicate that repeats nothing of the value: `has a blank inside`. */
  readonly fault: string;
  /** The format that accepts the value as it is; undefined if none does. */
  readonly fits: CredentialFormat | undefined;
}

/**
 * Keyward's rule for values: most API keys are sent in headers and are one word of visible ASCII (RFC 9110 section 5.5); the
 * others are whole documents. `key` accepts 1 to 8,192 characters 0x21 to 0x7e; `document` a JSON object, or text with complete
 * PEM blocks, byte for byte; `text` 1 to 32,768 bytes of well-formed text. Without a format a value must fit `key` or `document`
 * and must not look like a mistake. Pure; linear in the length of the value.
 *
 * @returns undefined if the value fits
 */
export function unfitnessOf(value: string, format?: CredentialFormat): UnfitValue | undefined {
  if (!isText(value)) return { fault: textFault(value), fits: undefined };
  switch (format) {
    case 'text':
      return undefined;
    case 'key':
      return isKey(value) ? undefined : { fault: keyFault(value), fits: isDocument(value) ? 'document' : 'text' };
    case 'document':
      return isDocument(value) ? undefined : documentUnfitness(value);
    default:
      return isDocument(value) ? undefined : lookUnfitness(value);
  }
}

/** Whether the value is a key and not a document: the last characters of a key identify it. */
export const isOneKey = (value: string): boolean => isKey(value) && !isDocument(value);

const isKey = (value: string): boolean => value.length <= MAX_KEY_CHARACTERS && /^[\x21-\x7e]+$/.test(value);

const BYTE_ORDER_MARK = '\ufeff';

const isDocument = (value: string): boolean =>
  isText(value) &&
  !value.startsWith(BYTE_ORDER_MARK) &&
  (isRecord(jsonValueOf(value)) || readPemBlocks(value) === 'complete');

function jsonValueOf(value: string): unknown {
  const reading = readKeptJson(value);
  return 'value' in reading ? reading.value : undefined;
}

const isText = (value: string): boolean =>
  value !== '' && value.isWellFormed() && Buffer.byteLength(value, 'utf8') <= MAX_PLAINTEXT_BYTES;

function textFault(value: string): string {
  if (value === '') return 'is empty';
  return value.isWellFormed() ? `has more than ${MAX_PLAINTEXT_BYTES} bytes` : 'is not well-formed Unicode';
}

/** The fault of a value without a format that is not a document. */
function lookUnfitness(value: string): UnfitValue | undefined {
  const mistake = mistakeIn(value);
  if (mistake !== undefined) return { fault: mistake, fits: isKey(value) ? 'key' : 'text' };
  const broken = brokenDocument(value);
  if (broken !== undefined) return { fault: broken, fits: 'text' };
  const strayEnd = strayEndIn(value);
  if (strayEnd !== undefined) return { fault: strayEnd, fits: isKey(value) ? 'key' : 'text' };
  return isKey(value) ? undefined : { fault: keyFault(value), fits: 'text' };
}

function documentUnfitness(value: string): UnfitValue {
  const fault = brokenDocument(value);
  if (fault !== undefined) return { fault, fits: 'text' };
  return { fault: 'is neither a JSON object nor text with PEM blocks', fits: isKey(value) ? 'key' : 'text' };
}

function keyFault(value: string): string {
  return strangeCharacterIn(value) ?? `has more than ${MAX_KEY_CHARACTERS} characters, too many for a key`;
}

/** The beginning of a JSON object or array, or its first line alone. */
const JSON_LOOK = /^\s*(?:\{\s*(?:"|$)|\[\s*(?:["{]|$))/;

/** The fault of a damaged document; undefined if the value does not look like a document. */
function brokenDocument(value: string): string | undefined {
  if (value.startsWith(BYTE_ORDER_MARK)) return 'begins with a byte order mark';
  if (JSON_LOOK.test(value)) return brokenJson(value);
  const pem = readPemBlocks(value);
  return typeof pem === 'object' ? pem.fault : undefined;
}

function brokenJson(value: string): string {
  const reading = readKeptJson(value);
  if ('fault' in reading) {
    return reading.fault === NOT_JSON ? 'looks like incomplete JSON' : `is not a document: ${reading.fault}`;
  }
  return 'is JSON, but not an object';
}
