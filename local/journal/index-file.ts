import { readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isCount, isRecord, isTimestamp } from '../../lambdas/core/crypto/record-checks';
import { parseStrictJson } from '../../lambdas/core/crypto/strict-json';
import { isHash, sha256 } from './journal-format';
import type { FileState } from './segment-bytes';
import type { BlockIndex, SegmentDamage, SegmentIndex } from './segment-index';
import { indexFile } from './segment-name';

/** Raised with every change of an index's contents. */
const FORMAT = 1;

/** Index of a closed segment, and the file state that it was made from. */
export interface StoredIndex {
  readonly index: SegmentIndex;
  readonly state: FileState;
}

/**
 * Writes the index of a closed segment beside it: one line, and its hash. It only saves the next start reading the whole segment,
 * so it is not synced, and a failure is ignored.
 */
export function writeIndexFile(directory: string, { index, state }: StoredIndex): void {
  const blocks = index.blocks.map(({ offset, bytes, least, greatest, isSuspect }) => [
    offset,
    bytes,
    least ?? null,
    greatest ?? null,
    isSuspect,
  ]);
  const damage = index.damage.map(({ offset, bytes, unreadable }) => [offset, bytes, unreadable]);
  const { segment, bytes, least, greatest, previous, hash } = index;
  const line = JSON.stringify({
    index: FORMAT,
    segment,
    bytes,
    least,
    greatest,
    previous,
    hash,
    state,
    blocks,
    damage,
  });
  const path = join(directory, indexFile(segment));
  const temporary = `${path}.new`;
  try {
    writeFileSync(temporary, `${line}\n${sha256(line)}\n`, { mode: 0o600 });
    renameSync(temporary, path);
  } catch {
    removeFile(temporary);
  }
}

/** Returns undefined if the index is missing, changed or of another release. */
export function readIndexFile(directory: string, segment: string): StoredIndex | undefined {
  let text: string;
  try {
    text = readFileSync(join(directory, indexFile(segment)), 'utf8');
  } catch {
    return undefined;
  }
  const [line = '', hash] = text.split('\n');
  if (sha256(line) !== hash) return undefined;
  const stored = parseStrictJson(line);
  if (!isRecord(stored) || stored['index'] !== FORMAT || stored['segment'] !== segment) return undefined;
  const { bytes, state, blocks, damage } = stored;
  if (!isCount(bytes, 0) || !isState(state) || !Array.isArray(blocks) || !Array.isArray(damage)) return undefined;
  return {
    index: {
      segment,
      bytes,
      blocks: blocks.map(toBlock),
      damage: damage.map(toDamage),
      ...timesOf(stored['least'], stored['greatest']),
      ...(isHash(stored['previous']) && { previous: stored['previous'] }),
      ...(isHash(stored['hash']) && { hash: stored['hash'] }),
    },
    state,
  };
}

const isState = (value: unknown): value is FileState =>
  isRecord(value) && isCount(value['bytes'], 0) && typeof value['changedAt'] === 'string';

/** The hash proves that the value is as written. */
function toBlock(value: unknown): BlockIndex {
  const [offset, bytes, least, greatest, isSuspect] = value as [number, number, unknown, unknown, boolean];
  return { offset, bytes, ...timesOf(least, greatest), isSuspect };
}

function toDamage(value: unknown): SegmentDamage {
  const [offset, bytes, unreadable] = value as [number, number, number];
  return { offset, bytes, unreadable };
}

const timesOf = (least: unknown, greatest: unknown) =>
  isTimestamp(least) && isTimestamp(greatest) ? { least, greatest } : {};

function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // The file was not made, or is deleted with the segment.
  }
}
