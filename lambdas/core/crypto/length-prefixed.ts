/**
 * Injective encoding of a list of strings: each as its UTF-8 bytes after their count as a 32-bit big-endian number. No two lists
 * of the same length share an encoding, which a separator could not guarantee.
 *
 * @throws RangeError for a lone surrogate, which UTF-8 would silently replace
 */
export function encodeStrings(strings: readonly string[]): Buffer {
  const parts: Buffer[] = [];
  for (const text of strings) {
    if (!text.isWellFormed()) throw new RangeError('text is not well-formed Unicode');
    const bytes = Buffer.from(text, 'utf8');
    parts.push(encodeUint32(bytes.length), bytes);
  }
  return Buffer.concat(parts);
}

/** A count or length as four big-endian bytes. */
export function encodeUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
