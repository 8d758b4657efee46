import { parseArchivePath } from './archive-path';
import { KEYS_PATH } from './log-keys';
import { parseTilePath } from './log-tile';

/** Where a log has its newest checkpoint. */
export const CHECKPOINT_PATH = 'checkpoint';
/** Where its publisher has what it decided last. */
export const STATE_PATH = 'state';

const FILES = [CHECKPOINT_PATH, STATE_PATH, KEYS_PATH];
const NUMBERED = /^(?:index\/[0-9]{4}(?:\/[0-9]{2}){4}|hand-over)\/[0-9]{12}$/;
const PREFIX =
  /^(?:archive\/(?:[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}\/)?|index\/(?:[0-9]{4}\/(?:[0-9]{2}\/){0,4})?|hand-over\/|tile\/(?:(?:entries|[0-9]{1,2})\/(?:x[0-9]{3}\/)*)?)$/;

/**
 * Whether a text is a path of a log: that of a file, a tile, an index object, a hand-over or an archive object, in the only form in
 * which it is written. Nothing else that may lie beside these has such a path, keys that sign least of all.
 */
export const isLogPath = (path: string): boolean =>
  FILES.includes(path) ||
  NUMBERED.test(path) ||
  parseTilePath(path).fault === undefined ||
  parseArchivePath(path) !== undefined;

/** Whether a text is the beginning of paths of a log and ends with a slash. */
export const isLogPrefix = (prefix: string): boolean => PREFIX.test(prefix);
