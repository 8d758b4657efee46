import { MAX_BODY_BYTES } from '../../lambdas/core/contract/limits';
import { decodeUtf8 } from '../../lambdas/core/crypto/utf8';
import { usageError } from './cli-error';
import { isWholeDocument } from './document-end';
import { isKeyboard, type SecretInput, type TerminalParts } from './raw-terminal';
import { readUnseen } from './read-unseen';
import type { Expected } from './secret-entry';

/** The value that is read from stdin. */
export interface WantedSecret {
  /** For the prompt, such as `API key`. */
  readonly what: string;
  readonly expected: Expected;
  /** Whether one final line end is removed. */
  readonly trim: boolean;
}

/**
 * Reads a secret: on a terminal as {@link readUnseen}, else all of stdin, every byte except one line end after a key or
 * token.
 *
 * @throws CliError if it is missing, too long or not UTF-8, or Ctrl-C was pressed
 */
export async function readSecret(parts: TerminalParts, wanted: WantedSecret): Promise<string> {
  const { what, trim } = wanted;
  const isTyped = isKeyboard(parts.stdin);
  const read = isTyped ? await readUnseen(parts, wanted) : withoutLineEnd(await readAll(parts.stdin), wanted.expected);
  const secret = trim ? read.replace(LINE_END, '') : read;
  if (secret !== '') return secret;
  throw usageError(isTyped ? 'nothing was typed; nothing was sent' : `stdin is empty; it must have the ${what}`);
}

const LINE_END = /\r?\n$/;

/** Whether a text is one word, as API keys are, and a line end, which no API key has. */
export const isKeyWithLineEnd = (text: string): boolean => /^[\x21-\x7e]+\r?\n$/.test(text);

function withoutLineEnd(text: string, expected: Expected): string {
  const isKept = expected === 'document' || expected === 'text';
  return isKept || (expected === 'key-or-document' && isWholeDocument(text)) ? text : text.replace(LINE_END, '');
}

async function readAll(input: SecretInput): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    // A larger value fits into no body of the API.
    if (size > MAX_BODY_BYTES) throw usageError(`stdin has more than ${MAX_BODY_BYTES} bytes`);
    chunks.push(bytes);
  }
  const text = decodeUtf8(Buffer.concat(chunks));
  if (text === undefined) throw usageError('stdin is not UTF-8: only text can be stored or encrypted');
  return text;
}
