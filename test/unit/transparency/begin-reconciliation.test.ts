import { HOUR_MS, START } from './publisher-world';
import { DAY_MS, reconciliationWorld } from './reconciliation-world';

const BEGIN = { kind: 'begin' } as const;

async function published() {
  const w = reconciliationWorld();
  await w.log.publish();
  return w;
}

test('a message for each day that is due, and one for the batches', async () => {
  const w = await published();
  await w.start(undefined, 3)(BEGIN);
  expect(w.messages).toEqual([
    { kind: 'batches' },
    { kind: 'day', day: '2026-11-25', age: 2, owed: false, found: 0 },
    { kind: 'day', day: '2026-11-24', age: 2, owed: true, found: 0 },
  ]);
});

describe('it waits', () => {
  test('for the first publication', async () => {
    const w = reconciliationWorld();
    await w.start()(BEGIN);
    expect(w.messages).toEqual([]);
    expect(w.logger.lines).toMatchObject([{ level: 'warn' }]);
  });

  test('while the log has not been published for a day: everything else would be missing from it', async () => {
    const w = await published();
    w.log.now = START + DAY_MS + 1000;
    await w.start()(BEGIN);
    expect(w.messages).toEqual([]);
    w.log.now = START + DAY_MS;
    await w.start()(BEGIN);
    expect(w.messages).not.toEqual([]);
  });

  test.each([
    ['is no note', Buffer.from('edited')],
    [
      'has no cosignature of the log',
      Buffer.from(`example.com/log\n1\nAA==\n\n— example.com/log ${'A'.repeat(100)}\n`),
    ],
  ])('where the checkpoint %s', async (_, bytes) => {
    const w = await published();
    w.log.values.checkpoint = { bytes, tag: 'edited' };
    await w.start()(BEGIN);
    expect(w.messages).toEqual([]);
  });
});

describe('another region', () => {
  const with_ = async (read: () => Promise<Buffer | undefined>) => {
    const w = await published();
    w.otherLogs.set('eu-west-1', { read });
    await w.start()(BEGIN);
    return { away: w.metrics.of('log_away'), lines: w.logger.lines, sent: w.messages.length };
  };
  const checkpointAt = async (time: number): Promise<Buffer | undefined> => {
    const other = reconciliationWorld();
    other.log.now = time;
    await other.log.publish();
    return other.log.values.checkpoint?.bytes;
  };

  test.each([
    ['published an hour ago is there', () => checkpointAt(START - HOUR_MS), 0],
    ['published more than a day ago is away', () => checkpointAt(START - DAY_MS - 1000), 1],
    ['that has no checkpoint is away', async () => undefined, 1],
    ['that does not answer is away', () => Promise.reject(new Error('canary')), 1],
  ])('%s, and what is due here is begun', async (_, read, away) => {
    const found = await with_(read);
    expect(found.away).toBe(away);
    expect(found.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields?.region)).toEqual(
      Array(away).fill('eu-west-1'),
    );
    expect(found.sent).toBe(30);
    expect(JSON.stringify(found.lines)).not.toContain('canary');
  });
});
