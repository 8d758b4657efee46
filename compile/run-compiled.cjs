const Module = require('node:module');
const { DIST, bundlePath, readFreshCode } = require('./recorded-bundle.cjs');

/**
 * Runs a bundle of dist/ in this thread; builds it first, where a source has changed. Runs nothing that is out of date.
 *
 * @param onFailure gets one sentence, where it cannot be built
 */
function runCompiled(name, onFailure) {
  const code = readFreshCode(name);
  if (code !== undefined) {
    run(name, code);
    return;
  }
  const { BuildFailure, buildBundle } = require('./build-bundle.cjs');
  buildBundle(name).then(
    // Not in the promise: what the program throws is its own affair.
    (built) => setImmediate(run, name, built),
    (error) =>
      onFailure(
        error instanceof BuildFailure ? error.message : `it could not be compiled (${error.code ?? error.name})`,
      ),
  );
}

/** As `require` would run the file, whether or not it could be written. */
function run(name, code) {
  const path = bundlePath(name);
  const compiled = new Module(path, null);
  compiled.filename = path;
  compiled.paths = Module._nodeModulePaths(DIST);
  compiled._compile(code, path);
}

module.exports = { runCompiled };
