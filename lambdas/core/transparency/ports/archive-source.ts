/** An object of the archive: where it is, and what it must contain. Objects may overlap; nobody changes one. */
export interface ArchiveObject {
  /** The hour of the archiver's clock when it was written, `2026-11-27T14`. */
  readonly hour: string;
  /** SHA-256 of its uncompressed lines, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** The archive of one region's events, to be read. */
export interface ArchiveSource {
  /** The hours that have objects, in order, from one on; undefined: from the first. Consistent: what was written is listed. */
  hours(from: string | undefined): Promise<readonly string[]>;
  /** All objects of an hour, in any order. Consistent, too. */
  objects(hour: string): Promise<readonly ArchiveObject[]>;
  /** The uncompressed lines of an object, each with its newline; undefined if it is gone. They are not trusted. */
  read(object: ArchiveObject): Promise<Buffer | undefined>;
}
