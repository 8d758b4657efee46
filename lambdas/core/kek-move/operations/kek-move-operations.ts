import * as z from 'zod/mini';
import { OUTAGE_DETAILS } from '../../contract/problems';
import { invalidRequest, KeywardError } from '../../errors/errors';
import { defineOperation } from '../../http/define-operation';
import type { OperationsOf, Runtime } from '../../http/operation';
import { time } from '../../http/reply-values';
import { optionalMember } from '../../http/request-values';
import type { KekMoveProgress } from '../advance-kek-move';
import { home, shownKekMove } from './kek-move-schemas';
import { toKekMoveView } from '../kek-move-view';
import type { KekMoveAction, MoveKek } from '../move-kek';

export const KEK_MOVE_REQUESTS = {
  KekMoveRequest: z.strictObject({
    action: z.enum(['begin', 'finish', 'abort']),
    from: optionalMember(
      home.check(z.meta({ description: 'Where the KEK is. Left out: the old home that is configured.' })),
    ),
    to: optionalMember(
      home.check(z.meta({ description: 'Where it moves to. Left out: the target that is configured.' })),
    ),
  }),
};

export const KEK_MOVE_REPLIES = {
  KekMove: z.object({
    ...shownKekMove,
    waiting_for: z.array(z.string()).check(z.meta({ description: 'Regions that the next state waits for.' })),
    switch_after: z.optional(time),
  }),
};

const example = {
  move_id: '0123456789abcdef0123456789abcdef',
  from: 'aws',
  to: 'vault',
  state: 'copying',
  started_by: 'arn:aws:iam::111111111111:role/operator',
  started_at: '2026-11-27T08:00:00.000Z',
  switched_at: null,
  ended_at: null,
  waiting_for: ['ap-south-1'],
  switch_after: '2026-11-27T08:16:00.000Z',
};

export const KEK_MOVE_OPERATIONS = {
  moveKek: defineOperation({
    method: 'POST',
    path: '/v1/kek/move',
    function: 'rotations',
    grant: 'kek',
    summary: 'Move the KEK to another home',
    description:
      'Begins a move, or goes on with it (`begin`), ends it (`finish`), or goes back (`abort`). Repeat the call until `state` is `switched`, `finished` or `aborted`. `begin` copies the KEK and has each region prove that it opens every keyset with the copy; `finish` and `abort` wait until each region reads the home that is wanted. Nothing is deleted. The configuration has to name both homes.',
    request: KEK_MOVE_REQUESTS.KekMoveRequest,
    reply: KEK_MOVE_REPLIES.KekMove,
    problems: {
      conflict:
        'the configuration does not name both homes: deploy or start with SECRETS_PROVIDER=vault and KEYWARD_KEK_MOVING_FROM=aws first',
      outcome_unknown: OUTAGE_DETAILS.outcomeUnknown,
    },
    example: { request: { action: 'begin', from: 'aws', to: 'vault' }, reply: example },
    handle: async ({ caller, body }, { application }: Runtime<{ readonly moveKek: MoveKek }>) => ({
      status: 200,
      body: toView(await application.moveKek(caller, toAction(body))),
    }),
  }),
} satisfies OperationsOf<'rotations'>;

function toAction({ action, from, to }: z.output<typeof KEK_MOVE_REQUESTS.KekMoveRequest>): KekMoveAction {
  if (action !== 'begin') {
    if (from !== undefined || to !== undefined) throw invalidRequest('from and to are for the action begin');
    return { action };
  }
  if (from !== undefined && from === to) throw invalidRequest('from and to must be two homes');
  return { action, from, to };
}

function toView({ move, waitingFor, switchAfter }: KekMoveProgress): object {
  // The row was there when the command was served.
  if (move === undefined) throw new KeywardError('conflict', 'no move of the KEK stands');
  return {
    ...toKekMoveView(move),
    waiting_for: waitingFor,
    ...(switchAfter !== undefined && { switch_after: switchAfter }),
  };
}
