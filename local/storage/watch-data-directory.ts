import { join } from 'node:path';
import { AUDIT_DIRECTORY, DATABASE_DIRECTORY, KEYSETS_DIRECTORY, VERSION_FILE } from '../local-names';
import { LOCAL_REGION } from '../../lambdas/core/contract/local-mode';
import type { KekFile } from '../../lambdas/adapters/local/kek-file';
import { readPrivateFile } from '../../lambdas/adapters/local/private-file';
import type { Randomness } from '../../lambdas/core/crypto/randomness';
import type { Clock } from '../../lambdas/core/ports/clock';
import type { Logger } from '../../lambdas/core/ports/logger';
import type { SealingGuard } from '../../lambdas/core/keysets/ports/sealing-guard';
import type { Access } from '../identity/access-files';
import { DataWatch } from './data-watch';
import type { Finding } from './finding';
import { createInspectAccessFiles } from '../identity/inspect-access-files';
import { createInspectKekFile } from './inspect-kek-file';
import { createInspectKeptFiles, type KeptFile } from './inspect-kept-files';
import { createInspectOwnerLock } from './inspect-owner-lock';
import { OpenedDatabase } from '../database/opened-database';
import type { AuditJournal } from '../journal/audit-journal';
import { OpenedJournal } from '../journal/opened-journal';
import { OpenedDirectory } from './opened-directory';
import { LOCK_FILE, OWNER_DIRECTORY, RUNNING_FILE } from './own-data-directory';

/** Marks that a start makes, and that do not change while it runs. */
const MARKS = [VERSION_FILE, RUNNING_FILE];

const MOVED: Finding = {
  message:
    'the data directory that was opened is no longer at its path (removed, moved, unmounted or replaced), and nothing is stored or answered: put it back, or stop the server and start it with the right one',
  stops: 'storing',
};
const SHARED: Finding = {
  message: 'the data directory is open to other users, and nothing more is sealed: set its mode to 0700',
  stops: 'sealing',
};
const READ_ONLY: Finding = {
  message:
    'the data directory has turned read-only, and nothing more is sealed: mount it for writing, or set its mode to 0700',
  stops: 'sealing',
};

export interface WatchDataDirectoryOptions {
  /** The opened data directory, with the database in it. */
  readonly home: string;
  /** Left out: the KEK is not in a file. */
  readonly kekFile?: KekFile;
  /** The open journal. */
  readonly journal: Pick<AuditJournal, 'isInPlace'>;
  /** Returns the names of the keysets' marks. */
  readonly marked: () => readonly string[];
  /** Left out: access is not checked. */
  readonly access?: Access;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
}

/** The watch of a data directory. */
export interface WatchedDataDirectory extends SealingGuard {
  /** @throws KeywardError `store_unavailable` if new data would not be found again */
  assertStored(): void;
  /** Whether everything was where it was opened, at the last check and now. */
  readonly isInPlace: boolean;
  /** Checks once, then periodically. Before that it checks only on request. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Records what was opened under the data directory, and watches it for changes.
 *
 * @throws KeywardError `configuration_invalid` if something cannot be opened
 */
export async function watchDataDirectory(deps: WatchDataDirectoryOptions): Promise<WatchedDataDirectory> {
  const { home, access, journal } = deps;
  const directory = await OpenedDirectory.open(home);
  const database = await OpenedDatabase.open(join(home, DATABASE_DIRECTORY));
  const audit = await OpenedJournal.open(join(home, AUDIT_DIRECTORY), journal);
  const marks: KeptFile[] = [];
  for (const name of MARKS) {
    const text = await readPrivateFile(join(home, name));
    if (text !== undefined) marks.push({ path: join(home, name), text });
  }
  const files = (): readonly KeptFile[] => [
    ...marks,
    ...deps.marked().map((name) => ({ path: join(home, KEYSETS_DIRECTORY, name), text: '' })),
  ];
  const inspectors = [
    ...(deps.kekFile === undefined ? [] : [createInspectKekFile({ ...deps, kekFile: deps.kekFile })]),
    createInspectKeptFiles({ ...deps, files }),
    await createInspectOwnerLock(join(home, OWNER_DIRECTORY, LOCK_FILE)),
    ...(access === undefined ? [] : [createInspectAccessFiles({ ...deps, access, region: LOCAL_REGION })]),
    () => database.inspect(),
    () => audit.inspect(),
  ];
  const watch = new DataWatch({
    ...deps,
    isInPlace: () => database.isInPlace,
    inspect: async () => {
      const { isSame, isPrivate, isWritable } = await directory.look();
      // Another directory's contents tell nothing about ours, and nothing may be written into it.
      if (!isSame) return [MOVED];
      const findings = [...(isPrivate ? [] : [SHARED]), ...(isWritable ? [] : [READ_ONLY])];
      for (const inspect of inspectors) findings.push(...(await inspect()));
      return findings;
    },
  });
  return {
    assertMaySeal: () => watch.assertMaySeal(),
    assertStored: () => {
      watch.assertStored();
    },
    get isInPlace() {
      return watch.isInPlace;
    },
    start: () => watch.start(),
    close: async () => {
      await watch.close();
      await Promise.all([directory.close(), database.close(), audit.close()]);
    },
  };
}
