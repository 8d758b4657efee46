import { SET_ASIDE, type AppendedFile, type JournalFiles } from '../../local/journal/journal-files';

/** A file: what a reader sees, and what the device has. */
interface Inode {
  content: Buffer;
  durable: Buffer;
}

/** What a power cut makes of what was not synced. */
export interface Loss {
  /** Whether names that were not synced are there (and removed ones are gone), or only those that were. */
  readonly names: 'synced' | 'all';
  /** What is left of a file of which a part was not synced. */
  readonly content: (durable: Buffer, written: Buffer) => Buffer;
}

class Stopped extends Error {
  readonly code = 'EIO';
}

const failure = (code: string): Error => Object.assign(new Error(code), { code });

/** A directory in memory that tells what the device has, stops the world before any call that changes something, and fails as it is told. */
export class MemoryJournalFiles implements JournalFiles {
  private durableNames: Map<string, Inode>;
  /** Calls that change something, by now. */
  calls: string[] = [];
  /** Nothing more happens from this call on. */
  stopAt = Infinity;
  /** What the next calls of a kind throw, before or after they have had an effect. */
  failing: { readonly call: string; readonly code: string; readonly after?: boolean; readonly bytes?: number }[] = [];
  probes = 0;
  probeFails: string | undefined;
  /** Syncs do not resolve while it does not. */
  hold: Promise<void> | undefined;

  constructor(private readonly names = new Map<string, Inode>()) {
    this.durableNames = new Map(names);
  }

  /** The directory as the next start finds it after a power cut. */
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

  /** What was written to some file and is not on the device. */
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

  /** Takes a file away, as somebody might; its writer keeps it open. */
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
