import { formatHeader, sealGroup } from './journal-format';
import type { AppendedFile, JournalFiles } from './journal-files';
import { segmentFile } from './segment-name';

/**
 * A segment that is being written, by one caller at a time. What was written before a call that threw is durable; after one, nothing
 * may be written to it any more.
 */
export class SegmentFile {
  private constructor(
    readonly segment: string,
    private readonly file: AppendedFile,
    private length: number,
    private previous: string,
  ) {}

  /**
   * Begins a segment. Its name and its header are on the device then.
   *
   * @param previous hash of the trailer that it follows
   * @throws what the system throws; what there is of the file by then is no segment, and is removed as far as that can be done
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

  /** Length up to the last group that is durable. */
  get bytes(): number {
    return this.length;
  }

  /** Hash of the trailer of that group, for what follows. */
  get chain(): string {
    return this.previous;
  }

  /**
   * Resolves once a group is durable.
   *
   * @param lines of its events, each without a line feed; at least one
   * @param isWanted asked once it is durable: false where it was refused meanwhile, so that it does not count
   * @throws what the system throws, and ENOENT where the file is no longer at its name: what was written would not be found
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

  /** Whether what is written is found again under its name. */
  isInPlace(): boolean {
    return this.file.isInPlace();
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

const notInPlace = (): Error => Object.assign(new Error('the segment is not at its name'), { code: 'ENOENT' });
const tooLate = (): Error => Object.assign(new Error('the group was refused meanwhile'), { code: 'ETIMEDOUT' });
