const { readFileSync, statSync } = require('node:fs');

/**
 * A file that went into a bundle, as it is recorded: `[path, hash, size, mtimeMs, ctimeMs, ino]`. Where the file was missing the hash
 * is null; where its times cannot be relied on yet, the size is -1, so that it is compared by its hash the next time, too.
 */

/** Two changes that are no further apart can leave the same times behind (2 s on FAT; a tick of the clock elsewhere). */
const SETTLED_AFTER_MS = 2000;

/** SHA-256 in base64. Loaded only where it is needed: mostly the times say enough, and it takes a while. */
const hashOf = (bytes) => require('node:crypto').createHash('sha256').update(bytes).digest('base64');

/** @param stat taken before the bytes were read: what is written after that shows in a later one */
function inputOf(path, stat, hash) {
  const age = Date.now() - Math.max(stat.mtimeMs, stat.ctimeMs);
  // Also where a clock is wrong and the file is from the future.
  return age < SETTLED_AFTER_MS
    ? [path, hash, -1, 0, 0, 0]
    : [path, hash, stat.size, stat.mtimeMs, stat.ctimeMs, stat.ino];
}

/** ctime cannot be set, so an older file that is put in place, or times that are set back, do not pass for unchanged. */
const isUnchanged = ([, , size, mtimeMs, ctimeMs, ino], stat) =>
  stat.size === size && stat.mtimeMs === mtimeMs && stat.ctimeMs === ctimeMs && stat.ino === ino;

/** A file as an input. Missing is one that is not there; any other failure is thrown. */
function readInput(path, absolutePath) {
  const stat = statSync(absolutePath, { throwIfNoEntry: false });
  if (stat === undefined) return { input: [path, null], bytes: undefined };
  const bytes = readFileSync(absolutePath);
  return { input: inputOf(path, stat, hashOf(bytes)), bytes };
}

module.exports = { hashOf, inputOf, isUnchanged, readInput };
