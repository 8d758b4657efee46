import { version } from '../../package.json';
import { nextAuditPage } from '../client/next-audit-page';
import { connectionOf } from '../client/connection';
import type { JsonObject } from '../client/json-object';
import { timeOf } from '../commands/from-time';
import { CliError, EXIT, interrupted, usageError } from '../io/cli-error';
import { counted } from '../io/counted';
import { toJson } from '../io/plain-text';
import { progressDisplay } from '../io/progress-display';
import type { OptionValues } from '../options';
import type { Session } from '../session';
import { readPolicy } from '../verify/read-policy';
import { AuditTally } from './audit-tally';
import { EVENT_KINDS, type EventKind } from './event-kind';
import type { EvidenceFacts, TopTotals } from './evidence-facts';
import { evidencePage } from './evidence-page';
import { judgeDek, judgeKek } from './key-judgement';
import { madeBy } from './made-by';
import { NO_POLICIES, NOT_IN_THE_API } from './omission';
import { PackDirectory } from './pack-directory';
import { packFindings } from './pack-findings';
import { PackTable } from './pack-table';
import type { Period } from './period';
import { readPolicies, type GivenPolicies } from './read-policies';
import { readKeys } from './read-keys';
import { recordPack } from './record-pack';
import type { Totals } from './totals';
import { verifyForPack } from './verify-for-pack';

const PAGE = 'evidence.html';
const TOTAL_COLUMNS = ['name', 'access', 'change', 'read', 'failure', 'first_at', 'last_at'];
/** So many of the names with the most events are on the page; all are in the files. */
const MOST_NAMES_SHOWN = 50;
const MOST_STATEMENTS_SHOWN = 200;
const POLICY_COLUMNS = ['principal', 'policy', 'effect', 'actions', 'resources', 'condition'];

interface EvidenceOptions {
  readonly from: string;
  readonly to?: string;
  readonly out: string;
  readonly 'caller-policies'?: string;
  readonly policy?: string;
}

/**
 * `evidence`: makes the pack for the auditor. The directory appears when it is complete; after a failure or Ctrl-C nothing is left of
 * it.
 *
 * @throws CliError
 */
export async function makeEvidence(
  session: Session,
  _: readonly string[],
  options: EvidenceOptions & OptionValues,
): Promise<void> {
  const now = session.parts.waiting.wallClock();
  const { period, askedTo } = periodOf(options, now);
  const endpoint = connectionOf(options, session.parts.env).endpoint.href;
  if (options.policy !== undefined) await readPolicy(options.policy);
  const file = options['caller-policies'];
  const policies = file === undefined ? undefined : await readPolicies(file);
  const pack = await PackDirectory.begin(options.out);
  const display = progressDisplay(session);
  try {
    const show = (detail: string): void => {
      display.show({ bar: (columns) => detail.slice(0, columns), code: 'progress', detail, milestone: '' });
    };
    const made_by = await madeBy(options, session);
    show('reading keys');
    const shown = await readKeys(session, pack, period);
    await writePolicies(pack, policies);
    const tally = await readEvents(session, { pack, period, show });
    const verification = await verifyForPack(session, pack, { period, policy: options.policy, given: options, show });
    const keys = [judgeKek(shown.kek, now), ...shown.keysets.map((keyset) => judgeDek(keyset, now))];
    const facts: EvidenceFacts = {
      endpoint,
      period,
      ...(askedTo !== undefined && { asked_to: askedTo }),
      made_at: new Date(now).toISOString(),
      made_by,
      command_version: version,
      findings: packFindings({
        keys,
        shown,
        damagedEvents: tally.damaged,
        unknownOutcomes: tally.unknownOutcomes,
        verification,
      }),
      keys,
      kek: shown.kek,
      keysets: shown.keysets,
      rotations: shown.rotations,
      credentials: shown.credentials,
      policies: policies && {
        sha256: policies.sha256,
        statements: policies.rows.length,
        shown: policies.rows.slice(0, MOST_STATEMENTS_SHOWN),
      },
      events: tally.events,
      counts: countsOf(tally),
      days: [...tally.days],
      principals: topOf(tally.principals),
      credential_uses: topOf(tally.credentials),
      failures: topOf(tally.failures),
      addresses: topOf(tally.addresses),
      newest_failures: tally.newestFailures,
      newest_changes: tally.newestChanges,
      verification,
      omissions: [...shown.omissions, ...(policies === undefined ? [NO_POLICIES] : []), ...NOT_IN_THE_API],
    };
    await writeTotals(pack, tally);
    await pack.write('summary.json', `${toJson(facts)}\n`);
    await pack.write(PAGE, evidencePage(facts));
    const manifest = await pack.seal();
    const recorded = await recordPack(session, { manifest_sha256: manifest, period, events: tally.events });
    await pack.write('recorded.json', `${toJson(recorded)}\n`);
    session.throwIfInterrupted();
    await pack.finish();
    display.clear();
    if (verification.state === 'does not hold')
      session.tell(
        'not_intact',
        `the audit log does not hold: ${counted(verification.failures, 'failure')}; ${PAGE} says which`,
      );
    if (!recorded.recorded)
      session.tell('not_recorded', `the hash of the pack is not in the audit log: ${recorded.why}`);
    const { findings, events } = facts;
    const result = {
      directory: options.out,
      page: PAGE,
      events,
      to_look_at: findings.filter(({ level }) => level !== 'good').length,
      manifest_sha256: manifest,
      ...(recorded.recorded && { event_id: recorded.event['id'] }),
    };
    session.print(result, { kind: 'object' });
  } catch (thrown) {
    await pack.discard();
    throw thrown instanceof CliError && thrown.exitCode === EXIT.interrupted
      ? interrupted('stopped by Ctrl-C; nothing is left of the pack')
      : thrown;
  } finally {
    display.clear();
  }
}

function periodOf(options: EvidenceOptions, now: number): { readonly period: Period; readonly askedTo?: string } {
  const from = timeOf('--from', options.from, 'cut') ?? '';
  const asked = timeOf('--to', options.to, 'rounded up');
  const latest = new Date(now).toISOString();
  if (from > latest) throw usageError('--from: must not be in the future');
  if (asked !== undefined && from > asked) throw usageError('--from: must not be after --to');
  if (asked === undefined || asked <= latest) return { period: { from, to: asked ?? latest } };
  return { period: { from, to: latest }, askedTo: asked };
}

async function readEvents(
  session: Session,
  {
    pack,
    period,
    show,
  }: { readonly pack: PackDirectory; readonly period: Period; readonly show: (detail: string) => void },
): Promise<AuditTally> {
  const tally = await AuditTally.create(pack);
  const query = { from: period.from, to: period.to };
  let cursor: string | undefined;
  do {
    const page = await nextAuditPage(session, { query, cursor });
    for (const event of page.events) await tally.take(event);
    const last: JsonObject | undefined = page.events.at(-1);
    if (last !== undefined) show(`${counted(tally.events, 'event')}, back to ${String(last['timestamp'])}`);
    session.throwIfInterrupted();
    cursor = page.cursor;
  } while (cursor !== undefined);
  await tally.end();
  return tally;
}

async function writePolicies(pack: PackDirectory, policies: GivenPolicies | undefined): Promise<void> {
  if (policies === undefined) return;
  const table = await PackTable.create(pack, 'policies', POLICY_COLUMNS);
  for (const row of policies.rows) await table.add(row);
}

async function writeTotals(pack: PackDirectory, tally: AuditTally): Promise<void> {
  for (const [name, totals] of [
    ['principals', tally.principals],
    ['credential-uses', tally.credentials],
  ] as const) {
    const table = await PackTable.create(pack, name, TOTAL_COLUMNS);
    for (const [each, total] of totals.sorted()) await table.add({ name: each, ...total });
    if (totals.others !== undefined) await table.add({ name: '(further names)', ...totals.others });
  }
  const days = await PackTable.create(pack, 'days', ['day', ...Object.keys(EVENT_KINDS)]);
  for (const [day, counts] of tally.days) await days.add({ day, ...counts });
}

function topOf(totals: Totals): TopTotals {
  const sorted = totals.sorted();
  const { others } = totals;
  return { rows: sorted.slice(0, MOST_NAMES_SHOWN), names: sorted.length, ...(others !== undefined && { others }) };
}

function countsOf({ days }: AuditTally): EvidenceFacts['counts'] {
  const kinds = Object.keys(EVENT_KINDS) as EventKind[];
  const sums = kinds.map((kind) => [kind, [...days.values()].reduce((sum, counts) => sum + counts[kind], 0)] as const);
  return Object.fromEntries(sums) as Record<EventKind, number>;
}
