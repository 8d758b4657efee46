/**
 * Beginnings that a spreadsheet may take for a formula (OWASP, "CSV Injection"), with their full-width forms, and the mark itself, so
 * that every text comes back by taking one mark away.
 */
const FORMULA = /^(?:\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n'])/u;
const MARK = "'";
const QUOTED = /[",\r\n]/;

/**
 * Formats one line of a CSV file (RFC 4180) with its line end. Null is an empty field. A text that a spreadsheet may take for a
 * formula gets a `'` before it.
 */
export const csvLine = (values: readonly unknown[]): string => `${values.map(fieldOf).join(',')}\r\n`;

function fieldOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const harmless = typeof value === 'string' && FORMULA.test(text) ? `${MARK}${text}` : text;
  return QUOTED.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
