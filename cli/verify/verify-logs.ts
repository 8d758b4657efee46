import { readFile } from 'node:fs/promises';
import { isCount, isRecord } from '../../lambdas/core/crypto/record-checks';
import { DAY_MS, HOUR_MS } from '../../lambdas/core/contract/time-units';
import { isFailure, AUDIT_FINDING_KINDS } from '../../lambdas/core/transparency/audit-finding';
import { parseCheckpoint, type Checkpoint } from '../../lambdas/core/transparency/checkpoint';
import type { LogFiles } from '../../lambdas/core/transparency/ports/log-files';
import { parseNote } from '../../lambdas/core/transparency/signed-note';
import {
  verifyAudit,
  type AuditProgress,
  type VerifiedAudit,
  type VerifyAuditInput,
} from '../../lambdas/core/transparency/verify-audit';
import { apiLogFiles } from '../client/api-log-files';
import { connectionOf } from '../client/connection';
import { sendWithRetry } from '../client/send-with-retry';
import { CliError, EXIT, usageError } from '../io/cli-error';
import { systemCode } from '../io/system-code';
import type { OptionValues } from '../options';
import type { Session } from '../session';
import { knownLogsPath, readKnownLogs, writeKnownLog } from './known-logs';
import { shownOrigin, trustIn, type TrustBasis } from './log-trust';
import { offlineLogFiles } from './offline-log-files';
import { readPolicy } from './read-policy';
import { shownEvents } from './shown-events';

/** A log that was published within this time is fresh: it is cosigned every hour. */
const MAX_AGE_MS = 3 * HOUR_MS;
/** Whatever deletes what is old may do so a little before its time, by another clock. */
const RETENTION_SLACK_MS = HOUR_MS;

export interface VerifyLogsOptions {
  /** A file in the format of tlog-policy; left out: the keys of the first verification. */
  readonly policy?: string;
  /** A directory with one log; left out: all logs of the service. */
  readonly offline?: string;
  /** Files with checkpoints that others keep. */
  readonly checkpoints?: readonly string[];
  /** Whether to forget the keys of the first verification and the checkpoint seen last. */
  readonly forget?: boolean;
  /** Times of events, in milliseconds since 1970; `from` left out: from the first. */
  readonly from?: number;
  readonly to?: number;
  readonly given: OptionValues;
  readonly onProgress?: (origin: string, progress: AuditProgress) => void;
}

export interface VerifiedLog extends VerifiedAudit {
  readonly origin: string;
  readonly basis: TrustBasis;
  /** Number of failures of all kinds. */
  readonly failures: number;
}

/** A log, where its files are, and what is known about it beside them. */
interface LogPlace {
  /** Undefined in a directory. */
  readonly region?: string;
  /** Under which the command remembers it. */
  readonly name: string;
  readonly files: LogFiles;
  readonly rest: Pick<VerifyAuditInput, 'retention' | 'maxAgeMs'> & { readonly eventsFrom?: number };
}

/**
 * Verifies the log of each region of the service, or the one in a directory, and remembers what held: the keys of the first
 * verification, and the checkpoint. Of a directory only the log and its archive are verified, and its age is not.
 *
 * @throws CliError
 */
export async function verifyLogs(session: Session, options: VerifyLogsOptions): Promise<readonly VerifiedLog[]> {
  const { env, waiting } = session.parts;
  const now = waiting.wallClock();
  const path = knownLogsPath(env);
  const known = await readKnownLogs(path);
  const policy = options.policy === undefined ? undefined : await readPolicy(options.policy);
  const checkpoints = await Promise.all((options.checkpoints ?? []).map(readCheckpoint));
  const verified: VerifiedLog[] = [];
  for (const { region, name, files, rest } of await placesOf(session, options, now)) {
    const before = options.forget === true ? undefined : known.get(name);
    const trust = await trustIn(files, { region, policy, known: before });
    const { origin } = trust;
    const others = checkpoints.filter((each) => each.origin === origin);
    const { from = -Infinity, to = now } = options;
    const events = rest.eventsFrom === undefined ? undefined : { from: Math.max(from, rest.eventsFrom), to };
    const audit = await verifyAudit({
      files,
      policy: trust.policy,
      origin,
      seen: [...(before?.seen === undefined ? [] : [before.seen]), ...others],
      period: { from, to: Math.min(to, now) },
      now,
      ...(events !== undefined && { events: shownEvents(session, textsOf(events)) }),
      ...(rest.retention !== undefined && { retention: rest.retention }),
      ...(rest.maxAgeMs !== undefined && { maxAgeMs: rest.maxAgeMs }),
      onProgress: (progress) => {
        session.throwIfInterrupted();
        options.onProgress?.(origin, progress);
      },
    });
    const failures = AUDIT_FINDING_KINDS.filter(isFailure).reduce((sum, kind) => sum + audit.counts[kind], 0);
    const { tree, cosignedAt } = audit.summary;
    if (failures === 0 && tree !== undefined) {
      const keys = trust.keys ?? before?.keys;
      const seen = { ...tree, ...(cosignedAt !== undefined && { cosignedAt }) };
      await writeKnownLog(path, name, { origin, seen, ...(keys !== undefined && { keys }) });
    }
    verified.push({ ...audit, origin, basis: trust.basis, failures });
  }
  const unknown = checkpoints.some(({ origin }) => verified.every((each) => each.origin !== origin));
  if (unknown) throw usageError('--checkpoint: is of another log than those that were verified');
  return verified;
}

async function placesOf(
  session: Session,
  { offline, given }: VerifyLogsOptions,
  now: number,
): Promise<readonly LogPlace[]> {
  if (offline !== undefined) {
    const files = await offlineLogFiles(offline);
    return [{ name: (await shownOrigin(files)) ?? '', files, rest: {} }];
  }
  const { endpoint } = connectionOf(given, session.parts.env);
  const reply = await sendWithRetry(session, { method: 'GET', path: '/v1/audit/checkpoints' });
  const { checkpoints, archive_days: archiveDays, event_days: eventDays } = reply;
  if (!Array.isArray(checkpoints) || !checkpoints.every(isRecord)) throw noCheckpoints();
  const [lines, events] = [keptFor(archiveDays), keptFor(eventDays)];
  return checkpoints.map(({ region }) => {
    if (typeof region !== 'string') throw noCheckpoints();
    return {
      region,
      name: `${endpoint.href} ${region}`,
      files: apiLogFiles(session, region),
      rest: { retention: { lines, events }, maxAgeMs: MAX_AGE_MS, eventsFrom: events === undefined ? 0 : now - events },
    };
  });
}

const noCheckpoints = (): CliError =>
  new CliError(EXIT.unexpected, 'unexpected_reply', 'the reply is no list of checkpoints');

const keptFor = (days: unknown): number | undefined =>
  isCount(days, 1) ? days * DAY_MS - RETENTION_SLACK_MS : undefined;

const textsOf = ({ from, to }: { readonly from: number; readonly to: number }) => ({
  from: new Date(from).toISOString(),
  to: new Date(to).toISOString(),
});

async function readCheckpoint(path: string): Promise<Checkpoint> {
  const bytes = await readFile(path).catch((thrown: unknown) => {
    throw usageError(`--checkpoint: the file cannot be read (${systemCode(thrown)})`);
  });
  const note = parseNote(bytes);
  const checkpoint = note.fault === undefined ? parseCheckpoint(note.value.text) : note;
  if (checkpoint.fault !== undefined) throw usageError(`--checkpoint: the file is no checkpoint (${checkpoint.fault})`);
  return checkpoint.value;
}
