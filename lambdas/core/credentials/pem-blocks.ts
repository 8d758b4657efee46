/** What encloses what PEM has encoded, alone on its line (RFC 7468 section 3): what stands before it, which it is, and its label. */
const PEM_LINE = /^([ \t]*)-----(BEGIN|END) ([^\n]*)-----[ \t]*$/;
const LABEL = /^(?:[!-,.-~](?:[- ]?[!-,.-~])*)?$/;
/** What only such a line has, wherever it stands. */
const BOUNDARY = /-----(?:BEGIN|END)/;
const LINE_END = /\r\n|\r|\n/;
const VISIBLE = /^[\t\x20-\x7e]*$/;

/**
 * Whether a line begins or ends a block, whatever its label is, and with blanks before it, as an indented paste has them: so it is
 * meant, though {@link readPemBlocks} may have something against it.
 *
 * @param line without its line end; a carriage return before it counts as a part of the line, which then is none
 */
export function pemLineOf(line: string): 'begin' | 'end' | undefined {
  const [, , which] = PEM_LINE.exec(line) ?? [];
  if (which === undefined) return undefined;
  return which === 'BEGIN' ? 'begin' : 'end';
}

/** Whether a text has anything of PEM, and then whether each block in it is complete or what is wrong with one. */
export type PemReading = 'none' | 'complete' | { readonly fault: string };

/**
 * Looks for PEM blocks. A complete one begins and ends with one label, has something in between, and nothing that is not ASCII;
 * any text may stand around the blocks, and any line end is taken (RFC 7468 section 2). What is encoded is not looked at.
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
      if (label !== named) return { fault: 'has a PEM block whose BEGIN and END lines do not belong together' };
      if (isEmpty) return { fault: 'has a PEM block with nothing in it' };
      label = undefined;
    } else if (BOUNDARY.test(line)) {
      return { fault: 'has a BEGIN or END line of PEM that does not stand alone on its line' };
    } else if (label !== undefined) {
      if (!VISIBLE.test(line)) return { fault: 'has a PEM block with a character that is not ASCII' };
      if (line.trim() !== '') isEmpty = false;
    }
  }
  return label === undefined ? 'complete' : { fault: 'has a PEM block without its END line' };
}
