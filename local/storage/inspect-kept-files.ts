import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createPrivateFile, readPrivateFile } from '../../lambdas/adapters/local/private-file';
import type { Randomness } from '../../lambdas/core/crypto/randomness';
import type { Clock } from '../../lambdas/core/ports/clock';
import type { Logger } from '../../lambdas/core/ports/logger';
import { Absence } from './absence';
import type { Finding, Inspect } from './finding';

/** A file with a known text, which this process has written or read. */
export interface KeptFile {
  readonly path: string;
  readonly text: string;
}

const MISSING: Finding = {
  message:
    'marks in the data directory (keysets/, version, running) are missing, and nothing more is sealed: put them back, or the server writes them again after a minute',
  stops: 'sealing',
};
const CHANGED: Finding = {
  message:
    'marks in the data directory (keysets/, version, running) were changed, cannot be read or are open to others, and nothing more is sealed: restore them, or remove them and the server writes them again after a minute',
  stops: 'sealing',
};

/**
 * Checks files with a known text: the marks of providers that have a keyset, the version mark. Files that have been missing for a
 * minute are written again; existing files are never replaced.
 */
export function createInspectKeptFiles(deps: {
  readonly files: () => readonly KeptFile[];
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
}): Inspect {
  const absence = new Absence(deps.clock);
  const look = async (): Promise<{ readonly findings: readonly Finding[]; readonly missing: readonly KeptFile[] }> => {
    const missing: KeptFile[] = [];
    let isChanged = false;
    for (const file of deps.files()) {
      const text = await readPrivateFile(file.path).catch(() => null);
      if (text === undefined) missing.push(file);
      else if (text !== file.text) isChanged = true;
    }
    return { missing, findings: [...(missing.length > 0 ? [MISSING] : []), ...(isChanged ? [CHANGED] : [])] };
  };
  return async () => {
    const { findings, missing } = await look();
    absence.note(missing.length > 0);
    if (!absence.isLong) return findings;
    try {
      for (const { path, text } of missing) {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await createPrivateFile(path, text, deps.randomness);
      }
      deps.logger.warn('marks in the data directory were missing and have been written again');
    } catch {
      // This check and every later one report the finding.
    }
    return (await look()).findings;
  };
}
