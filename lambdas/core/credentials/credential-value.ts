import { MAX_KEY_CHARACTERS, MAX_PLAINTEXT_BYTES, type CredentialFormat } from '../contract/limits';
import { isRecord } from '../crypto/record-checks';
import { NOT_JSON, readKeptJson } from '../crypto/strict-json';
import { strangeCharacterIn } from './strange-character';
import { readPemBlocks } from './pem-blocks';

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
  const mistake = MISTAKES.find(({ look }) => look.test(value.trim()));
  if (mistake !== undefined) return { fault: mistake.fault, fits: isKey(value) ? 'key' : 'text' };
  const fault = brokenDocument(value);
  if (fault !== undefined) return { fault, fits: 'text' };
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

/** What a mask is made of: asterisks, bullets and blocks. */
const MASKED = '[*\u2022\u25cf\u2219\u00b7\u22c5\u25e6\u25aa\u25a0\u26ab\u2b24\u2588\u2217\u204e\u2731\uff0a]';

/**
 * Copying mistakes that fit a key all the same, by the look of the whole value. A NAME is that of a shell's variable (POSIX.1-2017
 * section 8.1) of up to 64 characters, and only `=` behind it is the padding of base64; some keys have `=` before their checksum
 * (Atlassian's), but far behind.
 */
const MISTAKES: readonly { readonly look: RegExp; readonly fault: string }[] = [
  {
    look: new RegExp(`${MASKED}[^]*${MASKED}[^]*${MASKED}|\\.{3}|\u2026`),
    fault: 'is a mask, as lists show keys, and not the key',
  },
  { look: /^bearer(?:[\s:]|%20|$)/i, fault: 'begins with Bearer, which belongs to the header and not to the key' },
  {
    look: /^(?:(?:export|set|setx|env)\s+|\$env:)?[A-Za-z_][A-Za-z0-9_]{0,63}\s*=[^\r\n]*[^=\s]/i,
    fault: 'is an assignment (NAME=...), and not the value alone',
  },
  {
    look: /^(?:"[^]*"|'[^]*'|`[^]*`|[\u201c\u201e\u201d][^]*[\u201c\u201d]|[\u2018\u201a\u2019][^]*[\u2018\u2019]|\u00ab[^]*\u00bb)[,;]?$/,
    fault: 'is in quotes, which do not belong to it',
  },
];
