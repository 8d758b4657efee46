import { canonicalJson } from '../crypto/canonical-json';
import { decodeCanonicalBase64 } from '../crypto/canonical-base64';
import { isCount, isRecord } from '../crypto/record-checks';
import { parseStrictJson } from '../crypto/strict-json';
import { decodeUtf8 } from '../crypto/utf8';
import { objectName, parseObjectName } from './archive-path';
import { formatKeyHandOver, parseKeyHandOver, type KeyHandOver } from './key-hand-over';
import type { Checked } from './log-fault';
import { HASH_BYTES } from './merkle-hash';
import type { Tree } from './merkle-proof';
import type { ArchiveObject } from './ports/archive-source';

/** What the publisher has decided last. Tiles, index and checkpoint follow from it and from the archive. */
export interface PublisherState {
  /** Number of the decision, from 1. */
  readonly range: number;
  /** The tree that the range extends. */
  readonly previous: Tree;
  /** The tree with the range. */
  readonly tree: Tree;
  /** The archive objects of the range, in the order of their entries. */
  readonly objects: readonly ArchiveObject[];
  /** The first hour that is not closed; what comes later into closed ones is no longer looked for here. */
  readonly from: string;
  /** The objects of open hours that this and earlier ranges have used. */
  readonly used: readonly ArchiveObject[];
  /** The hand-overs of keys with which the range ends. Left out: none. */
  readonly handOver?: readonly KeyHandOver[];
}

const HOUR = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}$/;

const treeRecord = ({ size, root }: Tree) => ({ size, root: root.toString('base64') });

export const formatPublisherState = ({
  range,
  previous,
  tree,
  objects,
  from,
  used,
  handOver = [],
}: PublisherState): Buffer =>
  Buffer.from(
    canonicalJson({
      schema: 1,
      range,
      previous: treeRecord(previous),
      tree: treeRecord(tree),
      objects: objects.map(objectName),
      from,
      used: used.map(objectName),
      // Only then, so that states without one are what earlier releases write.
      ...(handOver.length > 0 && { hand_over: handOver.map((each) => formatKeyHandOver(each).toString('utf8')) }),
    }),
    'utf8',
  );

/** Reads a state. Nobody vouches for it: whoever acts on it checks what it says against checkpoint, archive and tiles. */
export function parsePublisherState(bytes: Buffer): Checked<PublisherState> {
  const state = parseStrictJson(decodeUtf8(bytes) ?? '');
  if (!isRecord(state)) return { fault: 'state_form' };
  const { schema, range, from } = state;
  const [previous, tree] = [readTree(state['previous']), readTree(state['tree'])];
  const [objects, used] = [readObjects(state['objects']), readObjects(state['used'])];
  if (schema !== 1 || !isCount(range, 1) || typeof from !== 'string' || !HOUR.test(from))
    return { fault: 'state_form' };
  if (previous === undefined || tree === undefined || objects === undefined || used === undefined) {
    return { fault: 'state_form' };
  }
  const handOver = state['hand_over'] === undefined ? [] : readHandOvers(state['hand_over']);
  if (handOver === undefined) return { fault: 'state_form' };
  return { value: { range, previous, tree, objects, from, used, ...(handOver.length > 0 && { handOver }) } };
}

function readHandOvers(value: unknown): readonly KeyHandOver[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const handOvers = (value as unknown[]).flatMap((text) => {
    const parsed = typeof text === 'string' ? parseKeyHandOver(Buffer.from(text, 'utf8')) : undefined;
    return parsed?.value ?? [];
  });
  return handOvers.length === value.length ? handOvers : undefined;
}

function readTree(value: unknown): Tree | undefined {
  if (!isRecord(value) || typeof value['root'] !== 'string' || !isCount(value['size'], 0)) return undefined;
  const root = decodeCanonicalBase64(value['root']);
  return root?.length === HASH_BYTES ? { size: value['size'], root } : undefined;
}

function readObjects(value: unknown): readonly ArchiveObject[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const objects: ArchiveObject[] = [];
  for (const name of value as unknown[]) {
    const object = typeof name === 'string' ? parseObjectName(name) : undefined;
    if (object === undefined) return undefined;
    objects.push(object);
  }
  return objects;
}
