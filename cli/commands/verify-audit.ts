import { AUDIT_FINDING_KINDS, isFailure } from '../../lambdas/core/transparency/audit-finding';
import type { AuditProgress } from '../../lambdas/core/transparency/verify-audit';
import { CliError, EXIT } from '../io/cli-error';
import { progressDisplay } from '../io/progress-display';
import type { OptionValues } from '../options';
import type { Session } from '../session';
import { knownLogsPath } from '../verify/known-logs';
import { findingRow, findingText, summaryRow, summaryTexts } from '../verify/verification-text';
import { verifyLogs } from '../verify/verify-logs';
import { periodOf } from './audit-filters';

interface VerifyValues {
  readonly from?: string;
  readonly since?: string;
  readonly to?: string;
  readonly policy?: string;
  readonly offline?: string;
  readonly checkpoint?: readonly string[];
  readonly forget?: boolean;
}

/**
 * `audit verify`: prints one line for each finding, and what was verified.
 *
 * @throws CliError `not_verified` if a log has a failure
 */
export async function verifyAuditLog(
  session: Session,
  _: readonly string[],
  options: VerifyValues & OptionValues,
): Promise<void> {
  const { policy, offline, checkpoint: checkpoints, forget } = options;
  const { from, to } = periodOf(options, session.parts.waiting.wallClock());
  const display = progressDisplay(session);
  const logs = await verifyLogs(session, {
    ...(policy !== undefined && { policy }),
    ...(offline !== undefined && { offline }),
    ...(checkpoints !== undefined && { checkpoints }),
    ...(forget !== undefined && { forget }),
    ...(from !== undefined && { from: Date.parse(from) }),
    ...(to !== undefined && { to: Date.parse(to) }),
    given: options,
    onProgress: (origin, progress) => {
      display.show(shownOf(origin, progress));
    },
  }).finally(() => {
    display.clear();
  });
  const statePath = knownLogsPath(session.parts.env);
  for (const log of logs) {
    // What is no failure is counted for a person, and listed for a program.
    const findings = log.findings.filter(({ kind }) => session.parts.json || isFailure(kind));
    for (const finding of findings) session.printLine(findingRow(log.origin, finding), findingText(finding));
    if (session.parts.json) session.printLine(summaryRow(log), '');
    else for (const text of summaryTexts(log, statePath)) session.printLine({}, text);
  }
  const counts = AUDIT_FINDING_KINDS.filter(isFailure)
    .map((kind) => ({ kind, count: logs.reduce((sum, log) => sum + log.counts[kind], 0) }))
    .filter(({ count }) => count > 0);
  if (counts.length === 0) return;
  const found = counts.map(({ kind, count }) => `${count.toLocaleString('en')} ${kind}`).join(', ');
  throw new CliError(EXIT.notVerified, 'not_verified', `the audit log does not hold: ${found}`);
}

function shownOf(origin: string, { step, done, of }: AuditProgress) {
  const detail = `${origin}: ${done.toLocaleString('en')}${of === undefined ? '' : ` of ${of.toLocaleString('en')}`} ${step}`;
  return {
    bar: (columns: number) => detail.slice(0, columns),
    code: 'progress',
    detail,
    milestone: `${origin} ${step}`,
  };
}
