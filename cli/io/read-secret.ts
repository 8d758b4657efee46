import type { Readable, Writable } from 'node:stream';
import { MAX_BODY_BYTES } from '../../lambdas/core/contract/limits';
import { decodeUtf8 } from '../../lambdas/core/crypto/utf8';
import { usageError } from './cli-error';

/** `process.stdin`, or what stands for it. */
export type SecretInput = Readable & { readonly isTTY?: boolean; setRawMode?: (raw: boolean) => unknown };

const INTERRUPT = '\u0003';
const END_OF_INPUT = '\u0004';
const ERASE = ['\b', '\u007f'];

/**
 * Reads a secret: all of stdin without one newline at its end; on a terminal one line, which is not shown.
 *
 * @param what for the prompt, such as `API key`
 * @throws CliError where there is none, it is too long or not UTF-8, or Ctrl-C was pressed
 */
export async function readSecret(input: SecretInput, prompts: Writable, what: string): Promise<string> {
  const { setRawMode } = input;
  const isTerminal = input.isTTY === true && setRawMode !== undefined;
  const secret = isTerminal ? await readUnseen(input, prompts, what) : await readAll(input);
  if (secret === '') throw usageError(`stdin is empty: the ${what} is read from there`);
  return secret;
}

async function readAll(input: SecretInput): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    // No body that the API takes has room for more.
    if (size > MAX_BODY_BYTES) throw usageError(`stdin holds more than ${MAX_BODY_BYTES} bytes`);
    chunks.push(bytes);
  }
  const text = decodeUtf8(Buffer.concat(chunks));
  if (text === undefined) throw usageError('stdin is not UTF-8');
  return text.replace(/\r?\n$/, '');
}

async function readUnseen(input: SecretInput, prompts: Writable, what: string): Promise<string> {
  prompts.write(`${what} (not shown): `);
  input.setRawMode?.(true);
  input.setEncoding('utf8');
  try {
    return await readLine(input);
  } finally {
    input.setRawMode?.(false);
    input.pause();
    prompts.write('\n');
  }
}

function readLine(input: SecretInput): Promise<string> {
  return new Promise((resolve, reject) => {
    const typed: string[] = [];
    const settle = (end: () => void): void => {
      input.off('data', take).off('end', finish);
      end();
    };
    const finish = (): void => {
      settle(() => {
        resolve(typed.join(''));
      });
    };
    const take = (chunk: string): void => {
      for (const character of chunk) {
        if (character === INTERRUPT) {
          settle(() => {
            reject(usageError('interrupted'));
          });
          return;
        }
        if (['\r', '\n', END_OF_INPUT].includes(character)) {
          finish();
          return;
        }
        if (ERASE.includes(character)) typed.pop();
        else typed.push(character);
      }
    };
    input.on('data', take).on('end', finish);
  });
}
