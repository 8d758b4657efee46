import { MAX_KEY_CHARACTERS, MAX_PLAINTEXT_BYTES, type CredentialFormat } from '../contract/limits';
import { isRecord } from '../crypto/record-checks';
import { NOT_JSON, readKeptJson } from '../crypto/strict-json';
import { strangeCharacterIn } from './strange-character';
import { readPemBlocks } from './pem-blocks';
import { mistakeIn, strayEndIn } from './value-mistakes';

/** Why a value cannot be the API key that it is said to be. */
export interface UnfitValue {
  /** The kind of fault as the rest of a sentence about the value, of which it repeats nothing: `has a blank inside`. */
  readonly fault: string;
  /** The format that takes the value as it is; undefined where none does. */
  readonly fits: CredentialFormat | undefined;
}

/**
 * Keyward's rule for values: API keys are sent in headers, so that most are one word of visible ASCII (RFC 9110 section 5.5)
 * and the rest whole documents. `key` takes 1 to 8,192 characters 0x21 to 0x7e; `document` a JSON object, or text with complete
 * PEM blocks, byte for byte; `text` 1 to 32,768 bytes of well-formed text. Without a format it is what fits `key` or `document` and
 * is no mistake by its look. Pure; linear in the length of the value.
 *
 * @returns undefined where the value fits
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

/** Whether the value is one word as API keys are, and no document: the last characters of such a one say which it is. */
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

/** What is wrong with what is no document, where nothing was said of it. */
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

/** As JSON objects and lists begin, or their first line alone. */
const JSON_LOOK = /^\s*(?:\{\s*(?:"|$)|\[\s*(?:["{]|$))/;

/** What is wrong with what is meant to be a document; undefined where it does not look like one. */
function brokenDocument(value: string): string | undefined {
  if (value.startsWith(BYTE_ORDER_MARK)) return 'begins with a byte order mark';
  if (JSON_LOOK.test(value)) return brokenJson(value);
  const pem = readPemBlocks(value);
  return typeof pem === 'object' ? pem.fault : undefined;
}

function brokenJson(value: string): string {
  const reading = readKeptJson(value);
  if ('fault' in reading) {
    return reading.fault === NOT_JSON ? 'looks like JSON, and is not whole' : `is no document: ${reading.fault}`;
  }
  return 'is JSON, and not an object';
}
