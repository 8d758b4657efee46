import { stat } from 'node:fs/promises';
import type { Finding, Inspect } from './finding';
import { identityOf } from './opened-directory';

const GONE: Finding = {
  message:
    'the lock that keeps other processes off the data directory (owner/) is gone or another one, and nothing more is sealed: put it back where it was, or stop the server and start it again',
  stops: 'sealing',
};

const identityAt = async (path: string): Promise<string | undefined> => {
  try {
    return identityOf(await stat(path, { bigint: true }));
  } catch {
    return undefined;
  }
};

/** Checks whether the locked file is still the one at its path. It is never opened, because that would release the lock. */
export async function createInspectOwnerLock(path: string): Promise<Inspect> {
  const locked = await identityAt(path);
  return async () => (locked === (await identityAt(path)) ? [] : [GONE]);
}
