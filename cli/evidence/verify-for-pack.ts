import { isFailure } from '../../lambdas/core/transparency/audit-finding';
import type { JsonObject } from '../client/json-object';
import { CliError, EXIT } from '../io/cli-error';
import type { OptionValues } from '../options';
import type { Session } from '../session';
import { findingRow, summaryRow } from '../verify/verification-text';
import { verifyLogs } from '../verify/verify-logs';
import type { PackDirectory } from './pack-directory';
import { PackTable } from './pack-table';
import type { Period } from './period';
import type { Verification } from './verification';

const FINDING_COLUMNS = ['origin', 'finding', 'fault', 'path', 'id', 'place', 'timestamp', 'members', 'size'];
const MOST_SHOWN = 100;

/**
 * Verifies the logs of the service for the period of a pack, as `audit verify` does, and writes the table of findings. Where that
 * cannot be done, the result says why, and the pack is made all the same.
 *
 * @throws CliError `interrupted`; `usage` for a wrong policy file; `not_written`
 */
export async function verifyForPack(
  session: Session,
  pack: PackDirectory,
  {
    period: { from, to },
    policy,
    given,
    show,
  }: {
    readonly period: Period;
    readonly policy: string | undefined;
    readonly given: OptionValues;
    readonly show: (detail: string) => void;
  },
): Promise<Verification> {
  const logs = await verifyLogs(session, {
    from: Date.parse(from),
    to: Date.parse(to),
    ...(policy !== undefined && { policy }),
    given,
    onProgress: (origin, { step, done }) => {
      show(`verifying ${origin}: ${done.toLocaleString('en')} ${step}`);
    },
  }).catch((thrown: unknown) => {
    if (!(thrown instanceof CliError)) throw thrown;
    if (thrown.exitCode === EXIT.interrupted || thrown.exitCode === EXIT.usage) throw thrown;
    return `${thrown.code}: ${thrown.detail}`;
  });
  if (typeof logs === 'string') return { state: 'not verified', why: logs };
  if (logs.length === 0) return { state: 'not verified', why: 'the service keeps no transparency log' };
  const table = await PackTable.create(pack, 'log-findings', FINDING_COLUMNS);
  const shown: JsonObject[] = [];
  for (const { origin, findings } of logs) {
    for (const finding of findings) {
      const row = findingRow(origin, finding);
      await table.add(row);
      if (isFailure(finding.kind) && shown.length < MOST_SHOWN) shown.push(row);
    }
  }
  const failures = logs.reduce((sum, log) => sum + log.failures, 0);
  return {
    state: failures === 0 ? 'verified' : 'does not hold',
    logs: logs.map(summaryRow),
    findings: shown,
    failures,
  };
}
