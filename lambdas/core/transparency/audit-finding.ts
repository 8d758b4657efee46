import type { LogFault } from './log-fault';

/**
 * What `verify` finds, each with its definition, word for word as the command's help and the documents have it. Only
 * `not_yet_published` is no failure.
 */
export const AUDIT_FINDINGS = {
  missing:
    'what must be there is gone: the archived line of an entry, an event of the table before its retention ended, a part of the log, or a cosignature that the policy asks for',
  edited:
    'something differs from what was signed: an archived line or an event of the table from its entry, an archive object from its name, a part of the log from its checkpoint, or a signature that does not hold',
  reordered: 'the log has the same entries in another order',
  truncated: 'the log ends before its checkpoint, or before a checkpoint that was seen',
  forked: 'the log does not continue a checkpoint that was seen, or keys signed it that nobody handed over to',
  backdated: 'an event was archived more than a day after the time that it states',
  replayed:
    'something old was put back: a checkpoint or a state before one that was seen, a checkpoint that nobody has cosigned for hours, or an event that stands in the log twice',
  expired_unpublished: 'an event is older than a day and in no log',
  not_yet_published: 'an event is younger than a day and in no log yet; this is no failure',
} as const satisfies Readonly<Record<string, string>>;

export type AuditFindingKind = keyof typeof AUDIT_FINDINGS;

export const AUDIT_FINDING_KINDS = Object.keys(AUDIT_FINDINGS) as readonly AuditFindingKind[];

/** Whether a log with such a finding fails: all kinds but one. */
export const isFailure = (kind: AuditFindingKind): boolean => kind !== 'not_yet_published';

/** One thing that does not fit, and where to look. */
export interface AuditFinding {
  readonly kind: AuditFindingKind;
  /** Why, as the readers of the log name it. */
  readonly fault: LogFault;
  /** The object below the log's prefix. */
  readonly path?: string;
  /** The event's id. */
  readonly id?: string;
  /** The entry's place in the log, from 0. */
  readonly place?: number;
  /** The event's time, ISO 8601 in UTC. */
  readonly timestamp?: string;
  /** Members that differ. */
  readonly members?: readonly string[];
  /** Size of the tree that was seen and is not continued. */
  readonly size?: number;
}

/** Findings that are listed of each kind; the rest is counted. */
export const MAX_LISTED = 1000;

/** Collects findings: all are counted, and so many of each kind are kept. */
export interface AuditFindings {
  readonly listed: readonly AuditFinding[];
  readonly counts: Readonly<Record<AuditFindingKind, number>>;
  add(finding: AuditFinding): void;
  /** Whether another finding of the kind would be listed: else its details need not be looked up. */
  hasRoom(kind: AuditFindingKind): boolean;
}

export function createAuditFindings(): AuditFindings {
  const listed: AuditFinding[] = [];
  const counts = Object.fromEntries(AUDIT_FINDING_KINDS.map((kind) => [kind, 0])) as Record<AuditFindingKind, number>;
  const hasRoom = (kind: AuditFindingKind): boolean => counts[kind] < MAX_LISTED;
  return {
    listed,
    counts,
    add(finding) {
      if (hasRoom(finding.kind)) listed.push(finding);
      counts[finding.kind] += 1;
    },
    hasRoom,
  };
}
