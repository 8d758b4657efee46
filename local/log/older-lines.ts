import { hash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { replaceDurably, type LogDisk } from '../../lambdas/adapters/local/log/log-disk';
import { AUDIT_NONCE_BYTES } from '../../lambdas/core/contract/limits';
import { isRecord } from '../../lambdas/core/crypto/record-checks';
import type { Randomness } from '../../lambdas/core/crypto/randomness';
import { parseStrictJson } from '../../lambdas/core/crypto/strict-json';
import type { ArchiveObject } from '../../lambdas/core/transparency/ports/archive-source';
import { parseEventLine } from '../journal/event-line';
import type { Run, SegmentRuns } from './segment-runs';

/** A file of lines, and the time of its newest event. */
interface OlderFile extends ArchiveObject {
  readonly greatest: string;
}

/** What was looked through, and what was found. */
interface Manifest {
  /** The journal's own segments up to this one, and the taken over ones up to that one; empty: none. */
  readonly through: string;
  readonly takenThrough: string;
  /** The first segment of the journal's own that has events with a nonce; empty: none has. */
  readonly first: string;
  readonly files: readonly OlderFile[];
}

export interface OlderLinesOptions {
  readonly disk: LogDisk;
  readonly runs: SegmentRuns;
  readonly randomness: Randomness;
}

const MANIFEST = 'older.json';
const ARCHIVE = 'archive';
const NOTHING: Manifest = { through: '', takenThrough: '', first: '', files: [] };
const SHA256 = /^[0-9a-f]{64}$/;
const HOUR = /^\d{4}-\d\d-\d\dT\d\d$/;

/**
 * The archive's files for events from before the nonce, which the journal has without one: each gets a line with a nonce here, once,
 * before the publisher decides about it. A file counts when {@link MANIFEST} names it, which is written after it; without a
 * manifest all files count. So an interruption costs the segment that was looked through, and gives no event two nonces.
 */
export class OlderLines {
  constructor(private readonly options: OlderLinesOptions) {}

  /** Whether one of the journal's own segments may have events with a nonce: it is not from before them. */
  mayHaveNonces(): (segment: string) => boolean {
    const { first, through } = this.manifest();
    return (segment) => (first === '' ? segment > through : segment >= first);
  }

  /** All files of lines. */
  objects(): readonly ArchiveObject[] {
    return this.manifest().files;
  }

  /** A file's lines; undefined if it is gone or damaged. */
  read({ hour, sha256 }: ArchiveObject): Buffer | undefined {
    const packed = this.options.disk.read(pathOf({ hour, sha256 }));
    try {
      return packed && gunzipSync(packed);
    } catch {
      return undefined;
    }
  }

  /**
   * Looks through closed segments that were not looked through yet, and archives what has no nonce.
   *
   * @param own the journal's own closed segments, in order
   * @param taken the segments of a finished takeover, in order
   * @param hour in which the files are archived: one that the publisher has not closed
   * @throws errors of the system; the next call goes on
   */
  async take(own: readonly string[], taken: readonly string[], hour: string): Promise<void> {
    const before = this.manifest();
    this.removeOthers(before);
    let manifest = before;
    for (const segment of taken) {
      if (segment <= manifest.takenThrough) continue;
      manifest = await this.archive({ ...manifest, takenThrough: segment }, segment, hour);
    }
    for (const segment of own) {
      if (segment <= manifest.through) continue;
      const isFirst =
        manifest.first === '' && (await this.options.runs.of(segment, undefined)).some(({ bytes }) => bytes > 0);
      const next = { ...manifest, through: segment, ...(isFirst && { first: segment }) };
      manifest = await this.archive(next, segment, hour);
    }
    if (manifest !== before) this.write(manifest);
  }

  /** Removes files whose events are all from before a time: retention has removed them from the journal, too. */
  expire(before: string): void {
    const manifest = this.manifest();
    const files = manifest.files.filter(({ greatest }) => greatest >= before);
    if (files.length === manifest.files.length) return;
    this.write({ ...manifest, files });
    this.removeOthers({ ...manifest, files });
  }

  /** @returns the manifest with the files of a segment; it is written if there are any, and else with the next one */
  private async archive(manifest: Manifest, segment: string, hour: string): Promise<Manifest> {
    const files: OlderFile[] = [];
    for (const run of await this.options.runs.of(segment, undefined)) {
      if (run.older > 0) files.push(...this.archiveRun(run, hour));
    }
    if (files.length === 0) return manifest;
    const found = { ...manifest, files: [...manifest.files, ...files] };
    this.write(found);
    return found;
  }

  private archiveRun(run: Run, hour: string): readonly OlderFile[] {
    const { disk, runs, randomness } = this.options;
    const lines: string[] = [];
    let greatest = '';
    for (const line of runs.olderLines(run)) {
      const event = parseEventLine(line);
      if (event === undefined) continue;
      if (event.timestamp > greatest) greatest = event.timestamp;
      const nonce = randomness.secretBytes(AUDIT_NONCE_BYTES).toString('base64');
      lines.push(`${line.slice(0, -1)},"nonce":"${nonce}"}\n`);
    }
    if (lines.length === 0) return [];
    const bytes = Buffer.from(lines.join(''), 'utf8');
    const object = { hour, sha256: hash('sha256', bytes, 'hex') };
    disk.makeDirectory(ARCHIVE);
    disk.makeDirectory(`${ARCHIVE}/${hour}`);
    replaceDurably(disk, pathOf(object), gzipSync(bytes));
    for (const directory of [ARCHIVE, '']) disk.syncDirectory(directory);
    return [{ ...object, greatest }];
  }

  private manifest(): Manifest {
    const stored = this.options.disk.read(MANIFEST);
    return (stored && parseManifest(stored.toString('utf8'))) ?? { ...NOTHING, files: this.filesThere() };
  }

  private write({ through, takenThrough, first, files }: Manifest): void {
    const names = files.map(({ hour, sha256, greatest }) => ({ hour, sha256, greatest }));
    const text = `${JSON.stringify({ schema: 1, through, takenThrough, first, files: names })}\n`;
    replaceDurably(this.options.disk, MANIFEST, Buffer.from(text, 'utf8'));
  }

  /** What is there although no manifest says so: its nonces are in the log, so nothing of it is given up. */
  private filesThere(): readonly OlderFile[] {
    return this.pathsThere().flatMap((path) => {
      const [, hour = '', name = ''] = path.split('/');
      const sha256 = name.replace(/\.gz$/, '');
      return HOUR.test(hour) && SHA256.test(sha256) ? [{ hour, sha256, greatest: `${hour}:59:59.999Z` }] : [];
    });
  }

  private removeOthers({ files }: Manifest): void {
    const { disk } = this.options;
    if (disk.read(MANIFEST) === undefined) return;
    const named = new Set(files.map(pathOf));
    for (const path of this.pathsThere()) if (!named.has(path)) disk.remove(path);
  }

  private pathsThere(): readonly string[] {
    const { disk } = this.options;
    return disk
      .names(ARCHIVE)
      .filter((name) => name.endsWith('/'))
      .flatMap((hour) => disk.names(`${ARCHIVE}/${hour}`).map((name) => `${ARCHIVE}/${hour}${name}`));
  }
}

const pathOf = ({ hour, sha256 }: ArchiveObject): string => `${ARCHIVE}/${hour}/${sha256}.gz`;

function parseManifest(text: string): Manifest | undefined {
  const value = parseStrictJson(text);
  if (!isRecord(value) || value['schema'] !== 1 || !Array.isArray(value['files'])) return undefined;
  const { through, takenThrough, first } = value;
  if (typeof through !== 'string' || typeof takenThrough !== 'string' || typeof first !== 'string') return undefined;
  const files = (value['files'] as unknown[]).filter(isOlderFile);
  return files.length === value['files'].length ? { through, takenThrough, first, files } : undefined;
}

const isOlderFile = (value: unknown): value is OlderFile =>
  isRecord(value) &&
  typeof value['hour'] === 'string' &&
  HOUR.test(value['hour']) &&
  typeof value['sha256'] === 'string' &&
  SHA256.test(value['sha256']) &&
  typeof value['greatest'] === 'string';
