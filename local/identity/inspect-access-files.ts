import type { Randomness } from '../../lambdas/core/crypto/randomness';
import type { Logger } from '../../lambdas/core/ports/logger';
import { readAccessFiles, type Access } from './access-files';
import { writeCurlFiles } from './credentials-file';
import type { Finding, Inspect } from '../storage/finding';

const UNUSABLE: Finding = {
  message:
    'credentials, principals.json or a curl-*.conf in the data directory is missing, damaged or open to others, and nothing more is sealed: restore them from a backup, with mode 0600; the server goes on with those it has read',
  stops: 'sealing',
};

/**
 * Checks the access files as the next start would read them. A valid change is logged and takes effect at the next start; missing
 * files of curl options are written again.
 */
export function createInspectAccessFiles(deps: {
  readonly home: string;
  readonly region: string;
  readonly access: Access;
  readonly randomness: Randomness;
  readonly logger: Logger;
}): Inspect {
  let known = deps.access.texts;
  return async () => {
    try {
      const { texts } = await readAccessFiles(deps.home);
      await writeCurlFiles(deps.home, deps.access.keys, deps.region, deps.randomness, false);
      if (texts.some((text, index) => text !== known[index])) {
        deps.logger.warn('credentials or principals.json has changed: the server reads them at its next start');
      }
      known = texts;
      return [];
    } catch {
      return [UNUSABLE];
    }
  };
}
