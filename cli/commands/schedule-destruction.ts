import { MAX_WINDOW_DAYS, MIN_WINDOW_DAYS } from '../../lambdas/core/contract/limits';
import { confirm } from '../io/confirm';
import { readCount } from '../option-values';
import { reasonMember } from './reason';
import type { Session } from '../session';

const WINDOW = { least: MIN_WINDOW_DAYS, most: MAX_WINDOW_DAYS };

/** `version schedule-destruction`, after a confirmation. Not retried: the second request would be refused because of the first. */
export async function scheduleDestruction(
  session: Session,
  [provider = '', version = '']: readonly string[],
  options: { readonly window: string; readonly reason?: string; readonly yes?: boolean },
): Promise<void> {
  const days = readCount('--window', options.window, WINDOW);
  const reason = reasonMember(options);
  const warning =
    `Version ${version} of ${provider}'s key will be destroyed ${days} days from now at the earliest. Tokens under it will never\n` +
    'open again; until then it can be cancelled.';
  await confirm(session, { warning, word: provider, yes: options.yes === true });
  const reply = await session.send({
    method: 'POST',
    path: `/v1/providers/${provider}/versions/${version}/schedule-destruction`,
    body: { pending_window_days: days, ...reason },
  });
  session.print(reply, { kind: 'object' });
}
