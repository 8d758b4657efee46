import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * - `early`: a name that was made, moved or removed is on the device only after a sync of its directory, which is all that
 *   POSIX promises (fsync(2)).
 * - `late`: every name is on the device at once, as where a file system's journal happens to be written.
 *
 * In both, a file has what it had when it was last synced, and nothing else.
 */
export type Names = 'early' | 'late';

/** A file or a directory, independent of its name: directories contain names, files their last synced contents. */
interface Node {
  readonly children?: Map<string, Node>;
  content?: string;
}

/** A change in a directory. */
interface Change {
  readonly directory: Node;
  readonly name: string;
  /** Left out: the name is removed. */
  readonly node?: Node;
}

/** The device's contents of a directory, at any moment of the journal that `shadow.c` writes. */
export class Device {
  private readonly journal: string;

  constructor(private readonly shadow: string) {
    this.journal = join(shadow, 'journal');
  }

  /** The present length of the journal in bytes: a moment. */
  now(): number {
    return statSync(this.journal).size;
  }

  /** The moments of these at which the database had begun a log whose name was not synced yet: where it is easiest to lose something. */
  withUnsyncedLog(moments: readonly number[]): readonly number[] {
    const text = readFileSync(this.journal);
    return moments.filter((moment) => {
      const before = text.subarray(0, moment).toString('utf8');
      const begun = /.*^create\t([^\t\n]+)\/\d+\.log\t/ms.exec(before);
      return begun !== null && !before.includes(`\nsyncdir\t${begun[1]!}\n`, begun[0].length);
    });
  }

  /** Makes the directory under `target`, as a power cut at that moment would have left it. */
  restore(moment: number, names: Names, root: string, target: string): void {
    const text = readFileSync(this.journal).subarray(0, moment).toString('utf8');
    const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
    const { top, changes, syncs } = replay(lines, root);
    const kept = new Map<Node, Map<string, Node>>();
    for (const [index, { directory, name, node }] of changes) {
      if (names === 'early' && (syncs.get(directory) ?? -1) < index) continue;
      const there = kept.get(directory) ?? new Map<string, Node>();
      kept.set(directory, there);
      if (node === undefined) there.delete(name);
      else there.set(name, node);
    }
    const write = (directory: Node, path: string): void => {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      for (const [name, node] of kept.get(directory) ?? []) {
        if (node.children !== undefined) write(node, join(path, name));
        else writeFileSync(join(path, name), this.contentOf(node), { mode: 0o600 });
      }
    };
    write(top, target);
  }

  private contentOf({ content }: Node): Buffer {
    return content === undefined ? Buffer.alloc(0) : readFileSync(join(this.shadow, content));
  }
}

function replay(lines: readonly string[], root: string) {
  const top: Node = { children: new Map() };
  const changes: [index: number, change: Change][] = [];
  const syncs = new Map<Node, number>();
  /** The system reuses the inode of a removed file. */
  const byInode = new Map<string, Node>();
  const find = (path: string): Node | undefined =>
    path === root ? top : find(dirname(path))?.children?.get(basename(path));
  const change = (index: number, path: string, node?: Node): void => {
    const directory = find(dirname(path))!;
    const name = basename(path);
    if (node === undefined) directory.children!.delete(name);
    else directory.children!.set(name, node);
    changes.push([index, { directory, name, ...(node !== undefined && { node }) }]);
  };
  for (const [index, line] of lines.entries()) {
    const [operation, first = '', second = ''] = line.split('\t');
    switch (operation) {
      case 'mkdir':
        change(index, first, { children: new Map() });
        break;
      case 'create': {
        const node = find(first);
        // Opened again.
        if (node !== undefined && byInode.get(second) === node) break;
        const made: Node = {};
        byInode.set(second, made);
        change(index, first, made);
        break;
      }
      case 'link':
        change(index, second, find(first));
        break;
      case 'rename': {
        const node = find(first)!;
        change(index, first);
        change(index, second, node);
        break;
      }
      case 'unlink':
      case 'rmdir':
        change(index, first);
        break;
      case 'sync': {
        const node = byInode.get(first);
        if (node !== undefined) node.content = second;
        break;
      }
      case 'syncdir': {
        const directory = find(first);
        if (directory !== undefined) syncs.set(directory, index);
        break;
      }
      default:
    }
  }
  return { top, changes, syncs };
}
