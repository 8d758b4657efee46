import { parseCheckpoint, type Checkpoint } from './checkpoint';
import type { Checked } from './log-fault';
import { CHECKPOINT_PATH } from './log-path';
import type { TileSource } from './ports/tile-source';
import { parseNote, type SignedNote } from './signed-note';

/** A checkpoint as it is stored, with its bytes. Nothing is verified. */
export interface StoredCheckpoint {
  readonly bytes: Buffer;
  readonly note: SignedNote;
  readonly checkpoint: Checkpoint;
}

/** Reads the newest checkpoint of a log. @returns undefined if there is none: nothing was published yet */
export async function readCheckpoint(files: TileSource): Promise<Checked<StoredCheckpoint> | undefined> {
  const bytes = await files.read(CHECKPOINT_PATH);
  if (bytes === undefined) return undefined;
  const note = parseNote(bytes);
  if (note.fault !== undefined) return note;
  const checkpoint = parseCheckpoint(note.value.text);
  return checkpoint.fault === undefined
    ? { value: { bytes, note: note.value, checkpoint: checkpoint.value } }
    : checkpoint;
}
