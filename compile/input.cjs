const { readFileSync, statSync } = require('node:fs');

/**
 * An input file of a bundle, as recorded: `[path, hash, size, mtimeMs, ctimeMs, ino]`. The hash of a missing file is null. If the
 * file's times are not reliable yet, the size is -1, so that the hash is compared the next time, too.
 */

/** Two changes within this time may leave equal times (2 s on FAT; a tick of the clock elsewhere). */
const SETTLED_AFTER_MS = 2000;

/** SHA-256 in base64. Loaded only on demand: mostly the times suffice, and loading takes a while. */
const hashOf = (bytes) => require('node:crypto').createHash('sha256').update(bytes).digest('base64');

/** @param stat taken before the bytes were read: a later write shows in a later stat */
function inputOf(path, stat, hash) {
  const age = Date.now() - Math.max(stat.mtimeMs, stat.ctimeMs);
  // Also if a clock is wrong and the file's time is in the future.
  return age < SETTLED_AFTER_MS
    ? [path, hash, -1, 0, 0, 0]
    : [path, hash, stat.size, stat.mtimeMs, stat.ctimeMs, stat.ino];
}

/** ctime cannot be set, so an older file put in place, or times set back, count as changed. */
const isUnchanged = ([, , size, mtimeMs, ctimeMs, ino], stat) =>
  stat.size === size && stat.mtimeMs === mtimeMs && stat.ctimeMs === ctimeMs && stat.ino === ino;

/** Reads a file as an input; it may be missing. Any other failure is thrown. */
function readInput(path, absolutePath) {
  const stat = statSync(absolutePath, { throwIfNoEntry: false });
  if (stat === undefined) return { input: [path, null], bytes: undefined };
  const bytes = readFileSync(absolutePath);
  return { input: inputOf(path, stat, hashOf(bytes)), bytes };
}

module.exports = { hashOf, inputOf, isUnchanged, readInput };
