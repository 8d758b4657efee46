import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { OWNER_ONLY_FILE } from './pack-modes';

/** Text is written in pieces of this size, so that a file of a million lines costs no more memory than one of a thousand. */
const PIECE_CHARACTERS = 65_536;

/** A new file of the pack, written from its beginning to its end; its SHA-256 is that of what was written. */
export class PackFile {
  private readonly hash = createHash('sha256');
  private waiting: string[] = [];
  private characters = 0;

  private constructor(private readonly file: FileHandle) {}

  /** Creates the file. Rejects if there is one. */
  static async create(path: string): Promise<PackFile> {
    return new PackFile(await open(path, 'wx', OWNER_ONLY_FILE));
  }

  /** Appends a text. Await it before the next one. */
  async append(text: string): Promise<void> {
    this.waiting.push(text);
    this.characters += text.length;
    if (this.characters >= PIECE_CHARACTERS) await this.write();
  }

  /** Writes what waits, and makes the file durable. @returns its SHA-256 in hexadecimal */
  async finish(): Promise<string> {
    await this.write();
    await this.file.sync();
    return this.hash.digest('hex');
  }

  close(): Promise<void> {
    return this.file.close();
  }

  private async write(): Promise<void> {
    const bytes = Buffer.from(this.waiting.join(''), 'utf8');
    this.waiting = [];
    this.characters = 0;
    this.hash.update(bytes);
    for (let at = 0; at < bytes.length;) at += (await this.file.write(bytes, at)).bytesWritten;
  }
}
