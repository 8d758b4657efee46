import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { DAY_MS } from '../../contract/time-units';
import { ANY_SESSION, AUDIT_EVENT_ID_PATTERN } from '../../contract/names';
import { isKeyShaped } from '../../contract/key-shaped';
import { nameFingerprint } from '../../crypto/name-fingerprint';
import { canonicalJson } from '../../crypto/canonical-json';
import { isTimestamp } from '../../crypto/record-checks';
import { invalidRequest } from '../../errors/errors';
import { defineCursor, foreignCursor } from '../../http/cursor';
import type { AuditPosition, AuditQuery } from '../ports/audit-log';
import type { AuditParameters } from './audit-query-schema';

const timestamp = z.string().check(z.refine(isTimestamp));

/**
 * The cursor of the audit log. It has the period, so that defaults that depend on the time of the first page stay the same;
 * `filters` identifies its query.
 */
export const auditCursor = defineCursor(
  z.strictObject({
    from: timestamp,
    to: timestamp,
    filters: z.string(),
    timestamp,
    id: z.string().check(z.regex(AUDIT_EVENT_ID_PATTERN)),
  }),
);

type Filters = Omit<AuditQuery, 'from' | 'to' | 'limit' | 'before'>;

const DEFAULT_PERIOD_MS = 7 * DAY_MS;
/**
 * No event is further ahead, whatever the clock of its process: for an end such as "9999" the empty days are not searched one by
 * one.
 */
const LATEST_AHEAD_MS = DAY_MS;
const LOWEST_ID = '0'.repeat(32);

/**
 * The query of the parameters. Without `to` it ends now. Without `from` it begins 7 days before its end, or before now if the end
 * is in the future. With a cursor both are those of the first page.
 *
 * @param now milliseconds since 1970
 * @throws KeywardError `invalid_request` if `from` is after `to` or the cursor belongs to another query
 */
export function toAuditQuery(parameters: AuditParameters, now: number): AuditQuery {
  const { from: _, to: __, cursor: ___, limit, user_id: user, ...given } = parameters;
  const { credential } = given;
  const filters: Filters = {
    ...(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Filters),
    ...(user !== undefined && principalOf(user)),
    ...(credential !== undefined && isKeyShaped(credential) && { credential_fingerprint: nameFingerprint(credential) }),
  };
  return { ...periodOf(parameters, filters, now), ...filters, limit };
}

/** The cursor of the page after `position`. */
export const auditCursorOf = ({ from, to, limit: _, before: __, ...filters }: AuditQuery, position: AuditPosition) =>
  auditCursor.encode({ from, to, filters: fingerprint(filters), timestamp: position.timestamp, id: position.id });

function periodOf(
  parameters: AuditParameters,
  filters: Filters,
  now: number,
): Pick<AuditQuery, 'from' | 'to' | 'before'> {
  if (parameters.cursor === undefined) {
    const to = parameters.to ?? isoTime(now);
    const end = Math.min(Date.parse(to), now);
    const from = parameters.from ?? isoTime(Math.max(0, end - DEFAULT_PERIOD_MS));
    if (from > to) throw invalidRequest('from: must not be after to');
    const latest = isoTime(now + LATEST_AHEAD_MS);
    return to <= latest ? { from, to } : { from, to, before: { timestamp: latest, id: LOWEST_ID } };
  }
  const { from, to, filters: expected, timestamp, id } = auditCursor.decode(parameters.cursor);
  const same = fingerprint(filters) === expected && (parameters.from ?? from) === from && (parameters.to ?? to) === to;
  if (!same || from > timestamp || timestamp > to) throw foreignCursor();
  return { from, to, before: { timestamp, id } };
}

/** One principal, or all sessions of a role. */
const principalOf = (text: string): Filters =>
  text.endsWith(ANY_SESSION) ? { user_prefix: text.slice(0, 1 - ANY_SESSION.length) } : { user_id: text };

const isoTime = (time: number): string => new Date(time).toISOString();

/** Identifies a set of filters without repeating it. */
const fingerprint = (filters: object): string =>
  createHash('sha256').update(canonicalJson(filters), 'utf8').digest('hex').slice(0, 16);
