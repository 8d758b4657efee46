const Module = require('node:module');
const { DIST, bundlePath, readFreshCode } = require('./recorded-bundle.cjs');

/**
 * Runs a bundle of dist/ in this thread; builds it first if a source has changed. Never runs an outdated bundle.
 *
 * @param onFailure gets one sentence if it cannot be built
 */
function runCompiled(name, onFailure) {
  const code = readFreshCode(name);
  if (code !== undefined) {
    run(name, code);
    return;
  }
  const { BuildFailure, buildBundle } = require('./build-bundle.cjs');
  buildBundle(name).then(
    // Outside the promise, so that the program's own errors are not caught here.
    (built) => setImmediate(run, name, built),
    (error) =>
      onFailure(
        error instanceof BuildFailure ? error.message : `it could not be compiled (${error.code ?? error.name})`,
      ),
  );
}

/** Runs the code as `require` would run the file, even if the file could not be written. */
function run(name, code) {
  const path = bundlePath(name);
  const compiled = new Module(path, null);
  compiled.filename = path;
  compiled.paths = Module._nodeModulePaths(DIST);
  compiled._compile(code, path);
}

module.exports = { runCompiled };
