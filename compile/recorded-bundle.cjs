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
/** Of the record's form. What is in another one is built anew. */
const FORM = 1;

const bundlePath = (name) => join(DIST, `${name}.cjs`);
const recordPath = (name) => join(DIST, `${name}.inputs.json`);

/**
 * The code of a bundle in dist/, if every file that it was made of still has the content that it was made of, and it has its own.
 * Times, sizes and inode numbers are compared first, about 5 µs a file; only where they differ is a file read. Files that turn out
 * to be the same are recorded anew, so that they are not read the next time.
 *
 * @returns undefined where it is missing, damaged or out of date
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
    // Whatever is wrong with it, what it was made of is there to make it from.
    return undefined;
  }
}

/** The very bytes that are compared are the ones that run: another process may replace the file at any moment. */
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

/** @throws where the file is not what it was */
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

/** The one that is recorded, where there is nothing new to record. */
const again = (recorded, input) => (recorded.every((value, index) => value === input[index]) ? recorded : input);

/**
 * Puts a bundle and its record into dist/. Each appears whole or not at all; a record that is not of the bundle beside it does not
 * fit it, whoever was interrupted or faster.
 *
 * @returns whether it is there: where nothing can be written, the code is run all the same
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
