import { interrupted, usageError } from './cli-error';
import { SETTLE_MS, closed, isKeyboard, onRawTerminal, type RawTerminal } from './raw-terminal';
import { SecretEntry } from './secret-entry';
import type { Session } from '../session';
import { TerminalKeys } from './terminal-keys';

export interface Confirmation {
  /** What will happen, as a sentence. */
  readonly warning: string;
  /** The text that has to be typed; default: yes. */
  readonly word?: string;
  /** Whether `--yes` was given. */
  readonly yes: boolean;
}

const MAX_ANSWER_CHARACTERS = 256;
const LONGEST_YES_OR_NO = 'yes'.length;

/**
 * Asks for a confirmation: by typing a word, or by `--yes`, which a script has to give. Text that was typed before the question is
 * ignored.
 *
 * @throws CliError `usage` if the answer is no, and nothing was sent; `interrupted`
 */
export async function confirm(session: Session, { warning, word, yes }: Confirmation): Promise<void> {
  if (yes) return;
  refuseUnlessAsked(session, 'this');
  const question = word === undefined ? 'Go on? [y/N] ' : `Type ${word} to go on: `;
  const longest = Math.max(LONGEST_YES_OR_NO, word?.length ?? 0);
  const answer = await answerTo(session, `${warning}\n${question}`, longest);
  const isYes = word === undefined ? /^y(es)?$/i.test(answer) : answer === word;
  if (!isYes) throw usageError('not confirmed; nothing was sent');
}

/** @throws CliError if there is no terminal to ask on; `what` names the question */
export function refuseUnlessAsked({ parts: { stdin, stderr } }: Session, what: string): void {
  if (isKeyboard(stdin) && stderr.isTTY === true) return;
  throw usageError(`${what} must be confirmed: give --yes where there is no terminal; nothing was sent`);
}

async function answerTo(session: Session, question: string, longest: number): Promise<string> {
  const { stderr } = session.parts;
  try {
    return await onRawTerminal(session.parts, async (terminal) => {
      if (terminal.typedAhead.length > 0) await becomeQuiet(terminal);
      terminal.ask(question);
      return readAnswer(session, terminal, longest);
    });
  } finally {
    stderr.write('\n');
  }
}

/** Pasted text may continue after the question. */
async function becomeQuiet(terminal: RawTerminal): Promise<void> {
  while ((await terminal.read(SETTLE_MS)) instanceof Uint8Array);
}

/**
 * One line, which is shown; what comes with it and after it is no answer either, and no shell is given it. What is longer than
 * any answer is not shown: it may be the key, pasted for the question that comes after this one.
 */
async function readAnswer(
  { parts: { stderr, waiting } }: Session,
  terminal: RawTerminal,
  longest: number,
): Promise<string> {
  const keys = new TerminalKeys();
  const entry = new SecretEntry('line', MAX_ANSWER_CHARACTERS);
  let shown = '';
  for (;;) {
    const arrival = await terminal.read(entry.phase === 'open' ? undefined : SETTLE_MS);
    if (arrival === 'closed' && entry.phase === 'open') throw closed();
    if (arrival === 'closed' || arrival === 'quiet') break;
    for (const key of keys.decode(arrival, waiting.now())) entry.take(key);
    const { text } = entry;
    const visible = text.length > longest ? '*'.repeat(text.length) : text.replaceAll(/[^\x20-\x7e]/g, '?');
    if (visible !== shown) stderr.write('\b \b'.repeat(shown.length) + visible);
    shown = visible;
  }
  const result = entry.finish();
  if (result.kind === 'interrupted') throw interrupted('nothing was sent');
  return result.kind === 'text' ? result.text.trim() : '';
}
