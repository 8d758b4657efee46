import type { KekMoveAction } from '../../../lambdas/core/kek-move/move-kek';
import { kekMove } from '../../contract/kek-move-store.contract';
import { DekRotationWorld } from '../../doubles/dek-rotation-world';
import { bodyOf, testApi } from './test-api';

const PATH = '/v1/kek/move';

const askedBy = async (body: unknown) => {
  const asked: KekMoveAction[] = [];
  const { call } = testApi({
    moveKek: async (_, action) => {
      asked.push(action);
      return { move: kekMove(), waitingFor: ['eu-west-1'], switchAfter: '2026-11-21T09:16:00.000Z' };
    },
  });
  const reply = await call('rotations', { method: 'POST', path: PATH, body });
  return { asked, status: reply.statusCode, body: bodyOf(reply) };
};

test.each<[object, KekMoveAction]>([
  [
    { action: 'begin', from: 'aws', to: 'vault' },
    { action: 'begin', from: 'aws', to: 'vault' },
  ],
  [{ action: 'begin' }, { action: 'begin', from: undefined, to: undefined }],
  [
    { action: 'begin', to: 'local' },
    { action: 'begin', from: undefined, to: 'local' },
  ],
  [{ action: 'finish' }, { action: 'finish' }],
  [{ action: 'abort', from: null }, { action: 'abort' }],
])('%j is asked for', async (body, action) => {
  const { asked, status } = await askedBy(body);
  expect([status, asked]).toStrictEqual([200, [action]]);
});

test.each<[object, string]>([
  [{}, 'action: must be one of begin, finish, abort'],
  [{ action: 'move' }, 'action: must be one of begin, finish, abort'],
  [{ action: 'begin', from: 'home', to: 'vault' }, 'from: must be one of local, aws, vault'],
  [{ action: 'begin', from: 'vault', to: 'vault' }, 'from and to must be two homes'],
  [{ action: 'finish', to: 'vault' }, 'from and to are for the action begin'],
  [{ action: 'abort', from: 'vault' }, 'from and to are for the action begin'],
])('%j is refused', async (body, detail) => {
  const { asked, status, body: problem } = await askedBy(body);
  expect([status, problem['detail'], asked]).toStrictEqual([400, detail, []]);
});

test('the reply says how far the move is, and nothing of its row beyond', async () => {
  const { body } = await askedBy({ action: 'begin' });
  expect(Object.keys(body).sort()).toStrictEqual([
    'ended_at',
    'from',
    'move_id',
    'started_at',
    'started_by',
    'state',
    'switch_after',
    'switched_at',
    'to',
    'waiting_for',
  ]);
  expect(body['waiting_for']).toStrictEqual(['eu-west-1']);
});

test('a move that is gone by then is a conflict', async () => {
  const { call } = testApi({ moveKek: async () => ({ move: undefined, waitingFor: [] }) });
  const reply = await call('rotations', { method: 'POST', path: PATH, body: { action: 'begin' } });
  expect([reply.statusCode, bodyOf(reply)['detail']]).toStrictEqual([409, 'no move of the KEK stands']);
});

test('the description of the KEK has the newest move, if there was one', async () => {
  const { kek, use } = new DekRotationWorld();
  expect(await use.describeKek()).not.toHaveProperty('move');
  kek.moves.set('kek-move', kekMove({ state: 'aborted' }));
  await expect(use.describeKek()).resolves.toMatchObject({ move: { from: 'local', to: 'vault', state: 'aborted' } });
});
