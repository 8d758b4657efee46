import type { KekFile, KekFileState } from '../../lambdas/adapters/local/kek-file';
import type { Clock } from '../../lambdas/core/ports/clock';
import type { Logger } from '../../lambdas/core/ports/logger';
import { Absence } from './absence';
import type { Finding, Inspect } from './finding';

const WRITTEN_BACK =
  'kek.json was missing and has been written back from memory: to remove a KEK, stop the server first';

const FINDINGS: Readonly<Record<Exclude<KekFileState, 'good'>, string>> = {
  missing:
    'kek.json is missing, and nothing more is sealed: put it back, or the server writes it back from memory after a minute; do not stop the server before',
  unusable:
    'kek.json is damaged, unreadable, no file, or open to others, and nothing more is sealed: set its mode to 0600, restore it from a backup, or move it away and the server writes it back from memory after a minute; do not stop the server before',
  another:
    'kek.json lacks a KEK that stored keysets are under, and nothing more is sealed: put the file of this data directory back; the server goes on with the KEKs that it has in memory',
};

/**
 * Compares the KEK file with the KEKs in memory. If it has been missing for a minute, it is written again: without it no stored
 * data could be opened after the next start.
 */
export function createInspectKekFile(deps: {
  readonly kekFile: KekFile;
  readonly clock: Clock;
  readonly logger: Logger;
}): Inspect {
  const absence = new Absence(deps.clock);
  return async () => {
    const state = await deps.kekFile.look();
    absence.note(state === 'missing');
    if (state === 'missing' && absence.isLong && (await writeBack(deps.kekFile))) {
      deps.logger.warn(WRITTEN_BACK);
      return findingsOf(await deps.kekFile.look());
    }
    return findingsOf(state);
  };
}

/** Returns false if the path is taken by now, or cannot be written: the next check reports it. */
const writeBack = (kekFile: KekFile): Promise<boolean> => kekFile.writeBack().catch(() => false);

const findingsOf = (state: KekFileState): readonly Finding[] =>
  state === 'good' ? [] : [{ message: FINDINGS[state], stops: 'sealing' }];
