import { formatCheckpoint, parseCheckpoint } from './checkpoint';
import type { Checked } from './log-fault';
import { EMPTY_ROOT } from './merkle-hash';
import type { Tree } from './merkle-proof';
import type { ComparedValue, ReadValue } from './ports/compared-value';
import type { LogSigner } from './ports/log-signer';
import { formatNote, parseNote, verifyNote, type SignedNote } from './signed-note';
import { cosignedMessage, encodeCosignature } from './verify-signature';

/** The keys of a log: one that signs checkpoints, and one that says when they still were the newest. */
export interface LogSigners {
  readonly log: LogSigner;
  readonly cosigner: LogSigner;
}

/** The log's last checkpoint, with its own signature verified. Without one, the log is empty. */
export interface PublishedCheckpoint {
  readonly tree: Tree;
  readonly note?: SignedNote;
  /** When the log cosigned it last, in seconds since 1970. */
  readonly cosignedAt: number;
  readonly read: ReadValue | undefined;
}

/** Reads the last checkpoint. It must be of this log, with a signature of its key that holds. */
export async function readPublished(
  checkpoints: ComparedValue,
  { log, cosigner }: LogSigners,
): Promise<Checked<PublishedCheckpoint>> {
  const read = await checkpoints.read();
  if (read === undefined) return { value: { tree: { size: 0, root: EMPTY_ROOT }, cosignedAt: 0, read } };
  const note = parseNote(read.bytes);
  if (note.fault !== undefined) return note;
  const checkpoint = parseCheckpoint(note.value.text);
  if (checkpoint.fault !== undefined) return checkpoint;
  if (checkpoint.value.origin !== log.key.name) return { fault: 'checkpoint_origin' };
  const verified = verifyNote(note.value, [log.key, cosigner.key]);
  if (verified.fault !== undefined) return verified;
  if (!verified.value.some(({ key }) => key === log.key)) return { fault: 'log_signature_missing' };
  const cosignedAt = Math.max(0, ...verified.value.map(({ time = 0 }) => time));
  const { size, root } = checkpoint.value;
  return { value: { tree: { size, root }, note: note.value, cosignedAt, read } };
}

const cosign = async (cosigner: LogSigner, text: string, time: number) => ({
  name: cosigner.key.name,
  id: cosigner.key.id,
  signature: encodeCosignature(time, await cosigner.sign(cosignedMessage(text, time))),
});

/** Signs a tree. Only for one that was computed anew from the last checkpoint's: a log never signs two histories. */
export async function signTree({ log, cosigner }: LogSigners, { size, root }: Tree, time: number): Promise<SignedNote> {
  const text = formatCheckpoint({ origin: log.key.name, size, root, extensions: [] });
  const { name, id } = log.key;
  const signature = await log.sign(Buffer.from(text, 'utf8'));
  return { text, signatures: [{ name, id, signature }, await cosign(cosigner, text, time)] };
}

/** The same checkpoint with a later cosignature of the log's own in place of the one before; the others stay. */
export async function cosignAgain({ cosigner }: LogSigners, note: SignedNote, time: number): Promise<SignedNote> {
  const { name, id } = cosigner.key;
  const others = note.signatures.filter((each) => each.name !== name || each.id !== id);
  return { text: note.text, signatures: [...others, await cosign(cosigner, note.text, time)] };
}

/** @returns false if another checkpoint was written since it was read */
export const writePublished = (
  checkpoints: ComparedValue,
  note: SignedNote,
  { read }: PublishedCheckpoint,
): Promise<boolean> => checkpoints.write(formatNote(note), read);
