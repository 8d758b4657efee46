/** Option of commands that read a text or document. */
export const TRIM = {
  trim: { type: 'boolean', shown: '--trim', help: 'drop one line end at the end of a text or document' },
} as const;
