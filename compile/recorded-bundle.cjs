const {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} = require('node:fs');
const { join } = require('node:path');
const { hashOf, inputOf, isUnchanged, readInput } = require('./input.cjs');

const ROOT = join(__dirname, '..');
const DIST = join(ROOT, 'dist');
/** Version of the record's format. A record of another version is ignored, and the bundle built again. */
const FORM = 1;

const bundlePath = (name) => join(DIST, `${name}.cjs`);
const recordPath = (name) => join(DIST, `${name}.inputs.json`);

/**
 * Returns the code of a bundle in dist/, if it and every file that it was made of are unchanged. Times, sizes and inode numbers
 * are compared first, about 5 µs a file; a file is read only if they differ. Files that turn out to be unchanged are recorded
 * again, so that they are not read the next time.
 *
 * @returns undefined if it is missing, damaged or out of date
 */
function readFreshCode(name) {
  try {
    const record = JSON.parse(readFileSync(recordPath(name), 'utf8'));
    if (record.form !== FORM) return undefined;
    const { code, bundle } = readBundle(name, record.bundle);
    const inputs = record.inputs.map(sameInput);
    const isNewlyRead = bundle !== record.bundle || inputs.some((input, index) => input !== record.inputs[index]);
    if (isNewlyRead) writeRecord(name, { bundle, inputs });
    return code;
  } catch {
    // Whatever the fault, the bundle can be built again from its sources.
    return undefined;
  }
}

/** The compared bytes are the ones that run: another process may replace the file at any moment. */
function readBundle(name, recorded) {
  const descriptor = openSync(bundlePath(name));
  try {
    const stat = fstatSync(descriptor);
    const bytes = readFileSync(descriptor);
    const code = bytes.toString('utf8');
    if (isUnchanged(recorded, stat)) return { code, bundle: recorded };
    if (hashOf(bytes) !== recorded[1]) throw new Error('damaged');
    return { code, bundle: again(recorded, inputOf(recorded[0], stat, recorded[1])) };
  } finally {
    closeSync(descriptor);
  }
}

/** @throws if the file has changed */
function sameInput(recorded) {
  const [path, hash] = recorded;
  const absolutePath = `${ROOT}/${path}`;
  const stat = statSync(absolutePath, { throwIfNoEntry: false });
  if (stat === undefined && hash === null) return recorded;
  if (stat !== undefined && isUnchanged(recorded, stat)) return recorded;
  const { input } = readInput(path, absolutePath);
  if (input[1] !== hash) throw new Error('out of date');
  return again(recorded, input);
}

/** Returns the recorded input if there is no change to record. */
const again = (recorded, input) => (recorded.every((value, index) => value === input[index]) ? recorded : input);

/**
 * Writes a bundle and its record to dist/, each atomically. A record does not match the bundle of another build, after an
 * interruption or a concurrent build.
 *
 * @returns whether it was written: otherwise the code runs all the same
 */
function writeBundle(name, code, inputs) {
  try {
    mkdirSync(DIST, { recursive: true });
    replaceFile(bundlePath(name), code);
  } catch {
    return false;
  }
  return writeRecord(name, { bundle: [`dist/${name}.cjs`, hashOf(code), -1, 0, 0, 0], inputs });
}

function writeRecord(name, { bundle, inputs }) {
  try {
    replaceFile(recordPath(name), JSON.stringify({ form: FORM, bundle, inputs }));
    return true;
  } catch {
    return false;
  }
}

function replaceFile(path, text) {
  const temporary = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}.tmp`;
  try {
    writeFileSync(temporary, text, { flag: 'wx' });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

module.exports = { DIST, ROOT, bundlePath, readFreshCode, writeBundle };
