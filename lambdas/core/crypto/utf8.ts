const REPLACEMENT = '\ufffd';

/**
 * Decodes UTF-8 strictly: `Buffer.toString` replaces invalid bytes with U+FFFD, so only a text that holds one needs a second
 * check. A leading byte order mark is kept.
 *
 * @returns the text, or undefined if the bytes are not UTF-8
 */
export function decodeUtf8(bytes: Buffer): string | undefined {
  const text = bytes.toString('utf8');
  return text.includes(REPLACEMENT) && !Buffer.from(text, 'utf8').equals(bytes) ? undefined : text;
}
