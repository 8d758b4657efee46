import { createInterface } from 'node:readline';
import { usageError } from './cli-error';
import { interrupted, type Session } from '../session';

export interface Confirmation {
  /** What will happen, as a sentence. */
  readonly warning: string;
  /** What has to be typed. */
  readonly word: string;
  /** Whether `--yes` was given. */
  readonly yes: boolean;
}

/**
 * Has a step confirmed that cannot be undone: by typing a word, or by `--yes`, which a script has to give.
 *
 * @throws CliError `usage` where it was not, and nothing was sent; `interrupted`
 */
export async function confirm(session: Session, { warning, word, yes }: Confirmation): Promise<void> {
  if (yes) return;
  const { stdin, stderr } = session.parts;
  if (stdin.isTTY !== true || stderr.isTTY !== true) {
    throw usageError('this cannot be undone: where nobody can be asked, --yes has to be given');
  }
  stderr.write(`${warning}\nType ${word} to go on: `);
  if ((await readTypedLine(session)).trim() !== word) throw usageError('not confirmed; nothing was sent');
}

function readTypedLine({ parts: { stdin, stderr, signal } }: Session): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: stdin, terminal: false });
    const stop = (): void => {
      // The terminal has shown ^C where the answer would be.
      stderr.write('\n');
      reject(interrupted('nothing was sent'));
      lines.close();
    };
    signal.addEventListener('abort', stop, { once: true });
    lines
      .once('line', (line) => {
        resolve(line);
        lines.close();
      })
      .once('close', () => {
        signal.removeEventListener('abort', stop);
        // Without effect where a line has come.
        resolve('');
      });
  });
}
