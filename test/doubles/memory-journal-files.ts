import { SET_ASIDE, type AppendedFile, type JournalFiles } from '../../local/journal/journal-files';

/** A file: its contents for readers, and its contents on the device. */
interface Inode {
  content: Buffer;
  durable: Buffer;
}

/** The effect of a power cut on unsynced data. */
export interface Loss {
  /** Whether unsynced names exist (and removed ones do not), or only synced ones. */
  readonly names: 'synced' | 'all';
  /** The rest of a file with an unsynced part. */
  readonly content: (durable: Buffer, written: Buffer) => Buffer;
}

class Stopped extends Error {
  readonly code = 'EIO';
}

const failure = (code: string): Error => Object.assign(new Error(code), { code });

/** A directory in memory that has the device's contents, stops before any changing call, and fails as a test asks. */
export class MemoryJournalFiles implements JournalFiles {
  private durableNames: Map<string, Inode>;
  /** The number of changing calls so far. */
  calls: string[] = [];
  /** From this call on nothing happens. */
  stopAt = Infinity;
  /** The errors of the next calls of a kind, thrown before or after their effect. */
  failing: { readonly call: string; readonly code: string; readonly after?: boolean; readonly bytes?: number }[] = [];
  probes = 0;
  probeFails: string | undefined;
  /** Syncs wait for this promise. */
  hold: Promise<void> | undefined;

  constructor(private readonly names = new Map<string, Inode>()) {
    this.durableNames = new Map(names);
  }

  /** The directory at the next start after a power cut. */
  afterPowerCut({ names, content }: Loss): MemoryJournalFiles {
    const kept = names === 'all' ? this.names : this.durableNames;
    return new MemoryJournalFiles(
      new Map(
        Array.from(kept, ([name, inode]) => {
          const bytes = inode.durable.equals(inode.content) ? inode.durable : content(inode.durable, inode.content);
          return [name, { content: bytes, durable: bytes }];
        }),
      ),
    );
  }

  /** Written data that is not on the device. */
  get unsynced(): number {
    return Math.max(
      0,
      ...[...this.names.values()].map(({ content, durable }) => Math.abs(content.length - durable.length)),
    );
  }

  content(name: string): Buffer {
    return this.inode(name).content;
  }

  put(name: string, content: Buffer): void {
    const inode = { content, durable: content };
    this.names.set(name, inode);
    this.durableNames.set(name, inode);
  }

  /** Removes a file, as another program might; its writer keeps it open. */
  take(name: string): Inode {
    const inode = this.inode(name);
    this.names.delete(name);
    return inode;
  }

  putBack(name: string, inode: Inode): void {
    this.names.set(name, inode);
  }

  get all(): readonly string[] {
    return [...this.names.keys()].sort();
  }

  async list(): Promise<readonly string[]> {
    return [...this.all.filter((name) => !name.includes('/')), SET_ASIDE];
  }
  async size(name: string): Promise<number> {
    return this.inode(name).content.length;
  }
  async read(name: string, position: number, length: number): Promise<Buffer> {
    return Buffer.from(this.inode(name).content.subarray(position, position + length));
  }
  async create(name: string): Promise<AppendedFile> {
    const inode: Inode = { content: Buffer.alloc(0), durable: Buffer.alloc(0) };
    await this.call('create', () => {
      if (this.names.has(name)) throw failure('EEXIST');
      this.names.set(name, inode);
    });
    return {
      write: (bytes) =>
        this.call('write', (limit) => {
          inode.content = Buffer.concat([inode.content, bytes.subarray(0, limit)]);
        }),
      sync: async () => {
        await this.hold;
        await this.call('sync', () => {
          inode.durable = inode.content;
        });
      },
      isInPlace: () => this.names.get(name) === inode,
      close: async () => undefined,
    };
  }
  async truncate(name: string, length: number): Promise<void> {
    const inode = this.inode(name);
    await this.call('truncate', () => {
      inode.content = inode.content.subarray(0, length);
    });
    await this.call('sync', () => {
      inode.durable = inode.content;
    });
  }
  async rename(from: string, to: string): Promise<void> {
    await this.call('rename', () => {
      this.names.set(to, this.inode(from));
      this.names.delete(from);
    });
  }
  async remove(name: string): Promise<void> {
    await this.call('remove', () => {
      this.names.delete(name);
    });
  }
  async syncNames(): Promise<void> {
    await this.call('syncNames', () => {
      this.durableNames = new Map(this.names);
    });
  }
  async probe(): Promise<void> {
    this.probes += 1;
    if (this.probeFails !== undefined) throw failure(this.probeFails);
  }

  private inode(name: string): Inode {
    const inode = this.names.get(name);
    if (inode === undefined) throw failure('ENOENT');
    return inode;
  }

  private async call(name: string, effect: (limit?: number) => void): Promise<void> {
    if (this.calls.length >= this.stopAt) throw new Stopped();
    this.calls.push(name);
    const index = this.failing.findIndex(({ call }) => call === name);
    const [fault] = index === -1 ? [] : this.failing.splice(index, 1);
    if (fault === undefined) effect();
    else {
      if (fault.after === true) effect(fault.bytes);
      throw failure(fault.code);
    }
  }
}
