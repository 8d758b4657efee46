import { connectionOf } from '../client/connection';
import { exportAudit } from '../export/export-audit';
import { exportLog } from '../export/export-log';
import { usageError } from '../io/cli-error';
import type { OptionValues, ValuesOf } from '../options';
import type { Session } from '../session';
import { AUDIT_FILTERS, auditFilters } from './audit-filters';

interface ExportValues extends ValuesOf<typeof AUDIT_FILTERS> {
  readonly out?: string;
  readonly log?: string;
  readonly 'log-region'?: string;
  readonly csv?: boolean;
  readonly resume?: boolean;
  readonly force?: boolean;
}

/**
 * Exports the audit log into a file, or the published log into a directory.
 *
 * @throws CliError
 */
export async function exportAuditLog(
  session: Session,
  _: readonly string[],
  options: ExportValues & OptionValues,
): Promise<void> {
  const { out, log, 'log-region': region, csv = false, resume = false, force = false } = options;
  const names = Object.keys(AUDIT_FILTERS) as (keyof typeof AUDIT_FILTERS)[];
  if ((out === undefined) === (log === undefined)) throw usageError('--out or --log: exactly one is needed');
  if (log !== undefined) {
    if (csv || resume || force || names.some((name) => options[name] !== undefined))
      throw usageError('--log: takes no other option but --log-region; it copies all that is published');
    return exportLog(session, { directory: log, region });
  }
  if (region !== undefined) throw usageError('--log-region: is for --log');
  if (resume && (csv || names.some((name) => options[name] !== undefined)))
    throw usageError('--resume: continues with the filters and the format that the export began with; leave them out');
  const { isLocal } = connectionOf(options, session.parts.env);
  const query = auditFilters(options, { isLocal, now: session.parts.waiting.wallClock() });
  await exportAudit(session, {
    out: out ?? '',
    query,
    format: csv ? 'csv' : 'json lines',
    resume,
    force,
    given: options,
  });
}
