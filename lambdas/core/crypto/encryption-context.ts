import { invalidRequest } from '../errors/errors';
import { encodeStrings, encodeUint32 } from './length-prefixed';

/** Name/value pairs that are authenticated and not stored; opening must present the same. */
export type EncryptionContext = Readonly<Record<string, string>>;

export const MAX_CONTEXT_PAIRS = 16;
export const MAX_CONTEXT_NAME_BYTES = 128;
export const MAX_CONTEXT_VALUE_BYTES = 1024;

/** Prefix of Keyward's own names, which bind stored credentials, so that no caller can open one as a token. */
const RESERVED_PREFIX = 'keyward:';

/** The encoding of an empty context. */
export const NO_PAIRS = encodeUint32(0);

/**
 * Checks a caller's context against the limits.
 *
 * @throws KeywardError `invalid_request`; the message names the rule, never a name or a value
 */
export function checkCallerContext(context: EncryptionContext): void {
  const pairs = Object.entries(context);
  if (pairs.length > MAX_CONTEXT_PAIRS) throw invalidRequest(`context has more than ${MAX_CONTEXT_PAIRS} pairs`);
  for (const [name, value] of pairs) {
    if (!name.isWellFormed() || !value.isWellFormed()) throw invalidRequest('context is not well-formed Unicode');
    const nameBytes = Buffer.byteLength(name, 'utf8');
    if (nameBytes < 1 || nameBytes > MAX_CONTEXT_NAME_BYTES) {
      throw invalidRequest(`context names must have 1 to ${MAX_CONTEXT_NAME_BYTES} bytes`);
    }
    if (Buffer.byteLength(value, 'utf8') > MAX_CONTEXT_VALUE_BYTES) {
      throw invalidRequest(`context values must have at most ${MAX_CONTEXT_VALUE_BYTES} bytes`);
    }
    if (name.startsWith(RESERVED_PREFIX)) throw invalidRequest(`context names must not begin with ${RESERVED_PREFIX}`);
  }
}

/**
 * The context's part of the additional authenticated data: the number of pairs as a 32-bit big-endian number, then each pair's
 * name and value length-prefixed, pairs sorted by the bytes of their names. An object cannot hold a name twice; the JSON parser
 * refuses duplicates.
 *
 * @throws RangeError for a lone surrogate
 */
export function encodeContext(context: EncryptionContext): Buffer {
  const pairs = Object.entries(context);
  if (pairs.length === 0) return NO_PAIRS;
  const sorted = pairs
    .map(([name, value]) => ({ key: Buffer.from(name, 'utf8'), encoded: encodeStrings([name, value]) }))
    .sort((a, b) => Buffer.compare(a.key, b.key));
  return Buffer.concat([encodeUint32(pairs.length), ...sorted.map((pair) => pair.encoded)]);
}
