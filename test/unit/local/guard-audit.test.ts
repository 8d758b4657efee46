import { setImmediate as nextTurn } from 'node:timers/promises';
import { KeywardError } from '../../../lambdas/core/errors/errors';
import type { AuditSink } from '../../../lambdas/core/audit/ports/audit-log';
import type { AuditRecord } from '../../../lambdas/core/audit/audit-record';
import { guardAudit } from '../../../local/database/guard-database';

const EVENT = {} as AuditRecord;
const lost = new KeywardError('store_unavailable', 'the database is not where it was opened');

/** A guarded sink, the number of checks of the database, and the sink's events. */
function guarded() {
  const seen = { looks: 0, appended: 0, isThere: true };
  const sink: AuditSink = {
    append: async () => {
      seen.appended += 1;
    },
  };
  const audit = guardAudit(sink, () => {
    seen.looks += 1;
    if (!seen.isThere) throw lost;
  });
  return { audit, seen };
}

test('events of one turn of the event loop are looked at once, those of the next again', async () => {
  const { audit, seen } = guarded();
  await Promise.all(Array.from({ length: 64 }, () => audit.append(EVENT)));
  expect(seen).toMatchObject({ looks: 1, appended: 64 });
  await nextTurn();
  await audit.append(EVENT);
  expect(seen).toMatchObject({ looks: 2, appended: 65 });
});

test('no event is taken from the turn on after the database went, and each is again once it is back', async () => {
  const { audit, seen } = guarded();
  await audit.append(EVENT);
  seen.isThere = false;
  await nextTurn();
  for (let tries = 0; tries < 3; tries += 1) await expect(audit.append(EVENT)).rejects.toBe(lost);
  expect(seen.appended).toBe(1);
  seen.isThere = true;
  await audit.append(EVENT);
  expect(seen.appended).toBe(2);
});
