const PLAIN = /^[A-Za-z0-9_.,:/@%+=-]+$/;

/** A text as one word of a POSIX shell's command line, to be pasted (POSIX.1-2017, Shell Command Language, section 2.2.2). */
export const shellWord = (text: string): string =>
  PLAIN.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
