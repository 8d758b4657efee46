import { auditRecordAt, type AuditRecord } from '../audit/audit-record';
import type { AuditSink } from '../audit/ports/audit-log';
import { MINUTE_MS } from '../contract/time-units';
import { newId, type Randomness } from '../crypto/randomness';
import { timedIdOf } from '../crypto/timed-id';
import type { Metrics } from '../ports/metrics';
import { readAccessLogLine } from './access-log-line';
import { gatewayRefusal, type GatewayRefusal } from './gateway-refusal';
import { RefusalCounter, type RefusalTreatment } from './refusal-counter';
import { countedRefusalsEvent, refusalEvent, SHARED_ADDRESS } from './refusal-event';

export interface RecordRefusalsDependencies {
  readonly region: string;
  readonly audit: AuditSink;
  readonly randomness: Randomness;
  readonly metrics: Pick<Metrics, 'count'>;
}

/** What became of the lines of one delivery. Lines of requests that a function answered are in none of these. */
export interface RecordedRefusals {
  /** Refusals with an event of their own. */
  readonly recorded: number;
  /** Refusals that an event counts. */
  readonly counted: number;
  /** Unsigned, or signed, requests without a route: the gateway does not tell them apart. */
  readonly unrouted: number;
  /** Lines that are not of the log's format. */
  readonly malformed: number;
}

/** Records the refusals in lines of the access log. */
export type RecordRefusals = (lines: readonly string[]) => Promise<RecordedRefusals>;

/** Events that are on their way at once; when some fail, no more are begun. */
const AT_ONCE = 500;
/** Minutes that are remembered: deliveries are cut anew and arrive in any order, mostly within minutes. */
const MAX_MINUTES = 4;

/** What a process knows of the refusals of one minute: of whom there are events, and which these are. */
interface Minute {
  readonly counter: RefusalCounter;
  readonly recorded: Set<string>;
}

/**
 * Makes the use case, with its memory of floods: as in local mode the first refusals of an address in a minute get events and the rest
 * are counted, over all deliveries that this process gets.
 *
 * **At least once**: a delivery may come again, here or to another process, alone or with others. Each refusal's event has an id that
 * its line alone makes, and the log keeps the first. An event that counts has an id of its delivery, address and minute: the same
 * delivery again adds nothing to the count; where another process was given it, up to ten of an address and minute may be counted and
 * have events, too. Lines that come again in a delivery that is cut otherwise are counted again.
 *
 * Fails as a whole, events written so far included, when an event is not known to be durable: the delivery has to come again. What it
 * took of the memory is given back.
 *
 * @throws KeywardError `audit_unavailable`
 */
export function createRecordRefusals(deps: RecordRefusalsDependencies): RecordRefusals {
  let minutes = new Map<number, Minute>();

  const minuteAt = (minute: number): Minute => {
    const known = minutes.get(minute) ?? { counter: new RefusalCounter(), recorded: new Set() };
    minutes.set(minute, known);
    return known;
  };

  function treatmentOf({ id, at, countedAs }: GatewayRefusal): RefusalTreatment {
    if (countedAs === undefined) return 'audit';
    const { counter, recorded } = minuteAt(minuteOf(at));
    // It came before, and its event with it.
    if (recorded.has(id)) return 'audit';
    const treatment = counter.record(countedAs, at);
    if (treatment !== 'count') recorded.add(id);
    return treatment;
  }

  const recordsOf = (refusals: readonly GatewayRefusal[]): readonly AuditRecord[] =>
    refusals.flatMap((each) => {
      const treatment = treatmentOf(each);
      return treatment === 'count' ? [] : [recordOf(deps, each, treatment === 'audit_last')];
    });

  function takeCounts(refusals: readonly GatewayRefusal[]) {
    const delivery = refusals.map(({ id, uniqueId }) => `${id} ${uniqueId}`).join('\n');
    const newest = new Map(refusals.map(({ at }) => [minuteOf(at), at]));
    return [...newest].flatMap(([minute, at]) =>
      minuteAt(minute)
        .counter.takeSoFar()
        .map((counted) => {
          const name = `counted refusals\n${counted.address ?? SHARED_ADDRESS}\n${minute}\n${delivery}`;
          const given = countedRefusalsEvent(deps.region, newId(deps.randomness), counted);
          return {
            count: counted.count,
            record: auditRecordAt(deps.randomness, { id: timedIdOf(at, name), at }, given),
          };
        }),
    );
  }

  async function append(records: readonly AuditRecord[]): Promise<void> {
    for (let at = 0; at < records.length; at += AT_ONCE) {
      await Promise.all(records.slice(at, at + AT_ONCE).map((record) => deps.audit.append(record)));
    }
  }

  return async (lines) => {
    const { refusals, unrouted, malformed } = judge(lines);
    for (let each = 0; each < unrouted; each += 1) deps.metrics.count('refusal_unrouted');
    for (let each = 0; each < malformed; each += 1) deps.metrics.count('access_line_malformed');
    const records = recordsOf(refusals);
    const counts = takeCounts(refusals);
    try {
      await append(records);
      // Last: should the delivery come again, what is counted then has not been counted before.
      await append(counts.map(({ record }) => record));
    } catch (thrown) {
      minutes = new Map();
      deps.metrics.count('audit_append_failed');
      throw thrown;
    }
    minutes = new Map([...minutes].toSorted(([one], [other]) => one - other).slice(-MAX_MINUTES));
    const counted = counts.reduce((sum, { count }) => sum + count, 0);
    return { recorded: records.length, counted, unrouted, malformed };
  };
}

const minuteOf = (time: number): number => Math.floor(time / MINUTE_MS);

const recordOf = (
  { region, randomness }: RecordRefusalsDependencies,
  { id, at, refusal, caller }: GatewayRefusal,
  isLast: boolean,
): AuditRecord => {
  const metadata = isLast ? { further_refusals: 'counted' as const } : {};
  return auditRecordAt(randomness, { id, at }, refusalEvent(region, refusal, { ...caller, metadata }));
};

/**
 * @returns the refusals of a delivery in the order of their time, each once
 */
function judge(lines: readonly string[]): {
  readonly refusals: readonly GatewayRefusal[];
  readonly unrouted: number;
  readonly malformed: number;
} {
  const found = lines.map((line) => {
    const read = readAccessLogLine(line);
    return read === undefined ? 'malformed' : gatewayRefusal(read);
  });
  const refusals = new Map<string, GatewayRefusal>();
  for (const each of found) if (typeof each !== 'string') refusals.set(each.uniqueId, each);
  return {
    refusals: withIds([...refusals.values()].toSorted(byTime)),
    unrouted: found.filter((each) => each === 'unrouted').length,
    malformed: found.filter((each) => each === 'malformed').length,
  };
}

const byTime = (one: GatewayRefusal, other: GatewayRefusal): number =>
  one.at - other.at || (one.uniqueId < other.uniqueId ? -1 : 1);

/** A client can choose the id of a request. Of two in one millisecond the second gets an event of its own, by the gateway's id. */
function withIds(refusals: readonly GatewayRefusal[]): readonly GatewayRefusal[] {
  const used = new Set<string>();
  return refusals.map((each) => {
    const id = used.has(each.id) ? timedIdOf(each.at, `refusal${each.uniqueId}`) : each.id;
    used.add(id);
    return { ...each, id };
  });
}
