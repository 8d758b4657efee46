import { CliError, EXIT } from '../io/cli-error';
import { followDekRotation, dekRotationCall, type DekRotationName } from './follow-dek-rotation';
import { readDekRotation, dekRotationRows } from './dek-rotation-view';
import type { Session } from '../session';

/** `rotation show`: the latest rotation, or the one given. */
export async function showDekRotation(
  session: Session,
  [provider = '', id = 'latest']: readonly string[],
): Promise<void> {
  const reply = await session.send(dekRotationCall(await nameOf(session, provider, id)));
  session.print(reply, { kind: 'object', rows: dekRotationRows });
}

/** `rotation watch`: the latest rotation, or the one given. */
export async function watchDekRotation(
  session: Session,
  [provider = '', id = 'latest']: readonly string[],
): Promise<void> {
  await followDekRotation(session, await nameOf(session, provider, id));
}

/** @throws CliError `rotation_not_found` if `latest` is asked for and there has never been one */
async function nameOf(session: Session, provider: string, id: string): Promise<DekRotationName> {
  if (id !== 'latest') return { provider, id };
  const { rotations, damaged } = await session.send({
    method: 'GET',
    path: `/v1/providers/${provider}/rotations`,
    query: { limit: '1' },
  });
  const latest: unknown = Array.isArray(rotations) ? rotations[0] : undefined;
  const damagedId: unknown = Array.isArray(damaged) ? damaged[0] : undefined;
  // A rotation that is asked for by its id gets its own error.
  if (latest === undefined && typeof damagedId === 'string') return { provider, id: damagedId };
  if (latest === undefined) {
    throw new CliError(EXIT.notFound, 'rotation_not_found', `${provider} has never been rotated`);
  }
  return { provider, id: readDekRotation(latest as Readonly<Record<string, unknown>>).rotation_id };
}
