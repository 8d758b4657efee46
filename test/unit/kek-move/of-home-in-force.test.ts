import { KeywardError } from '../../../lambdas/core/errors/errors';
import { guardOfHomeInForce, ofHomeInForce } from '../../../lambdas/core/kek-move/of-home-in-force';
import { createKekMoveGuard } from '../../../lambdas/core/kek-move/kek-move-guard';
import type { KekMoveRecord } from '../../../lambdas/core/kek-move/kek-move-record';
import { kekMove } from '../../contract/kek-move-store.contract';

const BOTH = { home: 'vault', movingFrom: 'local' } as const;
const PARTS = new Map([
  ['local', 'the file'],
  ['vault', 'the path'],
] as const);

function rows(...read: (KekMoveRecord | undefined)[]) {
  let reads = 0;
  return {
    read: () => Promise.resolve(read[Math.min(reads++, read.length - 1)]),
    count: () => reads,
  };
}

test('with one home no row is read', async () => {
  const moves = rows(kekMove());
  const find = ofHomeInForce({ moves, homes: { home: 'vault' } }, new Map([['vault', 'the path']] as const));
  await expect(find()).resolves.toBe('the path');
  expect(moves.count()).toBe(0);
});

test('with two homes each call asks the row', async () => {
  const moves = rows(
    undefined,
    kekMove({ from: 'local', to: 'vault', state: 'copying' }),
    kekMove({ from: 'local', to: 'vault', state: 'switched' }),
  );
  const find = ofHomeInForce({ moves, homes: BOTH }, PARTS);
  await expect(find()).resolves.toBe('the file');
  await expect(find()).resolves.toBe('the file');
  await expect(find()).resolves.toBe('the path');
  expect(moves.count()).toBe(3);
});

test('a home that is not configured is a conflict', async () => {
  const moves = rows(kekMove({ from: 'local', to: 'aws', state: 'finished' }));
  await expect(ofHomeInForce({ moves, homes: BOTH }, PARTS)()).rejects.toMatchObject({
    code: 'conflict',
    message: 'the KEK is in aws, which the configuration does not name',
  });
});

test('without the row there is no answer', async () => {
  const moves = { read: () => Promise.reject(new KeywardError('store_unavailable', 'away')) };
  await expect(ofHomeInForce({ moves, homes: BOTH }, PARTS)()).rejects.toMatchObject({ code: 'store_unavailable' });
});

test('the guard is that of the home in force', async () => {
  const moves = rows(kekMove({ from: 'local', to: 'vault', state: 'finished' }));
  const guards = new Map(
    (['local', 'vault'] as const).map((home) => [home, createKekMoveGuard({ moves, homes: BOTH, home })] as const),
  );
  const guard = guardOfHomeInForce(ofHomeInForce({ moves, homes: BOTH }, guards));
  await expect(guard.mayChange()).resolves.toBe(true);
  await expect(guard.assertMayChange()).resolves.toBeUndefined();
  const standing = rows(kekMove({ from: 'local', to: 'vault', state: 'switched' }));
  const stopped = guardOfHomeInForce(() =>
    Promise.resolve(createKekMoveGuard({ moves: standing, homes: BOTH, home: 'vault' })),
  );
  await expect(stopped.mayChange()).resolves.toBe(false);
  await expect(stopped.assertMayChange()).rejects.toMatchObject({ code: 'conflict' });
});
