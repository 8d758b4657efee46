/** The C library's text of an error in LevelDB's messages, and the system's name of the error. */
const NAMES: readonly (readonly [text: string, name: string])[] = [
  ['No space left on device', 'ENOSPC'],
  ['Disk quota exceeded', 'EDQUOT'],
  ['Disc quota exceeded', 'EDQUOT'],
  ['Input/output error', 'EIO'],
  ['Read-only file system', 'EROFS'],
  ['Permission denied', 'EACCES'],
  ['Operation not permitted', 'EPERM'],
  ['Too many open files', 'EMFILE'],
  ['Stale file handle', 'ESTALE'],
];
const SYSTEM_NAME = /^E[A-Z0-9]{2,20}$/;

/**
 * Returns the system's name of the reason of a failed read or write, such as ENOSPC, or else LevelDB's, such as LEVEL_CORRUPTION.
 * Returns only the name: the message has paths in it.
 */
export function storageFailureOf(thrown: unknown): string {
  const { code, message, cause } = Object(thrown) as { code?: unknown; message?: unknown; cause?: unknown };
  if (cause !== undefined) return storageFailureOf(cause);
  if (typeof code === 'string' && SYSTEM_NAME.test(code)) return code;
  const text = typeof message === 'string' ? message : '';
  // LEVEL_LOCKED has a similar text, but is another fault.
  const name = code === 'LEVEL_IO_ERROR' ? NAMES.find(([ending]) => text.endsWith(ending))?.[1] : undefined;
  return name ?? (typeof code === 'string' ? code : 'unknown');
}

/** Describes the failure for the log. */
export function describeStorageFailure(name: string): string {
  switch (name) {
    case 'ENOSPC':
      return 'the disk of the data directory is full; nothing is stored until there is room, and no restart is needed';
    case 'EDQUOT':
      return 'the disk quota of the data directory is used up; nothing is stored until there is room, and no restart is needed';
    case 'EROFS':
      return 'the file system of the data directory is read-only; nothing is stored until it is writable, and no restart is needed';
    case 'EIO':
      return 'the device of the data directory fails; nothing is stored until it works, and no restart is needed';
    default:
      return 'the data directory cannot be written; nothing is stored until it can, and no restart is needed';
  }
}
