import { MAX_PLAINTEXT_BYTES } from '../../lambdas/core/contract/limits';
import { interrupted, usageError } from './cli-error';
import { counted } from './counted';
import { SETTLE_MS, closed, onRawTerminal, type RawTerminal, type TerminalParts } from './raw-terminal';
import { SecretEntry, type EntryResult, type Expected } from './secret-entry';
import { TerminalKeys } from './terminal-keys';

/** The size of the largest plaintext, and of its token. */
const MAX_CHARACTERS = 2 * MAX_PLAINTEXT_BYTES;

/**
 * A terminal keeps no more of a line than this while no program reads it, and silently drops the rest: N_TTY_BUF_SIZE of Linux
 * (drivers/tty/n_tty.c) less the line's end; elsewhere MAX_CANON is less, and counts for all lines together.
 */
const MAX_LINE_AHEAD_BYTES = { linux: 4_095, other: 1_023 };

const CUT = 'more text was pasted before the question than a terminal keeps';

const HOW_IT_ENDS: Readonly<Record<Expected, string>> = {
  line: 'not shown',
  'key-or-document': 'not shown; Enter ends it, a PEM or JSON text ends by itself',
  document: 'not shown; a PEM or JSON text ends by itself, anything else by Ctrl-D',
  text: 'not shown; Enter ends one line, Ctrl-D several; a PEM or JSON text ends by itself',
};

/**
 * Asks for a secret on a terminal, without echo. It takes a paste whole, in any pieces; what follows its end, until
 * {@link SETTLE_MS} without input, is read and dropped, so that no shell gets it. Text that was typed before the question
 * is included.
 *
 * @throws CliError if it was aborted, is too long, or has a character that no value has
 */
export async function readUnseen(
  parts: TerminalParts,
  { what, expected }: { readonly what: string; readonly expected: Expected },
): Promise<string> {
  const { stderr } = parts;
  const entry = new SecretEntry(expected, MAX_CHARACTERS);
  const result = await onRawTerminal(parts, async (terminal) => {
    terminal.ask(`${what} (${HOW_IT_ENDS[expected]}): `);
    return fill(entry, terminal, parts);
  }).catch((thrown: unknown) => {
    stderr.write('\n');
    throw thrown;
  });
  if (result.kind !== 'text') {
    stderr.write('\n');
    throw result.kind === 'interrupted'
      ? interrupted('nothing was sent')
      : usageError(`${result.why}; nothing was sent`);
  }
  stderr.write(result.text === '' ? '\n' : `read ${sizeOf(result.text)}\n`);
  if (result.dropped > 0) {
    stderr.write(`keyward: dropped: ${counted(result.dropped, 'character')} after its end\n`);
  }
  return result.text;
}

async function fill(entry: SecretEntry, terminal: RawTerminal, { waiting }: TerminalParts): Promise<EntryResult> {
  const keys = new TerminalKeys();
  const take = (bytes: Uint8Array): void => {
    for (const key of keys.decode(bytes, waiting.now())) entry.take(key);
  };
  const { typedAhead } = terminal;
  if (mayBeCut(typedAhead)) entry.take({ kind: 'refused', what: CUT });
  else if (!isBlank(typedAhead)) take(typedAhead);
  for (;;) {
    const arrival = await terminal.read(entry.phase === 'open' ? undefined : SETTLE_MS);
    if (arrival === 'closed' && entry.phase === 'open') throw closed();
    if (arrival === 'closed' || arrival === 'quiet') return entry.finish();
    take(arrival);
  }
}

const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0x0a || byte === 0x0d);

function mayBeCut(bytes: Uint8Array): boolean {
  if (process.platform !== 'linux') return bytes.length >= MAX_LINE_AHEAD_BYTES.other;
  let start = 0;
  for (const [at, byte] of bytes.entries()) {
    if (at - start >= MAX_LINE_AHEAD_BYTES.linux) return true;
    if (byte === 0x0a) start = at + 1;
  }
  return bytes.length - start >= MAX_LINE_AHEAD_BYTES.linux;
}

function sizeOf(text: string): string {
  const characters = counted(Array.from(text).length, 'character');
  const lines = text.trimEnd().split('\n').length;
  return lines === 1 ? characters : `${counted(lines, 'line')}, ${characters}`;
}
