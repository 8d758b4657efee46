/**
 * Decodes standard base64 (RFC 4648 section 4) and accepts only the text that encoding the result gives again, because
 * `Buffer.from` skips junk, takes both alphabets and ignores trailing bits: one value would have many spellings.
 *
 * @returns the bytes, or undefined where the text is not canonical
 */
export function decodeCanonicalBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
