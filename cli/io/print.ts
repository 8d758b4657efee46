import type { CliError } from './cli-error';
import { INVISIBLE, plain, toJson } from './plain-text';
import { displayWidth, padEnd } from './display-width';
import type { ListShown, OutputFormat } from './output-format';
import type { JsonObject } from '../client/json-object';

export interface PrintSettings {
  readonly json: boolean;
  /** Whether a person reads the output: a secret then ends with a line end, for the next prompt. */
  readonly isTerminal: boolean;
}

/** The stdout text of a reply that is no page of a list. */
export function renderReply(
  reply: JsonObject,
  shown: Exclude<OutputFormat, ListShown>,
  settings: PrintSettings,
): string {
  if (shown.kind === 'nothing') return '';
  if (settings.json) return `${toJson(reply)}\n`;
  switch (shown.kind) {
    case 'line':
      return `${plain(reply[shown.member])}\n`;
    case 'secret': {
      const secret = secretOf(reply, shown.member);
      return settings.isTerminal ? endedLine(onTerminal(secret)) : secret;
    }
    case 'object':
      return namesAndValues((shown.rows ?? Object.entries)(reply));
  }
}

/**
 * Whether {@link renderReply} shows a secret unchanged. A file or pipe gets every byte. On a terminal
 * control characters are escaped, because the author of the text could control the terminal with them.
 */
export const isShownInFull = (reply: JsonObject, shown: OutputFormat, { json, isTerminal }: PrintSettings): boolean => {
  if (shown.kind !== 'secret' || json || !isTerminal) return true;
  const secret = secretOf(reply, shown.member);
  return onTerminal(secret) === secret;
};

/** The stderr text of an error: one line. */
export function renderError({ code, detail, requestId, more }: CliError, json: boolean): string {
  if (json) {
    const { rotationId, command } = more;
    return `${toJson({
      code,
      detail,
      ...(requestId !== undefined && { request_id: requestId }),
      ...(rotationId !== undefined && { rotation_id: rotationId }),
      ...(command !== undefined && { command }),
    })}\n`;
  }
  return `keyward: ${plain(code)}: ${plain(detail)}${requestId === undefined ? '' : ` (request ${plain(requestId)})`}\n`;
}

const secretOf = (reply: JsonObject, member: string): string => {
  const secret = reply[member];
  return typeof secret === 'string' ? secret : '';
};

/** A secret may have several lines; of its other control characters none reaches a terminal. */
const onTerminal = (secret: string): string =>
  secret.replaceAll(INVISIBLE, (character, at: number) => {
    const endsLine = character === '\n' || (character === '\r' && secret[at + 1] === '\n');
    return endsLine || character === '\t' ? character : '?';
  });

const endedLine = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);

function namesAndValues(rows: readonly (readonly [string, unknown])[]): string {
  const width = Math.max(0, ...rows.map(([name]) => displayWidth(name)));
  return rows.map(([name, value]) => `${padEnd(name, width)}  ${plain(value)}\n`).join('');
}
