/** Readable end of the journal's own segments at a moment: covers every event whose `append` resolved before. */
export interface JournalEnd {
  /** The newest segment; segments whose names sort after it do not exist yet. */
  readonly segment: string;
  /** Its length up to the end of its last synced group. */
  readonly bytes: number;
}

/** The part of the directory that a search may read. */
export interface JournalView {
  /** Undefined: the journal has no segment of its own. */
  readonly end: JournalEnd | undefined;
  /** Whether the segments with the events of an older data directory are complete. */
  readonly hasTakenOver: boolean;
}
