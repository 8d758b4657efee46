import { tilePath } from '../../../lambdas/core/transparency/log-tile';
import type { Tree } from '../../../lambdas/core/transparency/merkle-proof';
import type { TileSource } from '../../../lambdas/core/transparency/ports/tile-source';
import { EMPTY_EDGE, readRightEdge } from '../../../lambdas/core/transparency/right-edge';
import { createTreeAppender } from '../../../lambdas/core/transparency/tree-appender';

/** Tiles in memory, which counts what is read. */
export interface StoredLog extends TileSource {
  readonly objects: Map<string, Buffer>;
  reads: number;
}

export function storedLog(objects = new Map<string, Buffer>()): StoredLog {
  return {
    objects,
    reads: 0,
    async read(path) {
      this.reads += 1;
      return objects.get(path);
    },
  };
}

export const EMPTY_TREE: Tree = createTreeAppender(EMPTY_EDGE).current().tree;

/** Appends entries as the publisher does: from the stored right edge, each object written once. */
export async function extend(log: StoredLog, tree: Tree, entries: Iterable<Buffer>): Promise<Tree> {
  const edge = await readRightEdge(log, tree);
  if (edge.fault !== undefined) throw new Error(edge.fault);
  const appender = createTreeAppender(edge.value);
  for (const { tile, bytes } of appender.append(entries)) log.objects.set(tilePath(tile), bytes);
  const { tree: grown, partial } = appender.current();
  for (const { tile, bytes } of partial) log.objects.set(tilePath(tile), bytes);
  return grown;
}

/** A log of that many entries, written at once. */
export async function logOf(entries: Iterable<Buffer>): Promise<{ readonly log: StoredLog; readonly tree: Tree }> {
  const log = storedLog();
  return { log, tree: await extend(log, EMPTY_TREE, entries) };
}
