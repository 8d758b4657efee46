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

/** A token taken apart. Nothing in it is verified before it opens. */
export interface ParsedToken {
  readonly provider: string;
  readonly version: number;
  readonly message: Buffer;
}

/**
 * Takes `kw1.<provider>.<version>.<body>` apart and accepts only the spelling in which Keyward writes it.
 *
 * @throws KeywardError `decryption_failed`, whatever is wrong
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
 * The header of a token, for those who do not need its message; undefined where there is none as Keyward writes it.
 *
 * @returns with it the body as it stands
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

/** Only names the reason in the audit event; nothing ever falls through to the legacy format. */
const looksLegacy = (text: string): boolean => (decodeCanonicalBase64(text)?.length ?? 0) >= 64;

/**
 * Seals text for a provider.
 *
 * @param context as `checkCallerContext` lets it through, or Keyward's own
 * @param plaintext 1 to 32,768 bytes of well-formed text
 * @throws KeywardError `invalid_request` where the plaintext is not that
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
