import fc from 'fast-check';
import type { AuditEvent } from '../../../../lambdas/core/audit/audit-event';
import type { AuditPage, AuditPosition } from '../../../../lambdas/core/audit/ports/audit-log';
import { mergePages } from '../../../../local/journal/merge-pages';
import { auditEvent, newestFirst } from '../../../contract/audit-events';
import { runs } from '../../../effort';

const key = ({ timestamp, id }: AuditPosition): string => `${timestamp}#${id}`;

/** A log that sometimes ends a page early, as at its time limit. */
const pageOf = (log: readonly AuditEvent[], limit: number, stopAfter: number, before?: AuditPosition): AuditPage => {
  const older = [...log].sort(newestFirst).filter((event) => before === undefined || key(event) < key(before));
  const events = older.slice(0, Math.min(limit, stopAfter));
  const last = events.at(-1);
  if (events.length === older.length) return { events };
  if (last !== undefined) return { events, next: { timestamp: last.timestamp, id: last.id } };
  return { events, next: { timestamp: older[0]!.timestamp, id: 'f'.repeat(31) + 'g' } };
};

it('reads two logs as one, whatever each page of them ends with', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ minute: fc.integer({ min: 0, max: 9 }), where: fc.constantFrom('a', 'b', 'both') }), {
        maxLength: 30,
      }),
      fc.integer({ min: 1, max: 6 }),
      fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })),
      (specs, limit, [stopA, stopB]) => {
        const events = specs.map(({ minute }) => auditEvent({ timestamp: `2026-11-21T09:0${minute}:00.000Z` }));
        const logOf = (name: 'a' | 'b') =>
          events.filter((_, index) => specs[index]!.where === name || specs[index]!.where === 'both');
        const read: AuditEvent[] = [];
        let before: AuditPosition | undefined;
        do {
          const page = mergePages(
            pageOf(logOf('a'), limit, stopA, before),
            pageOf(logOf('b'), limit, stopB, before),
            limit,
          );
          expect(page.events.length).toBeLessThanOrEqual(limit);
          read.push(...page.events);
          before = page.next;
        } while (before !== undefined);
        expect(read).toStrictEqual([...events].sort(newestFirst));
      },
    ),
    { numRuns: runs(300) },
  );
});

it('shows an event that both have once, intact where one of them has it so', () => {
  const event = auditEvent();
  const damaged = { ...event, damaged: true as const };
  for (const pages of [
    [event, damaged],
    [damaged, event],
  ] as const) {
    const [a, b] = pages.map((each) => ({ events: [each] }));
    expect(mergePages(a!, b!, 5)).toStrictEqual({ events: [event] });
  }
});
