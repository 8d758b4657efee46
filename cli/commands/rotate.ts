import { randomUUID } from 'node:crypto';
import { IDEMPOTENCY_KEY_PATTERN, IDEMPOTENCY_KEY_RULE } from '../../lambdas/core/contract/idempotency-key';
import { CliError, EXIT, interrupted, usageError } from '../io/cli-error';
import { confirm } from '../io/confirm';
import { shellWord } from '../io/shell-word';
import { followDekRotation } from './follow-dek-rotation';
import { reasonMember } from './reason';
import { readDekRotation, dekRotationRows } from './dek-rotation-view';
import { sendWithRetry } from '../client/send-with-retry';
import type { Session } from '../session';
import { takeDryRun } from './take-dry-run';

/** Options of `rotate`, as they were given. */
export interface RotateOptions {
  readonly reason?: string;
  readonly emergency?: boolean;
  readonly 'dry-run'?: boolean;
  readonly 'no-wait'?: boolean;
  readonly 'idempotency-key'?: string;
  readonly yes?: boolean;
}

/**
 * `rotate`: starts one rotation, however often the request is retried, and follows it to its end; or makes a dry run.
 *
 * @throws CliError as {@link followDekRotation} and {@link takeDryRun}; `rotation_running`, which says how to follow that one
 */
export async function rotate(
  session: Session,
  [provider = '']: readonly string[],
  options: RotateOptions,
): Promise<void> {
  if (options['dry-run'] === true) {
    refuseBesideDryRun(options);
    await takeDryRun(session, provider);
    return;
  }
  const key = options['idempotency-key'] ?? randomUUID();
  if (!IDEMPOTENCY_KEY_PATTERN.test(key)) throw usageError(`--idempotency-key: ${IDEMPOTENCY_KEY_RULE}`);
  const emergency = options.emergency === true;
  const reason = reasonMember(options);
  if (emergency) {
    const warning =
      `An emergency rotation of ${provider} ends the old key's grace period at once: its tokens no longer decrypt until they\n` +
      'are rewrapped, and the rotation does not wait for regions that have not proved the new key.';
    await confirm(session, { warning, word: provider, yes: options.yes === true });
  }
  const reply = await start(session, provider, { key, emergency, reason });
  if (options['no-wait'] === true) session.print(reply, { kind: 'object', rows: dekRotationRows });
  else await followDekRotation(session, { provider, id: readDekRotation(reply).rotation_id });
}

function refuseBesideDryRun(options: RotateOptions): void {
  const other = (['emergency', 'no-wait', 'reason', 'idempotency-key'] as const).find(
    (name) => options[name] !== undefined,
  );
  if (other !== undefined) throw usageError(`rotate: only one of --dry-run and --${other} may be given`);
}

interface Start {
  readonly key: string;
  readonly emergency: boolean;
  readonly reason: { readonly reason?: string };
}

async function start(session: Session, provider: string, { key, emergency, reason }: Start) {
  try {
    return await sendWithRetry(session, {
      method: 'POST',
      path: `/v1/providers/${provider}/rotate`,
      headers: { 'idempotency-key': key },
      body: { ...(emergency ? { emergency } : {}), ...reason },
    });
  } catch (thrown) {
    throw thrown instanceof CliError ? explained(thrown, provider, key) : thrown;
  }
}

function explained(error: CliError, provider: string, key: string): CliError {
  const { exitCode, code, detail, requestId, more } = error;
  const look = `keyward rotation show ${provider} latest`;
  if (exitCode === EXIT.interrupted) return interrupted(`a rotation may have been started; look with: ${look}`);
  if (exitCode === EXIT.unavailable) {
    const again = `look with: ${look}, or repeat with --idempotency-key=${shellWord(key)}, which cannot start two`;
    return new CliError(exitCode, code, `${detail}; a rotation may have been started: ${again}`, requestId);
  }
  if (more.rotationId === undefined) return error;
  const running = `the rotation ${more.rotationId} is running; follow it with: keyward rotation watch ${provider} ${more.rotationId}`;
  return new CliError(exitCode, code, running, requestId, more);
}
