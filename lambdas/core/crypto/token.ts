import { MAX_PLAINTEXT_BYTES } from '../contract/limits';
import { decodeCanonicalBase64 } from './canonical-base64';
import type { Dek } from './dek';
import { encodeContext, NO_PAIRS, type EncryptionContext } from './encryption-context';
import { decryptionFailed, invalidRequest } from '../errors/errors';
import { parseKeyVersion } from './key-version';
import { isProvider } from './provider';
import type { Randomness } from './randomness';
import { openMessage, sealedLength, sealMessage } from './sealed-message';
import { decodeUtf8 } from './utf8';
import { wipe } from './wipe';

const MAX_MESSAGE_BYTES = sealedLength(MAX_PLAINTEXT_BYTES);

/** `kw1.` + provider ≤ 50 + `.` + version ≤ 10 + `.` + base64 of the longest message. */
export const MAX_TOKEN_CHARACTERS = 4 + 50 + 1 + 10 + 1 + 4 * Math.ceil(MAX_MESSAGE_BYTES / 3);

const FORMAT = 'kw1.';

/** The parts of a token, not verified before it opens. */
export interface ParsedToken {
  readonly provider: string;
  readonly version: number;
  readonly message: Buffer;
}

/**
 * Parses `kw1.<provider>.<version>.<body>` and accepts only the spelling that Keyward writes.
 *
 * @throws KeywardError `decryption_failed`, for every fault
 */
export function parseToken(text: string): ParsedToken {
  if (text.length > MAX_TOKEN_CHARACTERS) throw decryptionFailed('malformed_token');
  if (!text.startsWith(FORMAT)) throw decryptionFailed(looksLegacy(text) ? 'legacy_format' : 'malformed_token');
  const header = parseTokenHeader(text);
  if (header === undefined) throw decryptionFailed('malformed_token');
  const { provider, version, body } = header;
  const message = decodeCanonicalBase64(body);
  if (message === undefined) throw decryptionFailed('non_canonical_base64');
  if (message.length > MAX_MESSAGE_BYTES) throw decryptionFailed('malformed_token');
  return { provider, version, message };
}

/**
 * Parses the header of a token without its message; undefined if it is not a header that Keyward writes.
 *
 * @returns the header, with the body as it is
 */
export function parseTokenHeader(
  text: string,
): (Pick<ParsedToken, 'provider' | 'version'> & { readonly body: string }) | undefined {
  if (!text.startsWith(FORMAT)) return undefined;
  const afterProvider = text.indexOf('.', FORMAT.length);
  const afterVersion = text.indexOf('.', afterProvider + 1);
  if (afterProvider < 0 || afterVersion < 0) return undefined;
  const provider = text.slice(FORMAT.length, afterProvider);
  const version = parseKeyVersion(text.slice(afterProvider + 1, afterVersion));
  if (!isProvider(provider) || version === undefined) return undefined;
  return { provider, version, body: text.slice(afterVersion + 1) };
}

/** Only for the reason in the audit event: no token is ever opened in the legacy format. */
const looksLegacy = (text: string): boolean => (decodeCanonicalBase64(text)?.length ?? 0) >= 64;

/**
 * Seals text for a provider.
 *
 * @param context checked by `checkCallerContext`, or Keyward's own
 * @param plaintext 1 to 32,768 bytes of well-formed text
 * @throws KeywardError `invalid_request` for any other plaintext
 */
export function sealToken(dek: Dek, context: EncryptionContext, plaintext: string, randomness: Randomness): string {
  if (!plaintext.isWellFormed()) throw invalidRequest('plaintext is not well-formed Unicode');
  if (plaintext === '' || Buffer.byteLength(plaintext, 'utf8') > MAX_PLAINTEXT_BYTES) {
    throw invalidRequest(`plaintext must have 1 to ${MAX_PLAINTEXT_BYTES} bytes`);
  }
  const bytes = Buffer.from(plaintext, 'utf8');
  const message = sealMessage(dek.key, 'kw1', tokenAad(dek, context), bytes, randomness);
  wipe(bytes);
  return `kw1.${dek.provider}.${dek.version}.${message.toString('base64')}`;
}

/**
 * Opens a token with the one key that its header names; never tries another.
 *
 * @param context as for {@link sealToken}
 * @throws KeywardError `decryption_failed`
 */
export function openToken(dek: Dek, context: EncryptionContext, token: ParsedToken): string {
  if (token.provider !== dek.provider) throw decryptionFailed('provider_mismatch');
  if (token.version !== dek.version) throw decryptionFailed('unknown_version');
  const bytes = openMessage(dek.key, 'kw1', tokenAad(dek, context), token.message);
  const plaintext = decodeUtf8(bytes);
  wipe(bytes);
  if (plaintext === undefined) throw decryptionFailed('malformed_token');
  return plaintext;
}

function tokenAad(dek: Dek, context: EncryptionContext): Buffer {
  const pairs = encodeContext(context);
  return pairs === NO_PAIRS ? dek.tokenAadWithoutContext : Buffer.concat([dek.tokenHeader, pairs]);
}
