import { MINUTE_MS, SECOND_MS } from '../../lambdas/core/contract/time-units';
import { isRecord } from '../../lambdas/core/crypto/record-checks';
import type { JsonObject } from '../client/json-object';
import { sendWithRetry } from '../client/send-with-retry';
import { CliError, EXIT } from '../io/cli-error';
import type { OptionValues } from '../options';
import type { Session } from '../session';

const PAUSE_MS = 5 * SECOND_MS;
/** A run of the publisher ends within a quarter of an hour. */
const PATIENCE_MS = 20 * MINUTE_MS;

interface PublishValues extends OptionValues {
  readonly 'log-region'?: string;
  readonly 'no-wait'?: boolean;
}

/**
 * Publishes the log of a region and follows that to its end, which the time of the cosignature shows.
 *
 * @throws CliError
 */
export const publishLog = (session: Session, _: readonly string[], values: PublishValues): Promise<void> =>
  publishAs(session, 'publish', values);

/**
 * Hands the log over to new keys, and follows the publication under them.
 *
 * @throws CliError
 */
export const handOverLog = (session: Session, _: readonly string[], values: PublishValues): Promise<void> =>
  publishAs(session, 'hand-over', values);

async function publishAs(
  session: Session,
  action: 'publish' | 'hand-over',
  { 'log-region': region, 'no-wait': noWait = false }: PublishValues,
): Promise<void> {
  const before = noWait ? undefined : await cosignedTimes(session);
  const body = { action, ...(region !== undefined && { region }) };
  const reply = await sendWithRetry(session, { method: 'POST', path: '/v1/audit/log', body });
  const { finished, region: published } = reply;
  if (finished === true || before === undefined || typeof published !== 'string') {
    session.print(reply, { kind: 'object' });
    return;
  }
  session.tell('publishing', 'the publisher is at work, and goes on by itself');
  const earlier = before.get(published)?.cosignedAt;
  for (const since = session.now(); session.now() - since < PATIENCE_MS;) {
    await session.pause(PAUSE_MS);
    const now = (await cosignedTimes(session))?.get(published);
    if (now?.cosignedAt === undefined || now.cosignedAt === earlier) continue;
    session.print({ region: published, finished: true, size: now.size }, { kind: 'object' });
    return;
  }
  throw new CliError(
    EXIT.unavailable,
    'not_published',
    'the publisher has not ended in 20 minutes; keyward audit checkpoints shows when it has',
  );
}

interface Cosigned {
  readonly size: unknown;
  readonly cosignedAt: string | undefined;
}

/** By region. Undefined if the caller may publish and not read. */
async function cosignedTimes(session: Session): Promise<ReadonlyMap<string, Cosigned> | undefined> {
  let reply: JsonObject;
  try {
    reply = await sendWithRetry(session, { method: 'GET', path: '/v1/audit/checkpoints' });
  } catch (thrown) {
    if (thrown instanceof CliError && thrown.exitCode === EXIT.refused) return undefined;
    throw thrown;
  }
  const { checkpoints } = reply;
  const rows = Array.isArray(checkpoints) ? checkpoints.filter(isRecord) : [];
  return new Map(
    rows.map(({ region, size, cosigned_at: time }) => [
      String(region),
      { size, cosignedAt: typeof time === 'string' ? time : undefined },
    ]),
  );
}
