import { connectionOf } from '../client/connection';
import { exportAudit } from '../export/export-audit';
import { usageError } from '../io/cli-error';
import type { OptionValues, ValuesOf } from '../options';
import type { Session } from '../session';
import { AUDIT_FILTERS, auditFilters } from './audit-filters';

interface ExportValues extends ValuesOf<typeof AUDIT_FILTERS> {
  readonly out?: string;
  readonly csv?: boolean;
  readonly resume?: boolean;
  readonly force?: boolean;
}

/**
 * Exports the audit log into a file.
 *
 * @throws CliError
 */
export async function exportAuditLog(
  session: Session,
  _: readonly string[],
  options: ExportValues & OptionValues,
): Promise<void> {
  const { out = '', csv = false, resume = false, force = false } = options;
  const names = Object.keys(AUDIT_FILTERS) as (keyof typeof AUDIT_FILTERS)[];
  if (resume && (csv || names.some((name) => options[name] !== undefined)))
    throw usageError('--resume: continues with the filters and the format that the export began with; leave them out');
  const { isLocal } = connectionOf(options, session.parts.env);
  const query = auditFilters(options, { isLocal, now: session.parts.waiting.wallClock() });
  await exportAudit(session, { out, query, format: csv ? 'csv' : 'json lines', resume, force, given: options });
}
