import { createAuditFindings, type AuditFinding, type AuditFindingKind, type AuditFindings } from './audit-finding';
import { checkSeen, cosignedAt, type SeenCheckpoint } from './check-seen';
import { compareEvents, type ShownEvent } from './compare-events';
import { createEntryTable } from './entry-table';
import type { Tree } from './merkle-proof';
import { isOneAccount } from './open-checkpoint';
import type { LogFiles } from './ports/log-files';
import { readDecidedSize, readLogHead } from './read-log-head';
import { reportLines, reportLostObjects } from './report-lines';
import type { TrustPolicy } from './trust-policy';
import { verifyArchive } from './verify-archive';
import { reportUnindexed, verifyIndex } from './verify-index';
import { verifyTree } from './verify-tree';

/** A period of event times, both ends in it, in milliseconds since 1970. */
interface AuditPeriod {
  readonly from: number;
  readonly to: number;
}

export interface VerifyAuditInput {
  readonly files: LogFiles;
  /** Who must have signed. A hand-over of its keys is followed. */
  readonly policy: TrustPolicy;
  /** Identity of the log that is asked for; its last part is the region whose events belong to it. */
  readonly origin: string;
  /** Checkpoints that were verified before, or that others keep: the log must continue each. */
  readonly seen?: readonly SeenCheckpoint[];
  /** All events that the table, or the journal, has of the period, in any order; left out: they are not compared. */
  readonly events?: AsyncIterable<ShownEvent>;
  /** Only these events are looked at; left out: all. Signatures and the tree are verified whole in any case. */
  readonly period?: AuditPeriod;
  /** How long archived lines and events of the table are kept after the event; left out: permanently. In milliseconds. */
  readonly retention?: { readonly lines?: number | undefined; readonly events?: number | undefined };
  /** The greatest age of the newest cosignature, in milliseconds; left out: any. */
  readonly maxAgeMs?: number;
  /** By a clock that the log's owner does not set, in milliseconds since 1970. */
  readonly now: number;
  readonly onProgress?: (progress: AuditProgress) => void;
}

/** How far a verification is. */
export interface AuditProgress {
  readonly step: 'entries' | 'lines' | 'events';
  readonly done: number;
  /** Undefined where nobody knows. */
  readonly of?: number;
}

interface AuditSummary {
  readonly origin: string;
  /** The tree of the checkpoint that was verified; undefined if there is none that the policy accepts. */
  readonly tree?: Tree;
  /** Its bytes. */
  readonly note?: Buffer;
  /** When it was cosigned as the policy asks, in seconds since 1970. */
  readonly cosignedAt?: number;
  /** Whether the policy can be met by one account alone: then its administrator could make another log. */
  readonly isOneAccount: boolean;
  /** Entries of events that have their archived line. */
  readonly entries: number;
  readonly lines: number;
  /** Archived lines that are no event, or of another region. */
  readonly malformed: number;
  readonly foreign: number;
  /** Events from before the log. */
  readonly older: number;
  /** Entries whose archived line is not kept any more. */
  readonly expired: number;
  /** Events of the table that were compared; undefined if none were given. */
  readonly events?: number;
}

export interface VerifiedAudit {
  /** What does not fit, at most 1,000 of each kind. */
  readonly findings: readonly AuditFinding[];
  /** How many there are of each kind. */
  readonly counts: Readonly<Record<AuditFindingKind, number>>;
  readonly summary: AuditSummary;
}

/**
 * Verifies one region's log as an auditor does: signatures and cosignatures, the whole tree, that it continues the checkpoints seen,
 * index, publisher's state, the archived line of each entry, and each event of the table against it. `AUDIT_FINDINGS` defines what
 * is found.
 *
 * Nothing that is read is trusted. About 90 bytes an entry are in memory, a few archive objects, and 16 bundles.
 *
 * It does not find what the owner of all signing keys made before the first checkpoint that is known here, nor an event that was
 * removed before it was archived.
 *
 * @throws what the ports throw
 */
export async function verifyAudit(input: VerifyAuditInput): Promise<VerifiedAudit> {
  const { files, policy, origin, seen = [], now, onProgress = () => undefined } = input;
  const findings = createAuditFindings();
  const head = await readLogHead({ files, policy, origin }, findings);
  if (head === undefined) return endOf(findings, { ...NOTHING, origin, isOneAccount: isOneAccount(policy, origin) });
  const { checkpoint, state, handOvers } = head;
  const { size, root } = checkpoint;
  const oldest = input.maxAgeMs === undefined ? undefined : now - input.maxAgeMs;
  await checkSeen(files, head, { seen, oldest }, findings);
  const entries = createEntryTable();
  const older = [...seen, ...(state === undefined ? [] : [state.previous])];
  const tree = await verifyTree({ files, head, older }, entries, findings, (done) => {
    onProgress({ step: 'entries', done, of: size });
  });
  const isOther = tree.outcome === 'other';
  const index = await files.list('index/');
  // Of this moment: publishers go on while the log is read.
  const decided = (): Promise<number> => readDecidedSize(files, handOvers.policy);
  const indexed = await verifyIndex({ files, paths: index, entries, size, decided }, !isOther, findings);

  const { from, to } = input.period ?? { from: -Infinity, to: Infinity };
  const since = (days: number | undefined): number => Math.max(from, days === undefined ? from : now - days);
  const keptFrom = since(input.retention?.lines);
  const paths = await files.list('archive/');
  if (state !== undefined) await reportLostObjects(files, state, { paths, from: keptFrom }, findings);
  const region = regionOf(origin);
  const onLines = (done: number): void => {
    onProgress({ step: 'lines', done });
  };
  const archive = await verifyArchive({ files, paths, entries, region, from, to, now, onLines }, findings);
  if (isOther) {
    const isReordered = indexed.unknown === 0 && (indexed.moved > 0 || archive.isReordered);
    for (const each of tree.differing) findings.add({ kind: isReordered ? 'reordered' : 'edited', ...each });
  } else {
    reportUnindexed(entries, size, findings);
  }
  const lines = reportLines(entries, { size, from: keptFrom, to }, findings);

  const onEvents = (done: number): void => {
    onProgress({ step: 'events', done });
  };
  const { events } = input;
  const compared =
    events === undefined
      ? undefined
      : await compareEvents(
          { events, entries, archive, size, region, from: since(input.retention?.events), to, now, onEvents },
          findings,
        );
  const time = cosignedAt(head);
  return endOf(findings, {
    origin,
    tree: { size, root },
    note: head.note,
    ...(time !== undefined && { cosignedAt: time }),
    isOneAccount: isOneAccount(handOvers.policy, origin),
    ...lines,
    lines: archive.lines,
    malformed: archive.malformed,
    foreign: archive.foreign,
    older: archive.older,
    ...(compared !== undefined && { events: compared }),
  });
}

const NOTHING = { entries: 0, lines: 0, malformed: 0, foreign: 0, older: 0, expired: 0 };

const endOf = ({ listed, counts }: AuditFindings, summary: AuditSummary): VerifiedAudit => ({
  findings: listed,
  counts,
  summary,
});

const regionOf = (origin: string): string => origin.slice(origin.lastIndexOf('/') + 1);
