import { KeywardError } from '../../../lambdas/core/errors/errors';
import { createRequestKekCopy } from '../../../lambdas/core/kek-move/request-kek-copy';
import type { KekMoveRecord } from '../../../lambdas/core/kek-move/kek-move-record';
import { kekMove } from '../../contract/kek-move-store.contract';
import { TestClock } from '../../doubles/memory-ports';

const MINUTE_MS = 60_000;
const clock = new TestClock();
const REGIONS = ['us-east-1', 'ap-south-1'];

function open(move: KekMoveRecord | undefined, request = () => Promise.resolve()) {
  const asked = { count: 0 };
  const advance = createRequestKekCopy({
    store: { read: () => Promise.resolve(move) },
    request: () => {
      asked.count += 1;
      return request();
    },
    regions: REGIONS,
    settleMs: 16 * MINUTE_MS,
    clock,
  });
  return { advance, asked };
}
const startedAgo = (ms: number): KekMoveRecord =>
  kekMove({ state: 'copying', started_at: new Date(clock.now() - ms).toISOString() });

test('requests the copy, and tells when the switch can be', async () => {
  const move = startedAgo(MINUTE_MS);
  const { advance, asked } = open(move);
  const switchAfter = new Date(clock.now() + 15 * MINUTE_MS).toISOString();
  await expect(advance()).resolves.toStrictEqual({ move, waitingFor: [], switchAfter });
  expect(asked.count).toBe(1);
});

test('once that is over each region has to prove the copy; a clock that was set back holds nothing', async () => {
  for (const ms of [16 * MINUTE_MS, -16 * MINUTE_MS]) {
    const move = startedAgo(ms);
    const { advance, asked } = open(move);
    await expect(advance()).resolves.toStrictEqual({ move, waitingFor: REGIONS });
    expect(asked.count).toBe(1);
  }
});

test('requests nothing in another state', async () => {
  for (const state of ['switched', 'aborting', 'finished', 'aborted'] as const) {
    const move = kekMove({ state });
    const { advance, asked } = open(move);
    await expect(advance()).resolves.toStrictEqual({ move, waitingFor: [] });
    expect(asked.count).toBe(0);
  }
  await expect(open(undefined).advance()).resolves.toStrictEqual({ move: undefined, waitingFor: [] });
});

test('fails if the request does', async () => {
  const { advance } = open(startedAgo(0), () =>
    Promise.reject(new KeywardError('store_unavailable', 'Lambda did not answer; try again')),
  );
  await expect(advance()).rejects.toMatchObject({ code: 'store_unavailable' });
});
