import type { CliError } from './cli-error';
import type { Shown } from './shown';

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
    case 'secret': {
      const secret = secretOf(reply, shown.member);
      return settings.isTerminal ? `${onTerminal(secret)}\n` : secret;
    }
    case 'object':
      return table((shown.rows ?? Object.entries)(reply).map(([name, value]) => [name, plain(value)]));
    case 'list':
      return table([
        ...(settings.isFirstPage ? [shown.columns.map((column) => column.toUpperCase())] : []),
        ...rows.map((row) => shown.columns.map((column) => plain(row[column]))),
      ]);
  }
}

/**
 * Whether {@link renderReply} shows a secret as it is. Into a file or pipe a key or text comes out byte by byte; on a terminal
 * whoever encrypted it could steer the terminal with it.
 */
export const isShownInFull = (reply: JsonObject, shown: Shown, { json, isTerminal }: PrintSettings): boolean => {
  if (shown.kind !== 'secret' || json || !isTerminal) return true;
  const secret = secretOf(reply, shown.member);
  return onTerminal(secret) === secret;
};

/** What is written to stderr for an error: one line. */
export function renderError({ code, detail, requestId, more }: CliError, json: boolean): string {
  if (json) {
    const { rotationId } = more;
    return `${toJson({
      code,
      detail,
      ...(requestId !== undefined && { request_id: requestId }),
      ...(rotationId !== undefined && { rotation_id: rotationId }),
    })}\n`;
  }
  return `keyward: ${plain(code)}: ${plain(detail)}${requestId === undefined ? '' : ` (request ${plain(requestId)})`}\n`;
}

const objectsOf = (value: unknown): readonly JsonObject[] => (Array.isArray(value) ? (value as JsonObject[]) : []);

/** What moves a cursor, changes the direction of writing, or cannot be seen. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** JSON escapes the controls below U+0020; the others would reach a terminal. */
const toJson = (value: unknown): string => JSON.stringify(value).replaceAll(INVISIBLE, escaped);

/** As JSON writes a character that it does not show: one escape for each UTF-16 unit (RFC 8259 section 7). */
const escaped = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');

const secretOf = (reply: JsonObject, member: string): string => {
  const secret = reply[member];
  return typeof secret === 'string' ? secret : '';
};

/** A secret may have several lines; nothing else in it reaches a terminal but what can be seen. */
const onTerminal = (secret: string): string =>
  secret.replaceAll(INVISIBLE, (character, at: number) => {
    const endsLine = character === '\n' || (character === '\r' && secret[at + 1] === '\n');
    return endsLine || character === '\t' ? character : '?';
  });

/** A value on one line. A stranger may have chosen it (a user agent, say): no control reaches the terminal. */
export function plain(value: unknown): string {
  if (value === null || value === undefined || value === '') return '-';
  const text = typeof value === 'string' ? value : toJson(value);
  return text.replaceAll(INVISIBLE, '?');
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
