import type { CliError } from './cli-error';
import type { Shown } from './commands';

type JsonObject = Readonly<Record<string, unknown>>;

export interface PrintSettings {
  readonly json: boolean;
  /** Whether the output is read by a person, who wants a newline after a secret. */
  readonly isTerminal: boolean;
  /** Whether this is a list's first page, which has the heading. */
  readonly isFirstPage: boolean;
}

/** What is written to stdout for a reply. */
export function renderReply(reply: JsonObject, shown: Shown, settings: PrintSettings): string {
  if (shown.kind === 'nothing') return '';
  const rows = shown.kind === 'list' ? objectsOf(reply[shown.member]) : [reply];
  if (settings.json) return rows.map((row) => `${toJson(row)}\n`).join('');
  switch (shown.kind) {
    case 'line':
      return `${plain(reply[shown.member])}\n`;
    case 'secret':
      // As it is: a key or text must come out byte by byte.
      return `${typeof reply[shown.member] === 'string' ? (reply[shown.member] as string) : ''}${settings.isTerminal ? '\n' : ''}`;
    case 'object':
      return table(Object.entries(reply).map(([name, value]) => [name, plain(value)]));
    case 'list':
      return table([
        ...(settings.isFirstPage ? [shown.columns.map((column) => column.toUpperCase())] : []),
        ...rows.map((row) => shown.columns.map((column) => plain(row[column]))),
      ]);
  }
}

/** What is written to stderr for an error: one line. */
export function renderError({ code, detail, requestId }: CliError, json: boolean): string {
  if (json) return `${toJson({ code, detail, ...(requestId === undefined ? {} : { request_id: requestId }) })}\n`;
  return `keyward: ${plain(code)}: ${plain(detail)}${requestId === undefined ? '' : ` (request ${plain(requestId)})`}\n`;
}

const objectsOf = (value: unknown): readonly JsonObject[] => (Array.isArray(value) ? (value as JsonObject[]) : []);

/** JSON escapes the controls below U+0020; those above would reach a terminal. */
const toJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll(
    /[\u007f-\u009f\u2028\u2029]/g,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** A value on one line. A stranger may have chosen it (a user agent, say): no control reaches the terminal. */
function plain(value: unknown): string {
  if (value === null || value === undefined || value === '') return '-';
  const text = typeof value === 'string' ? value : toJson(value);
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
