/** A BEGIN or END line of PEM, alone on its line (RFC 7468 section 3). Groups: indentation, kind, label. */
const PEM_LINE = /^([ \t]*)-----(BEGIN|END) ([^\n]*)-----[ \t]*$/;
const LABEL = /^(?:[!-,.-~](?:[- ]?[!-,.-~])*)?$/;
/** The mark of such a line, anywhere in a line. */
const BOUNDARY = /-----(?:BEGIN|END)/;
const LINE_END = /\r\n|\r|\n/;
const VISIBLE = /^[\t\x20-\x7e]*$/;

/**
 * Whether a line is meant to begin or end a PEM block, with any label and indentation. {@link readPemBlocks} may still refuse the
 * block.
 *
 * @param line without its line feed; a line with a carriage return does not match
 */
export function pemLineOf(line: string): 'begin' | 'end' | undefined {
  const [, , which] = PEM_LINE.exec(line) ?? [];
  if (which === undefined) return undefined;
  return which === 'BEGIN' ? 'begin' : 'end';
}

/** The PEM of a text: none, complete blocks alone, or the fault of a block. */
export type PemReading = 'none' | 'complete' | { readonly fault: string };

/**
 * Looks for PEM blocks. A complete block begins and ends with the same label, is not empty, and is ASCII. Any text may surround
 * the blocks, and any line end is accepted (RFC 7468 section 2). The encoded data is not checked.
 */
export function readPemBlocks(text: string): PemReading {
  if (!BOUNDARY.test(text)) return 'none';
  let label: string | undefined;
  let isEmpty = true;
  for (const line of text.split(LINE_END)) {
    const [, before, which, named = ''] = PEM_LINE.exec(line) ?? [];
    const isSound = before === '' && LABEL.test(named);
    if (isSound && which === 'BEGIN') {
      if (label !== undefined) return { fault: 'has a PEM block without its END line' };
      label = named;
      isEmpty = true;
    } else if (isSound) {
      if (label === undefined) return { fault: 'has a PEM block without its BEGIN line' };
      if (label !== named) return { fault: 'has a PEM block whose BEGIN and END lines do not match' };
      if (isEmpty) return { fault: 'has an empty PEM block' };
      label = undefined;
    } else if (BOUNDARY.test(line)) {
      return { fault: 'has a BEGIN or END line of PEM that is not alone on its line' };
    } else if (label !== undefined) {
      if (!VISIBLE.test(line)) return { fault: 'has a PEM block with a character that is not ASCII' };
      if (line.trim() !== '') isEmpty = false;
    }
  }
  return label === undefined ? 'complete' : { fault: 'has a PEM block without its END line' };
}
