/** The lines that enclose what PEM has encoded, each alone on its line (RFC 7468 section 3). */
const BEGIN = /^-----BEGIN ((?:[!-,.-~](?:[- ]?[!-,.-~])*)?)-----[ \t]*$/;
const END = /^-----END ((?:[!-,.-~](?:[- ]?[!-,.-~])*)?)-----[ \t]*$/;
/** What only such a line has, wherever it stands. */
const BOUNDARY = /-----(?:BEGIN|END)/;
const LINE_END = /\r\n|\r|\n/;
const VISIBLE = /^[\t\x20-\x7e]*$/;

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
    const begun = BEGIN.exec(line)?.[1];
    const ended = END.exec(line)?.[1];
    if (begun !== undefined) {
      if (label !== undefined) return { fault: 'has a PEM block without its END line' };
      label = begun;
      isEmpty = true;
    } else if (ended !== undefined) {
      if (label === undefined) return { fault: 'has a PEM block without its BEGIN line' };
      if (label !== ended) return { fault: 'has a PEM block whose BEGIN and END lines do not belong together' };
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
