import { createHash } from 'node:crypto';
import { KEK_VERSION_ID_PATTERN } from '../../core/contract/names';
import { canonicalJson } from '../../core/crypto/canonical-json';
import { isCount, isRecord } from '../../core/crypto/record-checks';
import { parseStrictJson } from '../../core/crypto/strict-json';

/** A version of the KEK secret that was pending or current. */
export interface KeptVersion {
  readonly id: string;
  /** The secret's text; left out: announced, and not made yet. */
  readonly value?: string;
  /** Tries of the rotation to it. */
  readonly tries?: number;
  /** The version that was current before it. */
  readonly after?: string;
}

/** What is kept beside the KEK file, which has the current value and no id. */
export interface KekVersionsRecord {
  readonly schema: 1;
  /** Oldest first. */
  readonly versions: readonly KeptVersion[];
  readonly pending?: string;
  /** Tells two versions with the same text apart. */
  readonly moved_to?: string;
}

export const NO_VERSIONS: KekVersionsRecord = { schema: 1, versions: [] };

/** Versions that are kept, with those that have a label. */
const KEPT = 5;

/** Undefined for text that is not exactly such a record. */
export function parseKekVersions(text: string): KekVersionsRecord | undefined {
  const value = parseStrictJson(text);
  if (!isRecord(value) || value['schema'] !== 1 || !Array.isArray(value['versions'])) return undefined;
  const { versions, pending, moved_to: movedTo } = value;
  const ids = (versions as readonly unknown[]).map((each) => (isKeptVersion(each) ? each.id : undefined));
  if (ids.includes(undefined) || new Set(ids).size !== ids.length) return undefined;
  if (pending !== undefined && !ids.includes(pending as string)) return undefined;
  if (movedTo !== undefined && !isId(movedTo)) return undefined;
  return value as unknown as KekVersionsRecord;
}

/** The text of a record, without versions that nobody needs any more. */
export function serializeKekVersions(record: KekVersionsRecord, current: string): string {
  const before = find(record, current)?.after;
  const { versions, pending } = record;
  const labelled = new Set([current, before, pending]);
  const spare = versions.filter(({ id }) => !labelled.has(id));
  const dropped = new Set(spare.slice(0, Math.max(0, versions.length - KEPT)));
  return canonicalJson({ ...record, versions: versions.filter((each) => !dropped.has(each)) });
}

export const find = ({ versions }: KekVersionsRecord, id: string): KeptVersion | undefined =>
  versions.find((each) => each.id === id);

/** Replaces a version, or adds it as the newest. */
export function withVersion(record: KekVersionsRecord, version: KeptVersion): KekVersionsRecord {
  const isKnown = find(record, version.id) !== undefined;
  const versions = isKnown
    ? record.versions.map((each) => (each.id === version.id ? version : each))
    : [...record.versions, version];
  return { ...record, versions };
}

export function withoutPending({ pending: _, ...rest }: KekVersionsRecord): KekVersionsRecord {
  return rest;
}

/**
 * The id of the version whose text is in the KEK file. A file that no rotation has written (an older release's, or one that was
 * restored) has the id that follows from its text.
 */
export function idOfCurrent({ versions, moved_to: movedTo }: KekVersionsRecord, text: string): string {
  const same = versions.filter(({ value }) => value === text).map(({ id }) => id);
  if (movedTo !== undefined && same.includes(movedTo)) return movedTo;
  return same[0] ?? createHash('sha256').update(`kek.json\0${text}`, 'utf8').digest('hex');
}

const isId = (value: unknown): value is string => typeof value === 'string' && KEK_VERSION_ID_PATTERN.test(value);

function isKeptVersion(value: unknown): value is KeptVersion {
  if (!isRecord(value) || !isId(value['id'])) return false;
  const { value: text, tries, after } = value;
  return (
    (text === undefined || typeof text === 'string') &&
    (tries === undefined || isCount(tries, 1)) &&
    (after === undefined || isId(after))
  );
}
