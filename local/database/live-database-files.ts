import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { BLOCK_BYTES, HEADER_BYTES } from './log-format';

const [FULL, FIRST, MIDDLE, LAST] = [1, 2, 3, 4];

/** Tags of a version edit (db/version_edit.cc of google/leveldb). */
const TAGS = {
  comparator: 1,
  logNumber: 2,
  nextFileNumber: 3,
  lastSequence: 4,
  compactPointer: 5,
  deletedFile: 6,
  newFile: 7,
  previousLogNumber: 9,
};

/**
 * Follows a MANIFEST of LevelDB and so knows the table files of the database. Reads only new bytes; a half-written record is read
 * when it is complete. After a failure it continues at the same position: applying an edit twice changes nothing.
 */
export class LiveDatabaseFiles {
  private readonly tables = new Set<number>();
  private position = 0;
  private fragments: Buffer[] = [];

  constructor(
    private readonly directory: string,
    readonly manifest: string,
  ) {}

  /** @throws errors of the file system, and an Error if the file is no MANIFEST */
  async read(): Promise<ReadonlySet<number>> {
    const file = await open(join(this.directory, this.manifest), 'r');
    try {
      const { size } = await file.stat();
      if (size < this.position) throw new Error('the MANIFEST has become shorter');
      const bytes = Buffer.alloc(size - this.position);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, this.position);
      this.follow(bytes.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
    return this.tables;
  }

  private follow(bytes: Buffer): void {
    let offset = 0;
    for (;;) {
      const left = BLOCK_BYTES - ((this.position + offset) % BLOCK_BYTES);
      if (left < HEADER_BYTES) {
        if (offset + left > bytes.length) break;
        offset += left;
        continue;
      }
      if (offset + HEADER_BYTES > bytes.length) break;
      const length = bytes.readUInt16LE(offset + 4);
      const type = bytes.readUInt8(offset + 6);
      const end = offset + HEADER_BYTES + length;
      if (end > bytes.length) break;
      this.fragment(type, bytes.subarray(offset + HEADER_BYTES, end));
      offset = end;
    }
    this.position += offset;
  }

  private fragment(type: number, bytes: Buffer): void {
    if (type === FULL || type === FIRST) this.fragments = [];
    else if (type !== MIDDLE && type !== LAST) throw new Error('not a record of LevelDB');
    this.fragments.push(bytes);
    if (type === FULL || type === LAST) this.apply(new Fields(Buffer.concat(this.fragments)));
  }

  private apply(edit: Fields): void {
    while (!edit.isAtEnd) {
      const tag = edit.number();
      if (tag === TAGS.comparator) edit.skip();
      else if (tag === TAGS.compactPointer) {
        edit.number();
        edit.skip();
      } else if (tag === TAGS.deletedFile) {
        edit.number();
        this.tables.delete(edit.number());
      } else if (tag === TAGS.newFile) {
        edit.number();
        this.tables.add(edit.number());
        edit.number();
        edit.skip();
        edit.skip();
      } else if (
        tag === TAGS.logNumber ||
        tag === TAGS.nextFileNumber ||
        tag === TAGS.lastSequence ||
        tag === TAGS.previousLogNumber
      )
        edit.number();
      else throw new Error('not a version edit of LevelDB');
    }
  }
}

/** Reads varints and length-prefixed strings. */
class Fields {
  private offset = 0;

  constructor(private readonly bytes: Buffer) {}

  get isAtEnd(): boolean {
    return this.offset >= this.bytes.length;
  }

  number(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.bytes.readUInt8(this.offset);
      this.offset += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  skip(): void {
    const length = this.number();
    this.offset += length;
  }
}
