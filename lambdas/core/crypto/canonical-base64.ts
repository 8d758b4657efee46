/**
 * Decodes standard base64 (RFC 4648 section 4) and accepts only the text that encoding the result gives: `Buffer.from` skips
 * junk, accepts both alphabets and ignores trailing bits, so one value would have many spellings.
 *
 * @returns the bytes, or undefined if the text is not canonical
 */
export function decodeCanonicalBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
