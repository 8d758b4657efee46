const REPLACEMENT = '\ufffd';

/**
 * Decodes UTF-8 and refuses, never repairs: `Buffer.toString` puts U+FFFD in place of what is not UTF-8, so only a text
 * that holds one needs the second look. A leading byte order mark is kept.
 *
 * @returns the text, or undefined where the bytes are not UTF-8
 */
export function decodeUtf8(bytes: Buffer): string | undefined {
  const text = bytes.toString('utf8');
  return text.includes(REPLACEMENT) && !Buffer.from(text, 'utf8').equals(bytes) ? undefined : text;
}
