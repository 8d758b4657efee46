const { readdirSync, rmSync, statSync } = require('node:fs');
const { basename, extname, join, relative } = require('node:path');
const { BUNDLES } = require('./bundles.cjs');
const { readInput } = require('./input.cjs');
const { DIST, ROOT, bundlePath, writeBundle } = require('./recorded-bundle.cjs');

/** Why a bundle could not be built, in one sentence. */
class BuildFailure extends Error {}

const PACKAGE_DIRECTORY = /^.*node_modules[\\/](@[^\\/]+[\\/])?[^\\/]+(?=[\\/])/;
const LOADERS = { '.ts': 'ts', '.js': 'js', '.mjs': 'js', '.cjs': 'js', '.json': 'json' };

/**
 * Files besides the sources that determine the compiled code. npm writes the last one whenever it changes node_modules. Missing
 * ones count as well: another program may have installed the packages.
 */
const SETTINGS = ['package.json', 'package-lock.json', 'tsconfig.json', 'node_modules/.package-lock.json'];

/** Age after which files of an interrupted build are deleted; a build takes a second. */
const ABANDONED_AFTER_MS = 600_000;

/**
 * Builds a bundle from the sources and writes it to dist/, if that is writable.
 *
 * @returns its code, from the sources as they were read; a change during the build counts as a change the next time
 * @throws BuildFailure
 */
async function buildBundle(name) {
  const { entry, outside = [], onDemand = [], isTraced = false } = BUNDLES[name];
  const esbuild = loadEsbuild();
  const inputs = new Inputs();
  for (const path of SETTINGS) inputs.read(join(ROOT, path));
  for (const file of readdirSync(__dirname).filter((each) => each.endsWith('.cjs'))) inputs.read(join(__dirname, file));
  inputs.read(require.resolve('esbuild/package.json'));
  // Also if a package is a link, to any target.
  for (const name of Object.keys(require('../package.json').dependencies)) {
    inputs.read(join(ROOT, 'node_modules', name, 'package.json'));
  }
  const options = {
    absWorkingDir: ROOT,
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'node',
    // As for the functions (lib/operations/bundling.ts): unused parts of a module can be left out, but not of what `main` names.
    mainFields: ['module', 'main'],
    resolveExtensions: ['.ts', '.js', '.json'],
    tsconfig: join(ROOT, 'tsconfig.json'),
    legalComments: 'none',
    logLevel: 'silent',
    external: outside.flatMap((packageName) => [packageName, `${packageName}/*`]),
    plugins: [inputs.plugin, UNUSED_BUILTINS],
  };
  const code = await orSentence(esbuild, async () => {
    const { outputFiles } = await esbuild.build({
      ...options,
      ...COMMON_JS,
      ...(isTraced && { sourcemap: 'inline', outfile: bundlePath(name) }),
      plugins: [onDemandOf(onDemand, esbuild, options), ...options.plugins],
    });
    return outputFiles[0].text;
  });
  removeAbandoned();
  writeBundle(name, code, inputs.list());
  return code;
}

/** CommonJS for Node 20. */
const COMMON_JS = {
  format: 'cjs',
  target: 'node20.19',
  // Converted to require: otherwise Node would start its loader of modules.
  supported: { 'dynamic-import': false },
  // An ASCII text takes half the memory and is scanned faster.
  charset: 'ascii',
};

/**
 * Puts a dynamically imported package into the bundle as texts: one for what the import needs at once, one for each import within
 * it, and what they share. Finding the end of a text takes a tenth of the time of parsing it, so an unused package costs little.
 */
const onDemandOf = (packages, esbuild, options) => ({
  name: 'on-demand',
  setup: (build) => {
    build.onResolve({ filter: /^[^.]/ }, ({ path, kind, resolveDir }) =>
      kind === 'dynamic-import' && packages.includes(path)
        ? { path, namespace: 'on-demand', pluginData: { resolveDir } }
        : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'on-demand' }, async ({ path, pluginData: { resolveDir } }) => {
      const stdin = { contents: `export * from ${JSON.stringify(path)};`, resolveDir };
      const parts = { format: 'esm', splitting: true, outdir: DIST, entryNames: 'first', chunkNames: '[hash]' };
      const { outputFiles } = await esbuild.build({ ...options, entryPoints: [], stdin, ...parts });
      const texts = await Promise.all(
        outputFiles.map(async ({ path: name, text }) => {
          const { code } = await esbuild.transform(text, { ...COMMON_JS, platform: 'node', minify: true });
          return [`./${basename(name)}`, code];
        }),
      );
      return { contents: loaderOf(Object.fromEntries(texts)) };
    });
  },
});

const loaderOf = (texts) => `
const texts = ${JSON.stringify(texts)};
const loaded = new Map();
function load(name) {
  if (!Object.hasOwn(texts, name)) return require(name);
  const known = loaded.get(name);
  if (known !== undefined) return known.exports;
  const part = { exports: {} };
  loaded.set(name, part);
  new Function('exports', 'require', 'module', texts[name])(part.exports, load, part);
  return part.exports;
}
module.exports = load('./first.js');
`;

async function orSentence(esbuild, build) {
  try {
    return await build();
  } catch (error) {
    throw new BuildFailure(sentenceOf(error));
  } finally {
    // It is a separate process, and would live as long as this one.
    await esbuild.stop();
  }
}

function loadEsbuild() {
  try {
    return require('esbuild');
  } catch {
    throw new BuildFailure('esbuild, which compiles it, is not installed: run npm ci');
  }
}

/** All sources, as read: esbuild gets the recorded bytes. A package is represented by its package.json. */
class Inputs {
  #read = new Map();
  #packages = new Set();

  read(absolutePath) {
    const path = relative(ROOT, absolutePath).replaceAll('\\', '/');
    const { input, bytes } = readInput(path, absolutePath);
    this.#read.set(path, input);
    return bytes;
  }

  list() {
    for (const directory of this.#packages) this.read(join(directory, 'package.json'));
    return [...this.#read.values()];
  }

  plugin = {
    name: 'recorded-inputs',
    setup: (build) => {
      build.onLoad({ filter: /\.(ts|js|mjs|cjs|json)$/, namespace: 'file' }, ({ path }) => {
        const [packageDirectory] = PACKAGE_DIRECTORY.exec(relative(ROOT, path)) ?? [];
        if (packageDirectory !== undefined) {
          this.#packages.add(join(ROOT, packageDirectory));
          return undefined;
        }
        return { contents: this.read(path), loader: LOADERS[extname(path)] };
      });
    },
  };
}

/** Loading Node's own modules has no effects: one that only left-out code imports can be dropped. */
const UNUSED_BUILTINS = {
  name: 'unused-builtins',
  setup: (build) => {
    build.onResolve({ filter: /^node:/ }, ({ path }) => ({ path, external: true, sideEffects: false }));
  },
};

function sentenceOf(error) {
  const [first] = error.errors ?? [];
  if (first === undefined) return 'esbuild, which compiles it, does not work here: run npm ci';
  const { text, location } = first;
  if (/^Could not resolve "[^.]/.test(text)) return `${lineOf(text)}: run npm ci`;
  return location ? `${location.file}:${location.line}: ${lineOf(text)}` : lineOf(text);
}

const lineOf = (text) => text.split('\n', 1)[0];

function removeAbandoned() {
  try {
    for (const file of readdirSync(DIST)) {
      const path = join(DIST, file);
      if (file.endsWith('.tmp') && Date.now() - statSync(path).mtimeMs > ABANDONED_AFTER_MS) rmSync(path);
    }
  } catch {
    // The directory is missing or not writable: the next build may succeed.
  }
}

module.exports = { BuildFailure, buildBundle };
