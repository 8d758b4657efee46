import { hash } from 'node:crypto';
import type { Checked } from './log-fault';
import type { LogSigner } from './ports/log-signer';
import { formatPublisherState, parsePublisherState, type PublisherState } from './publisher-state';
import { formatNote, parseNote, verifyNote } from './signed-note';

const HEADER = 'keyward/publisher-state/v1';
const NEWLINE = 0x0a;

/** What the log's key signs of a state. It begins with no origin, so that no reader takes it for a checkpoint. */
const textOf = (state: Buffer, origin: string): string => `${HEADER}\n${origin}\n${hash('sha256', state, 'hex')}\n`;

/** A state as it is stored: one line of JSON, and a note that the log's key signed about its hash. */
export async function signState(state: PublisherState, { key, sign }: LogSigner): Promise<Buffer> {
  const line = formatPublisherState(state);
  const text = textOf(line, key.name);
  const signature = await sign(Buffer.from(text, 'utf8'));
  return Buffer.concat([
    line,
    Buffer.of(NEWLINE),
    formatNote({ text, signatures: [{ name: key.name, id: key.id, signature }] }),
  ]);
}

/**
 * Reads a state that the publisher itself wrote. Whoever else can write where it is stored can only put an earlier one back, which
 * does not extend the last checkpoint.
 */
export function openState(bytes: Buffer, { key }: Pick<LogSigner, 'key'>): Checked<PublisherState> {
  const end = bytes.indexOf(NEWLINE);
  if (end < 0) return { fault: 'state_form' };
  const line = bytes.subarray(0, end);
  const note = parseNote(bytes.subarray(end + 1));
  if (note.fault !== undefined) return note;
  const verified = verifyNote(note.value, [key]);
  if (verified.fault !== undefined) return verified;
  return note.value.text === textOf(line, key.name) ? parsePublisherState(line) : { fault: 'state_form' };
}
