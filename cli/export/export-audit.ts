import { isCount, isRecord } from '../../lambdas/core/crypto/record-checks';
import { connectionOf } from '../client/connection';
import { nextAuditPage } from '../client/next-audit-page';
import type { JsonObject } from '../client/json-object';
import { commandToPaste } from '../commands/command-to-paste';
import { CliError, EXIT, interrupted, usageError } from '../io/cli-error';
import { counted } from '../io/counted';
import { plain } from '../io/plain-text';
import { progressDisplay } from '../io/progress-display';
import type { OptionValues } from '../options';
import type { Session } from '../session';
import { AUDIT_FORMATS, type AuditFormatName } from './audit-format';
import { UnfinishedFile } from './unfinished-file';

/** What to export, and how far that is. */
interface ExportState {
  readonly endpoint: string;
  readonly format: AuditFormatName;
  readonly query: Readonly<Record<string, string>>;
  /** Of the next page; undefined before the first one. */
  readonly cursor?: string;
  readonly events: number;
  /** Set once all events are in the file. */
  readonly complete?: true;
}

export interface ExportOptions {
  readonly out: string;
  /** The filters, as the API's query. */
  readonly query: Readonly<Record<string, string>>;
  readonly format: AuditFormatName;
  readonly resume: boolean;
  readonly force: boolean;
  /** For the command that continues. */
  readonly given: OptionValues;
}

/**
 * Exports all events of a query into a file, newest first, page by page. The file appears when it is complete. If the export ends
 * before, the error names the command that continues it.
 *
 * @throws CliError
 */
export async function exportAudit(session: Session, options: ExportOptions): Promise<void> {
  const { file, state } = await openExport(session, options);
  const display = progressDisplay(session);
  let reached = state;
  try {
    while (reached.complete === undefined) {
      const page = await nextAuditPage(session, { query: reached.query, cursor: reached.cursor });
      const { heading, line } = AUDIT_FORMATS[reached.format];
      const text = page.events.map(line).join('');
      const { cursor: before, ...rest } = reached;
      const next: ExportState = {
        ...rest,
        ...(page.cursor === undefined ? { complete: true } : { cursor: page.cursor }),
        events: rest.events + page.events.length,
      };
      await file.append(before === undefined ? `${heading}${text}` : text, { ...next });
      reached = next;
      display.show(progressOf(reached.events, page.events.at(-1)));
      session.throwIfInterrupted();
    }
    await file.finish();
  } catch (thrown) {
    // Not even the first page: there is nothing to continue.
    if (reached.cursor === undefined && reached.complete === undefined) {
      await file.discard();
      throw thrown;
    }
    throw withNextCommand(thrown, reached.events, options);
  } finally {
    display.clear();
    await file.close();
  }
  session.print({ events: reached.events, file: options.out }, { kind: 'object' });
}

async function openExport(
  session: Session,
  { out, query, format, resume, force, given }: ExportOptions,
): Promise<{ readonly file: UnfinishedFile; readonly state: ExportState }> {
  const endpoint = connectionOf(given, session.parts.env).endpoint.href;
  if (!resume) return { file: await UnfinishedFile.begin(out, force), state: { endpoint, format, query, events: 0 } };
  const { file, state: stored } = await UnfinishedFile.resume(out, force);
  const state = stateOf(stored);
  const fault =
    state === undefined
      ? '--resume: the unfinished export was changed; --force without --resume begins anew'
      : state.endpoint === endpoint
        ? undefined
        : '--resume: the export was begun at another endpoint';
  if (state !== undefined && fault === undefined) return { file, state };
  await file.close();
  throw usageError(fault ?? '');
}

function stateOf({ endpoint, format, query, cursor, events, complete }: JsonObject): ExportState | undefined {
  const isFormat = format === 'json lines' || format === 'csv';
  if (typeof endpoint !== 'string' || !isFormat || !isCount(events, 0)) return undefined;
  if (!isRecord(query) || !Object.values(query).every((value) => typeof value === 'string')) return undefined;
  const known = { endpoint, format, query: query as Record<string, string>, events } as const;
  if (complete === true) return { ...known, complete };
  return typeof cursor === 'string' ? { ...known, cursor } : undefined;
}

function progressOf(events: number, last: JsonObject | undefined) {
  const reached = last === undefined ? '' : `, back to ${plain(last['timestamp'])}`;
  const detail = `${counted(events, 'event')}${reached}`;
  return { bar: (columns: number) => detail.slice(0, columns), code: 'progress', detail, milestone: '' };
}

function withNextCommand(thrown: unknown, events: number, { out, given, force }: ExportOptions): unknown {
  if (!(thrown instanceof CliError)) return thrown;
  const words = ['audit', 'export', `--out=${out}`, '--resume', ...(force ? ['--force'] : [])];
  const command = commandToPaste(words, given);
  const how = `${counted(events, 'event')} so far; continue with: ${command}`;
  if (thrown.exitCode === EXIT.interrupted) {
    const { exitCode, code } = interrupted();
    return new CliError(exitCode, code, `stopped by Ctrl-C; ${how}`, undefined, { command });
  }
  const { exitCode, code, detail, requestId, more } = thrown;
  return new CliError(exitCode, code, `${detail}; ${how}`, requestId, { ...more, command });
}
