import type { KeysetStatus } from '../../../lambdas/core/kek-rotation/ensure-keysets';
import { KeysetCreation } from '../../../local/storage/keyset-creation';
import { RecordingLogger } from '../../doubles/recording-logger';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const failed = (provider: string): KeysetStatus => ({ provider, status: 'failed', code: 'store_unavailable' });
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

/** `answers`: the result of each try; the last one is repeated. */
function setUp(...answers: (readonly KeysetStatus[])[]) {
  const logger = new RecordingLogger();
  const asked: (readonly string[])[] = [];
  const creation = new KeysetCreation({
    logger,
    ensure: async (providers) => {
      asked.push(providers);
      return answers[Math.min(asked.length, answers.length) - 1]!;
    },
  });
  const pass = async (ms: number): Promise<number> => {
    jest.advanceTimersByTime(ms);
    await turns();
    return asked.length;
  };
  return { logger, asked, creation, pass, lines: () => logger.lines.map(({ message }) => message) };
}

test('it goes on until every keyset is there, and says so', async () => {
  const { creation, logger, asked, pass } = setUp(
    [failed('google'), { provider: 'global', status: 'created' }],
    [failed('google')],
    [{ provider: 'google', status: 'ready' }],
  );
  creation.start([{ provider: 'openai', status: 'created' }, failed('google'), failed('global')]);
  expect(await pass(999)).toBe(0);
  expect(await pass(1)).toBe(1);
  expect(await pass(1_999)).toBe(1);
  expect(await pass(1)).toBe(2);
  expect(await pass(4_000)).toBe(3);
  expect(await pass(3_600_000)).toBe(3);
  expect(asked).toEqual([['google', 'global'], ['google'], ['google']]);
  const again = 'a keyset could not be checked or made, and is retried';
  const code = 'store_unavailable';
  expect(logger.lines).toEqual([
    { level: 'warn', message: again, fields: { provider: 'google', code } },
    { level: 'warn', message: again, fields: { provider: 'global', code } },
    { level: 'info', message: 'a keyset that was missing has been made', fields: { provider: 'global' } },
    { level: 'warn', message: again, fields: { provider: 'google', code } },
    { level: 'warn', message: again, fields: { provider: 'google', code } },
    { level: 'info', message: 'a keyset that could not be checked is in order', fields: { provider: 'google' } },
  ]);
});

test('it never gives up, and comes at least once a minute', async () => {
  const { creation, pass } = setUp([failed('openai')]);
  creation.start([failed('openai')]);
  for (let minute = 0; minute < 10; minute += 1) await pass(60_000);
  const before = await pass(0);
  expect(await pass(60_000)).toBe(before + 1);
});

test.each(['lost', 'damaged'] as const)('what turns out to be %s is said, and left', async (status) => {
  const { creation, pass, logger } = setUp([{ provider: 'openai', status }]);
  creation.start([{ provider: 'openai', status: 'failed', code: 'keys_unavailable', reason: 'unknown_kek' }]);
  expect(logger.lines[0]?.fields).toEqual({ provider: 'openai', code: 'keys_unavailable', reason: 'unknown_kek' });
  expect(await pass(1_000)).toBe(1);
  expect(await pass(3_600_000)).toBe(1);
  expect(logger.lines.at(-1)).toMatchObject({ level: 'error', fields: { provider: 'openai' } });
});

test('a start that has found all of them does nothing', async () => {
  const { creation, pass, lines } = setUp([]);
  creation.start(
    ['ready', 'created', 'lost', 'damaged'].map((status) => ({ provider: status, status: status as 'ready' })),
  );
  expect(await pass(3_600_000)).toBe(0);
  expect(lines()).toEqual([]);
});

test('closed, it begins nothing more', async () => {
  const { creation, pass } = setUp([failed('openai')]);
  creation.start([failed('openai')]);
  jest.advanceTimersByTime(1_000);
  await creation.close();
  expect(await pass(3_600_000)).toBe(1);
});
