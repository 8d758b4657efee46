import { DAY_MS, HOUR_MS } from '../../../../lambdas/core/contract/time-units';
import { JournalExpiry } from '../../../../local/journal/journal-expiry';
import { ownSegments, parseSegmentFile } from '../../../../local/journal/segment-name';
import { auditEvent, recordOf } from '../../../contract/audit-events';
import { MemoryJournalFiles } from '../../../doubles/memory-journal-files';
import { RecordingLogger } from '../../../doubles/recording-logger';
import { openJournal, START } from './open-journal';

const DAYS = 40;
const RETENTION_DAYS = 28;

/** A journal with a segment a day, and an expiry at its clock. */
async function fortyDays() {
  const files = new MemoryJournalFiles();
  const { journal, clock } = await openJournal(files);
  const times = new Map<string, string>();
  const write = async (): Promise<void> => {
    const timestamp = new Date(clock.time).toISOString();
    await journal.append(recordOf(auditEvent({ timestamp })));
    times.set(journal.tell()!.segment, timestamp);
  };
  for (let day = 0; day < DAYS; day += 1) {
    clock.time = START + day * DAY_MS;
    await write();
  }
  const logger = new RecordingLogger();
  const published = { is: true };
  const expired: string[] = [];
  const expiry = new JournalExpiry({
    files,
    isPublished: () => published.is,
    onExpired: (before) => void expired.push(before),
    greatestTime: async (segment) => times.get(segment),
    tell: () => journal.tell(),
    retentionDays: RETENTION_DAYS,
    clock,
    logger,
  });
  const left = (): number => ownSegments(files.all).length;
  return { files, clock, write, expiry, left, logger, published, expired };
}

it('deletes what is older than the retention', async () => {
  const { clock, expiry, left, logger } = await fortyDays();
  clock.time += HOUR_MS;
  await expiry.run();
  expect(left()).toBe(RETENTION_DAYS);
  expect(logger.lines).toMatchObject([{ level: 'info', fields: { count: DAYS - RETENTION_DAYS } }]);
});

it('deletes nothing while nothing is published, warns, and tells what has expired', async () => {
  const { expiry, left, logger, published, expired, clock } = await fortyDays();
  published.is = false;
  await expiry.run();
  expect(left()).toBe(DAYS);
  expect(logger.lines).toMatchObject([{ level: 'warn', fields: { count: 1 } }]);
  expect(logger.lines[0]?.message).toContain('the transparency log does not have their events yet');
  expect(expired).toEqual([new Date(clock.time - RETENTION_DAYS * DAY_MS).toISOString()]);
});

it.each(['before the clock jumps', 'by the clock that has jumped'])(
  'keeps the log where the clock is set ten years ahead, the last event written %s',
  async (which) => {
    const { files, clock, write, expiry, left } = await fortyDays();
    const now = clock.time;
    await expiry.run();
    const before = left();
    clock.time = now + 3_650 * DAY_MS;
    if (which !== 'before the clock jumps') await write();
    await expiry.run();
    // Seven days of silence count.
    const oldest = Math.min(
      ...files.all.flatMap((name) => Date.parse(`${parseSegmentFile(name)?.hour}:00:00.000Z`) || []),
    );
    expect(oldest).toBeLessThanOrEqual(now - (RETENTION_DAYS - 7) * DAY_MS);
    expect(left()).toBeGreaterThanOrEqual(before - 7);
  },
);

it('goes on deleting once the clock is right again, by the events that were written since', async () => {
  const { clock, write, expiry, left } = await fortyDays();
  const now = clock.time;
  clock.time = now + 3_650 * DAY_MS;
  await write();
  for (let day = 1; day <= 2 * RETENTION_DAYS; day += 1) {
    clock.time = now + day * DAY_MS;
    await write();
  }
  await expiry.run();
  // Its silence before the first of them counts for seven days, not for all of the time since.
  expect(left()).toBeLessThan(DAYS);
});

it('says what failed, and keeps all', async () => {
  const { files, expiry, left, logger } = await fortyDays();
  files.stopAt = files.calls.length;
  await expiry.run();
  expect(left()).toBe(DAYS);
  expect(logger.lines).toMatchObject([{ level: 'warn' }]);
});
