import { lstat } from 'node:fs/promises';
import { systemCode } from './system-code';

/** Whether something is at a path, a link to nothing included. Rejects with the system's error if that cannot be told. */
export const pathExists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    (thrown: unknown) => {
      if (systemCode(thrown) === 'ENOENT') return false;
      throw thrown;
    },
  );
