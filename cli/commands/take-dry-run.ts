import * as z from 'zod/mini';
import { PUBLISH_MS, SETTLE_MS } from '../../lambdas/core/contract/protocol-times';
import { CliError, EXIT } from '../io/cli-error';
import { counted } from '../io/counted';
import { fitLine } from '../io/fit-line';
import { progressDisplay, type ProgressState } from '../io/progress-display';
import { durationText } from './dek-rotation-progress';
import { sendWithRetry } from '../client/send-with-retry';
import type { Session } from '../session';

const count = z.number().check(z.nonnegative());

/** The members of one dry-run part that the command line uses. */
const part = z.object({
  from_version: count,
  to_version: count,
  credentials: count,
  /** Absent from older services, as are the other two about previous values. */
  previous_values: z.optional(count),
  by_version: z.array(z.object({ key_version: count, credentials: count, previous_values: z.optional(count) })),
  undecryptable: z.array(z.string()),
  undecryptable_previous: z.optional(z.array(z.string())),
  would_move: count,
  estimated_seconds: count,
  running_rotation_id: z.optional(z.string()),
  next_cursor: z.optional(z.nullable(z.string())),
});

type DryRunPart = z.infer<typeof part>;

/** All parts of a dry run together. */
type DryRun = Omit<DryRunPart, 'next_cursor'> & { readonly provider: string; readonly dry_run: true };

/** The fixed wait in every part's estimate; a rotation waits only once. */
const WAITING_SECONDS = Math.ceil((PUBLISH_MS + SETTLE_MS) / 1000);

/**
 * `rotate --dry-run`: counts and opens what a rotation would move, part after part, and shows the counts meanwhile.
 *
 * @throws CliError `undecryptable` (exit code 7) after the dry run is shown, if something does not open
 */
export async function takeDryRun(session: Session, provider: string): Promise<void> {
  const dryRun = await allParts(session, provider);
  session.print(dryRun, { kind: 'object', rows: dryRunRows });
  const { undecryptable, undecryptable_previous: previous = [] } = dryRun;
  const damaged = undecryptable.length + previous.length;
  if (damaged > 0) {
    const what =
      previous.length === 0
        ? counted(undecryptable.length, 'credential does', 'credentials do')
        : counted(damaged, 'stored key does', 'stored keys do');
    throw new CliError(
      EXIT.undecryptable,
      'undecryptable',
      `${what} not decrypt; ${damaged === 1 ? 'it is' : 'they are'} named above`,
    );
  }
}

async function allParts(session: Session, provider: string): Promise<DryRun> {
  const display = progressDisplay(session);
  const seen = new Set<string>();
  let dryRun: DryRun | undefined;
  let cursor: string | undefined;
  try {
    do {
      const next = await onePart(session, provider, cursor);
      dryRun = dryRun === undefined ? { provider, dry_run: true, ...withoutCursor(next) } : together(dryRun, next);
      cursor = next.next_cursor ?? undefined;
      if (cursor !== undefined) {
        display.show(countingProgress(provider, dryRun));
        // Each part costs the service a read of many items: a repeated cursor must end the loop.
        if (seen.has(cursor)) throw new CliError(EXIT.unexpected, 'unexpected_reply', 'the same part came twice');
        seen.add(cursor);
      }
    } while (cursor !== undefined);
  } finally {
    display.clear();
  }
  return dryRun;
}

async function onePart(session: Session, provider: string, cursor: string | undefined): Promise<DryRunPart> {
  const reply = await sendWithRetry(session, {
    method: 'POST',
    path: `/v1/providers/${provider}/rotate`,
    body: { dry_run: true, ...(cursor === undefined ? {} : { cursor }) },
  });
  const { data } = part.safeParse(reply);
  if (data === undefined) throw new CliError(EXIT.unexpected, 'unexpected_reply', 'the reply is not a dry run');
  return data;
}

const withoutCursor = ({ next_cursor: _, ...rest }: DryRunPart): Omit<DryRunPart, 'next_cursor'> => rest;

/** Versions and the running rotation are those of the last part. */
function together(sum: DryRun, next: DryRunPart): DryRun {
  const byVersion = new Map(sum.by_version.map((each) => [each.key_version, each]));
  for (const each of next.by_version) {
    const before = byVersion.get(each.key_version);
    byVersion.set(each.key_version, {
      key_version: each.key_version,
      credentials: (before?.credentials ?? 0) + each.credentials,
      ...addedUp(before?.previous_values, each.previous_values),
    });
  }
  return {
    provider: sum.provider,
    dry_run: true,
    ...withoutCursor(next),
    credentials: sum.credentials + next.credentials,
    ...addedUp(sum.previous_values, next.previous_values),
    by_version: [...byVersion.values()].sort((a, b) => a.key_version - b.key_version),
    undecryptable: [...sum.undecryptable, ...next.undecryptable],
    ...(next.undecryptable_previous !== undefined && {
      undecryptable_previous: [...(sum.undecryptable_previous ?? []), ...next.undecryptable_previous],
    }),
    would_move: sum.would_move + next.would_move,
    estimated_seconds: sum.estimated_seconds + Math.max(0, next.estimated_seconds - WAITING_SECONDS),
  };
}

/** A count of previous values, if the service has it. */
const addedUp = (before: number | undefined, more: number | undefined): { readonly previous_values?: number } =>
  before === undefined && more === undefined ? {} : { previous_values: (before ?? 0) + (more ?? 0) };

function countingProgress(provider: string, dryRun: DryRun): ProgressState {
  const { credentials, previous_values: previous = 0 } = dryRun;
  const lost = dryRun.undecryptable.length + (dryRun.undecryptable_previous?.length ?? 0);
  const parts = [
    counted(credentials, 'credential'),
    ...(previous === 0 ? [] : [counted(previous, 'previous value')]),
    ...(lost === 0 ? [] : [`${counted(lost, 'does', 'do')} not decrypt`]),
  ];
  return {
    bar: (columns) => fitLine({ title: `${provider} counting`, parts }, columns),
    code: 'counting',
    detail: parts.join(', '),
    milestone: 'counting',
  };
}

function dryRunRows(reply: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  const dryRun = reply as unknown as DryRun;
  return [
    ['provider', dryRun.provider],
    ['version', `${dryRun.from_version}, would be followed by ${dryRun.to_version}`],
    ['credentials', dryRun.credentials],
    ...(dryRun.previous_values === undefined ? [] : [['previous_values', dryRun.previous_values] as const]),
    ...dryRun.by_version.map(({ key_version, credentials, previous_values: previous = 0 }): [string, unknown] => [
      `on_version_${key_version}`,
      previous === 0 ? credentials : `${credentials} and ${previous} previous`,
    ]),
    ['would_move', dryRun.would_move],
    ['estimate', durationText(dryRun.estimated_seconds)],
    ...(dryRun.running_rotation_id === undefined
      ? []
      : [['running', `${dryRun.running_rotation_id}: another rotation would be refused`] as const]),
    ...dryRun.undecryptable.map((name) => ['does_not_decrypt', name] as const),
    ...(dryRun.undecryptable_previous ?? []).map((name) => ['previous_does_not_decrypt', name] as const),
  ];
}
