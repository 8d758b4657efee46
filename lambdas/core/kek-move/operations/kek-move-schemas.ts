import * as z from 'zod/mini';
import { KEK_HOMES, KEK_MOVE_STATES } from '../../contract/kek-homes';
import { time } from '../../http/reply-values';

export const home = z.enum(KEK_HOMES);

/** Members of a move in a reply. */
export const shownKekMove = {
  move_id: z.string(),
  from: home,
  to: home,
  state: z.enum(KEK_MOVE_STATES).check(
    z.meta({
      description:
        'Until `finished` or `aborted` no KEK rotates. The KEK is read from the target in `switched` and `finished`.',
    }),
  ),
  started_by: z.string(),
  started_at: time,
  switched_at: z.nullable(time),
  ended_at: z.nullable(time),
};
