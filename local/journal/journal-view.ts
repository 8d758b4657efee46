/** How far the journal's own segments can be read at a moment: covers every event whose `append` resolved before. */
export interface JournalEnd {
  /** The newest segment; those whose names sort after it are not there yet. */
  readonly segment: string;
  /** Its length up to the end of its last synced group. */
  readonly bytes: number;
}

/** What of the directory a search may read. */
export interface JournalView {
  /** Undefined: the journal has no segment of its own. */
  readonly end: JournalEnd | undefined;
  /** Whether the segments with the events of an older data directory are whole. */
  readonly hasTakenOver: boolean;
}
