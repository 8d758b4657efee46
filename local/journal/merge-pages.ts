import type { AuditPage, AuditPosition } from '../../lambdas/core/audit/ports/audit-log';
import type { AuditEvent } from '../../lambdas/core/audit/audit-event';
import { placeKey } from './event-place';

/**
 * Merges the pages of two logs, as far as both have been read. An event that is in both is returned once, the intact one if there
 * is one.
 */
export function mergePages(a: AuditPage, b: AuditPage, limit: number): AuditPage {
  const stops = [a.next, b.next].filter((next) => next !== undefined);
  const stop = stops.reduce<AuditPosition | undefined>(
    (newest, each) => (newest === undefined || placeKey(each) > placeKey(newest) ? each : newest),
    undefined,
  );
  const byKey = new Map<string, AuditEvent>();
  for (const event of [...a.events, ...b.events]) {
    const key = placeKey(event);
    if (stop !== undefined && key < placeKey(stop)) continue;
    if (byKey.get(key)?.damaged !== undefined || !byKey.has(key)) byKey.set(key, event);
  }
  const all = [...byKey].sort(([one], [other]) => (one < other ? 1 : -1)).map(([, event]) => event);
  const events = all.slice(0, limit);
  const last = events.at(-1);
  const next = all.length > limit && last !== undefined ? { timestamp: last.timestamp, id: last.id } : stop;
  return { events, ...(next !== undefined && { next }) };
}
