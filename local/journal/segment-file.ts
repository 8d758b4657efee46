import { formatHeader, sealGroup } from './journal-format';
import type { AppendedFile, JournalFiles } from './journal-files';
import { segmentFile } from './segment-name';

/**
 * A segment that is being written, by one caller at a time. Groups written before a failed call are durable; after a failed call
 * nothing may be written to it.
 */
export class SegmentFile {
  private constructor(
    readonly segment: string,
    private readonly file: AppendedFile,
    private length: number,
    private previous: string,
  ) {}

  /**
   * Creates a segment. Its name and its header are then durable.
   *
   * @param previous hash of the trailer that it follows
   * @throws errors of the system; the incomplete file is no segment, and is removed if possible
   */
  static async create(files: JournalFiles, segment: string, previous: string): Promise<SegmentFile> {
    const name = segmentFile(segment);
    const file = await files.create(name);
    try {
      const header = formatHeader({ journal: 1, segment, previous });
      await file.write(header);
      await file.sync();
      await files.syncNames();
      return new SegmentFile(segment, file, header.length, previous);
    } catch (thrown) {
      await file.close().catch(() => undefined);
      await files.remove(name).catch(() => undefined);
      throw thrown;
    }
  }

  /** Length up to the last durable group. */
  get bytes(): number {
    return this.length;
  }

  /** Hash of that group's trailer, for the next group. */
  get chain(): string {
    return this.previous;
  }

  /**
   * Resolves when a group is durable.
   *
   * @param lines of its events, each without a line feed; at least one
   * @param isWanted called when it is durable: false if it was refused meanwhile and must not count
   * @throws errors of the system, and ENOENT if the file is no longer at its path: the group would not be found
   */
  async writeGroup(lines: readonly string[], isWanted: () => boolean = () => true): Promise<void> {
    const { bytes, hash } = sealGroup(lines, this.previous);
    await this.file.write(bytes);
    await this.file.sync();
    if (!isWanted()) throw tooLate();
    if (!this.file.isInPlace()) throw notInPlace();
    this.length += bytes.length;
    this.previous = hash;
  }

  /** Whether new writes will be found under the segment's name. */
  isInPlace(): boolean {
    return this.file.isInPlace();
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

const notInPlace = (): Error => Object.assign(new Error('the segment is not at its name'), { code: 'ENOENT' });
const tooLate = (): Error => Object.assign(new Error('the group was refused meanwhile'), { code: 'ETIMEDOUT' });
