import { directoryOf, type LogDisk } from '../../../lambdas/adapters/local/log/log-disk';

/** A file: its contents for readers, and its contents on the device. */
interface Inode {
  content: Buffer;
  durable: Buffer | undefined;
}

/** A directory: its names for readers, and its names on the device. */
interface Folder {
  names: Map<string, Inode | Folder>;
  durable: Map<string, Inode | Folder>;
}

class Stopped extends Error {
  readonly code = 'EIO';
}

const folder = (): Folder => ({ names: new Map(), durable: new Map() });
const failure = (code: string): Error => Object.assign(new Error(code), { code });

/** The effect of a power cut on what was not synced: it is there, it is not, or a file is there and torn. */
export type Loss = 'kept' | 'lost' | 'torn';

/** A disk in memory that has the device's contents, stops before any changing call, and fails as a test asks. */
export class MemoryLogDisk implements LogDisk {
  /** The changing calls so far. */
  readonly calls: string[] = [];
  /** From this call on nothing happens. */
  stopAt = Infinity;
  /** The error of a call, by its number. */
  failAt: { readonly call: number; readonly code: string } | undefined;
  /** Files that are open to others. */
  readonly open = new Set<string>();

  constructor(private readonly root = folder()) {}

  /** The disk at the next start after a power cut. */
  afterPowerCut(loss: Loss): MemoryLogDisk {
    const copy = (from: Folder): Folder => {
      const names = loss === 'lost' ? from.durable : from.names;
      const kept = new Map(
        Array.from(names, ([name, node]): [string, Inode | Folder] => {
          if ('names' in node) return [name, copy(node)];
          const torn = node.content.subarray(0, Math.floor(node.content.length / 2));
          const rest = { kept: node.content, lost: Buffer.alloc(0), torn }[loss];
          const bytes =
            node.durable?.equals(node.content) === true ? node.content : (loss === 'lost' && node.durable) || rest;
          return [name, { content: bytes, durable: bytes }];
        }),
      );
      return { names: kept, durable: new Map(kept) };
    };
    return new MemoryLogDisk(copy(this.root));
  }

  /** All files by path. */
  get files(): ReadonlyMap<string, Buffer> {
    const all = new Map<string, Buffer>();
    const visit = (at: string, { names }: Folder): void => {
      for (const [name, node] of names) {
        if ('names' in node) visit(`${at}${name}/`, node);
        else all.set(`${at}${name}`, node.content);
      }
    };
    visit('', this.root);
    return all;
  }

  read(path: string): Buffer | undefined {
    const node = this.node(path);
    return node === undefined || 'names' in node ? undefined : Buffer.from(node.content);
  }
  names(directory: string): readonly string[] {
    const node = this.node(directory);
    if (node === undefined || !('names' in node)) return [];
    return Array.from(node.names, ([name, each]) => ('names' in each ? `${name}/` : name));
  }
  isPrivate(path: string): boolean {
    return this.node(path) !== undefined && !this.open.has(path);
  }
  makeDirectory(path: string): void {
    this.call(`make ${path}`, () => {
      const { names } = this.parent(path);
      if (!names.has(nameOf(path))) names.set(nameOf(path), folder());
    });
  }
  write(path: string, bytes: Buffer): void {
    this.call(`write ${path}`, () => {
      const { names } = this.parent(path);
      const there = names.get(nameOf(path)) as Inode | undefined;
      if (there === undefined) names.set(nameOf(path), { content: Buffer.from(bytes), durable: undefined });
      else there.content = Buffer.from(bytes);
    });
  }
  sync(path: string): void {
    this.call(`sync ${path}`, () => {
      const node = this.node(path);
      if (node === undefined || 'names' in node) throw failure('ENOENT');
      node.durable = node.content;
    });
  }
  rename(from: string, to: string): void {
    this.call(`rename ${to}`, () => {
      const node = this.node(from);
      if (node === undefined) throw failure('ENOENT');
      this.parent(to).names.set(nameOf(to), node);
      this.parent(from).names.delete(nameOf(from));
    });
  }
  remove(path: string): void {
    this.call(`remove ${path}`, () => {
      this.parent(path).names.delete(nameOf(path));
    });
  }
  syncDirectory(path: string): void {
    this.call(`sync names ${path}`, () => {
      const node = this.node(path);
      if (node === undefined || !('names' in node)) throw failure('ENOENT');
      node.durable = new Map(node.names);
    });
  }

  private node(path: string): Inode | Folder | undefined {
    let node: Inode | Folder | undefined = this.root;
    for (const name of path.split('/').filter((each) => each !== ''))
      node = node !== undefined && 'names' in node ? node.names.get(name) : undefined;
    return node;
  }

  private parent(path: string): Folder {
    const node = this.node(directoryOf(path));
    if (node === undefined || !('names' in node)) throw failure('ENOENT');
    return node;
  }

  private call(name: string, effect: () => void): void {
    if (this.calls.length >= this.stopAt) throw new Stopped();
    this.calls.push(name);
    if (this.failAt?.call === this.calls.length) throw failure(this.failAt.code);
    effect();
  }
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
