import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditEvent } from '../../lambdas/core/audit/audit-event';
import { formatEventLine } from '../../lambdas/core/audit/event-line';
import { CHAIN_START, formatHeader, sealGroup } from '../../local/journal/journal-format';
import type { JournalEnd } from '../../local/journal/journal-view';
import { formatSegment, segmentFile } from '../../local/journal/segment-name';

/** Segments of a journal on disk, written by the format only. */
export class WrittenJournal {
  readonly directory = mkdtempSync(join(tmpdir(), 'keyward-journal-'));
  end: JournalEnd | undefined;
  private hash = CHAIN_START;
  private part = 0;

  /** Begins a segment. */
  next(hour = '2026-11-21T09'): string {
    this.part += 1;
    const segment = formatSegment({ hour, part: this.part });
    this.write(segment, formatHeader({ journal: 1, segment, previous: this.hash }));
    return segment;
  }

  /** Adds one group to the newest segment. */
  add(events: readonly AuditEvent[]): void {
    this.addLines(events.map(formatEventLine));
  }

  addLines(lines: readonly string[]): void {
    const segment = this.end?.segment ?? this.next();
    const { bytes, hash } = sealGroup(lines, this.hash);
    this.hash = hash;
    this.write(segment, bytes);
  }

  /** Writes the segments of an hour of an older data directory. */
  addTakenOver(hour: string, events: readonly AuditEvent[]): string {
    const segment = formatSegment({ hour, part: 0 });
    const header = formatHeader({ journal: 1, segment, previous: CHAIN_START });
    const { bytes } = sealGroup(events.map(formatEventLine), CHAIN_START);
    writeFileSync(this.path(segment), Buffer.concat([header, bytes]));
    return segment;
  }

  /** Changes bytes on the disk. */
  edit(segment: string, change: (text: Buffer) => Buffer | string): void {
    writeFileSync(this.path(segment), change(readFileSync(this.path(segment))));
    if (segment === this.end?.segment) this.end = { segment, bytes: statSync(this.path(segment)).size };
  }

  path(segment: string): string {
    return join(this.directory, segmentFile(segment));
  }

  /** Makes it unreadable from now on. */
  lose(): void {
    renameSync(this.directory, `${this.directory}.lost`);
  }

  remove(): void {
    for (const path of [this.directory, `${this.directory}.lost`]) rmSync(path, { recursive: true, force: true });
  }

  private write(segment: string, bytes: Buffer): void {
    mkdirSync(this.directory, { recursive: true });
    appendFileSync(this.path(segment), bytes);
    this.end = { segment, bytes: statSync(this.path(segment)).size };
  }
}
