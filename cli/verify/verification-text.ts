import type { AuditFinding } from '../../lambdas/core/transparency/audit-finding';
import { AUDIT_FINDING_KINDS, MAX_LISTED } from '../../lambdas/core/transparency/audit-finding';
import type { JsonObject } from '../client/json-object';
import { counted } from '../io/counted';
import type { VerifiedLog } from './verify-logs';

/** A finding as a line for a person. */
export function findingText({ kind, fault, path, id, place, timestamp, members, size }: AuditFinding): string {
  const where = [
    path,
    id === undefined ? undefined : `event ${id}`,
    timestamp === undefined ? undefined : `of ${timestamp}`,
    place === undefined ? undefined : `entry ${place}`,
    size === undefined ? undefined : `checkpoint of ${counted(size, 'entry', 'entries')}`,
    members === undefined || members.length === 0 ? undefined : `differs in ${members.join(', ')}`,
  ];
  return [kind, fault, ...where.filter((part) => part !== undefined)].join('  ');
}

/** A finding as `--json` shows it. */
export const findingRow = (origin: string, { kind, ...rest }: AuditFinding): JsonObject => ({
  origin,
  finding: kind,
  ...rest,
});

/** What was verified, in sentences. */
export function summaryTexts({ origin, basis, counts, summary }: VerifiedLog, statePath: string): readonly string[] {
  const { tree, cosignedAt, isOneAccount, entries, lines, events, older, expired, malformed, foreign } = summary;
  const size = tree === undefined ? 'no checkpoint that is trusted' : counted(tree.size, 'entry', 'entries');
  const time = cosignedAt === undefined ? '' : `, cosigned ${new Date(cosignedAt * 1000).toISOString()}`;
  const others = [
    [older, 'archived when the log began, from before it'],
    [expired, 'without an archived line: not kept any more, or outside of the period'],
    [malformed, 'archived and no event'],
    [foreign, "archived here and of another region's log"],
  ] as const;
  return [
    `${origin}: ${size}${time}`,
    `${counted(entries, 'entry', 'entries')} with an archived line, of ${counted(lines, 'line')}${
      events === undefined ? '; the audit log itself was not compared' : `; ${counted(events, 'event')} compared`
    }`,
    ...others.filter(([count]) => count > 0).map(([count, what]) => `${counted(count, 'line')} ${what}`),
    ...(counts.not_yet_published > 0 ? [`${counted(counts.not_yet_published, 'event')} not yet published`] : []),
    ...AUDIT_FINDING_KINDS.filter((kind) => counts[kind] > MAX_LISTED).map(
      (kind) =>
        `${counts[kind].toLocaleString('en')} findings ${kind}, of which ${MAX_LISTED.toLocaleString('en')} are listed`,
    ),
    isOneAccount
      ? 'one account: no outside witness is asked for, so whoever administers it could have made another log before it was first verified here'
      : 'an outside witness has cosigned it',
    ...(basis === 'first use'
      ? [`first use: no policy was given, so the keys that the log shows are trusted from now on, by ${statePath}`]
      : []),
  ];
}

/** What was verified, as `--json` shows it. */
export function summaryRow({ origin, basis, failures, counts, summary }: VerifiedLog): JsonObject {
  const { tree, cosignedAt, isOneAccount, entries, lines, events, older, expired, malformed, foreign } = summary;
  return {
    origin,
    verified: failures === 0,
    size: tree?.size ?? null,
    root: tree?.root.toString('base64') ?? null,
    cosigned_at: cosignedAt === undefined ? null : new Date(cosignedAt * 1000).toISOString(),
    one_account: isOneAccount,
    trusted_by: basis,
    entries,
    lines,
    events: events ?? null,
    older,
    expired,
    malformed,
    foreign,
    counts,
  };
}
