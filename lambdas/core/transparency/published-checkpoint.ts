import { formatCheckpoint, parseCheckpoint } from './checkpoint';
import type { Checked } from './log-fault';
import { EMPTY_ROOT } from './merkle-hash';
import type { Tree } from './merkle-proof';
import { readSuccession, type KeySuccession } from './key-succession';
import type { ComparedValue, ReadValue } from './ports/compared-value';
import type { LogFiles } from './ports/log-files';
import type { LogSigner } from './ports/log-signer';
import { pairsOf, type LogSigners, type SigningPair } from './signing-pair';
import { formatNote, parseNote, verifyNote, type SignedNote } from './signed-note';
import { cosignedMessage, encodeCosignature } from './verify-signature';

/** The log's last checkpoint, with its own signature verified. Without one, the log is empty. */
export interface PublishedCheckpoint {
  readonly tree: Tree;
  readonly note?: SignedNote;
  /** When the log cosigned it last, in seconds since 1970. */
  readonly cosignedAt: number;
  readonly read: ReadValue | undefined;
  /** The newest keys that signed it. A log begins with its oldest ones. */
  readonly signers: SigningPair;
  readonly succession: KeySuccession;
}

/**
 * Reads the last checkpoint. It must be of this log, with a signature of one of its keys that holds, and that the hand-overs of the
 * log allow at this size.
 */
export async function readPublished(
  checkpoints: Pick<ComparedValue, 'read'>,
  signers: LogSigners,
  files: LogFiles,
): Promise<Checked<PublishedCheckpoint>> {
  const read = await checkpoints.read();
  const pairs = pairsOf(signers);
  // After the checkpoint: the proof of a hand-over is there before the checkpoint that needs it.
  const succession = await readSuccession(files, pairs);
  if (read === undefined) {
    const tree = { size: 0, root: EMPTY_ROOT };
    return { value: { tree, cosignedAt: 0, read, signers: pairs[0], succession } };
  }
  const note = parseNote(read.bytes);
  if (note.fault !== undefined) return note;
  const checkpoint = parseCheckpoint(note.value.text);
  if (checkpoint.fault !== undefined) return checkpoint;
  const { origin, size, root } = checkpoint.value;
  if (origin !== signers.log.key.name) return { fault: 'checkpoint_origin' };
  const trusted = pairs.filter(({ log }) => succession.maySign(log.key, size));
  const verified = verifyNote(
    note.value,
    trusted.flatMap(({ log, cosigner }) => [log.key, cosigner.key]),
  );
  if (verified.fault !== undefined) return verified;
  const signer = trusted.findLast(({ log }) => verified.value.some(({ key }) => key === log.key));
  if (signer === undefined) return { fault: 'log_signature_missing' };
  const cosignedAt = Math.max(0, ...verified.value.map(({ time = 0 }) => time));
  return { value: { tree: { size, root }, note: note.value, cosignedAt, read, signers: signer, succession } };
}

const cosign = async (cosigner: LogSigner, text: string, time: number) => ({
  name: cosigner.key.name,
  id: cosigner.key.id,
  signature: encodeCosignature(time, await cosigner.sign(cosignedMessage(text, time))),
});

/** Signs a tree. Only for one that was computed anew from the last checkpoint's: a log never signs two histories. */
export async function signTree(
  { log, cosigner }: SigningPair,
  { size, root }: Tree,
  time: number,
): Promise<SignedNote> {
  const text = formatCheckpoint({ origin: log.key.name, size, root, extensions: [] });
  const { name, id } = log.key;
  const signature = await log.sign(Buffer.from(text, 'utf8'));
  return { text, signatures: [{ name, id, signature }, await cosign(cosigner, text, time)] };
}

/** The same checkpoint with a later cosignature of the log's own in place of the one before; the others stay. */
export async function cosignAgain({ cosigner }: SigningPair, note: SignedNote, time: number): Promise<SignedNote> {
  const { name, id } = cosigner.key;
  const others = note.signatures.filter((each) => each.name !== name || each.id !== id);
  return { text: note.text, signatures: [...others, await cosign(cosigner, note.text, time)] };
}

/**
 * The same checkpoint, signed by the keys to which those before have handed over. What others have cosigned is its text, which stays
 * as it is (tlog-cosignature, "Format"): so their cosignatures stay, too.
 */
export async function signAsHeir(
  { log, cosigner }: SigningPair,
  { text, signatures }: SignedNote,
  { before, time }: { readonly before: SigningPair; readonly time: number },
): Promise<SignedNote> {
  const old = [before.log.key, before.cosigner.key];
  const others = signatures.filter((each) => old.every(({ name, id }) => each.name !== name || each.id !== id));
  const { name, id } = log.key;
  const signature = await log.sign(Buffer.from(text, 'utf8'));
  return { text, signatures: [{ name, id, signature }, ...others, await cosign(cosigner, text, time)] };
}

/** @returns false if another checkpoint was written since it was read */
export const writePublished = (
  checkpoints: ComparedValue,
  note: SignedNote,
  { read }: PublishedCheckpoint,
): Promise<boolean> => checkpoints.write(formatNote(note), read);
