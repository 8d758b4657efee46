import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { ROOT } from '../../../compile/root';
import {
  API_FUNCTIONS,
  INNER_FUNCTIONS,
  LOG_FUNCTIONS,
  OPERATIONS_FUNCTIONS,
} from '../../../lambdas/core/contract/functions';
import { esbuildOptions } from '../../../lib/operations/bundling';

/** The part that contains a package. */
const PARTS = ['functions', 'command', 'local server', 'CDK app'] as const;
type Part = (typeof PARTS)[number];

/** A package by name and version, and the parts that it is bundled into or, where `isBeside`, read from node_modules by. */
export interface UsedPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly parts: readonly Part[];
  readonly isBeside: boolean;
}

type Lock = Record<string, { version?: string; license?: string; dependencies?: Record<string, string> }>;

const FUNCTIONS = [...API_FUNCTIONS, ...INNER_FUNCTIONS, ...LOG_FUNCTIONS, ...OPERATIONS_FUNCTIONS];

const { BUNDLES } = createRequire(__filename)('../../../compile/bundles.cjs') as {
  BUNDLES: Readonly<Record<string, { readonly entry: string; readonly outside?: readonly string[] }>>;
};

/** The bundles of `compile/bundles.cjs`, by part. */
const PART_OF: Readonly<Record<string, Part | undefined>> = {
  keyward: 'command',
  local: 'local server',
  'embedded-dynamodb-worker': 'local server',
  'journal-thread': 'local server',
  'log-thread': 'local server',
  app: 'CDK app',
};

/** The packages that npm installs, by path. */
const installed = (): Lock =>
  (JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Lock }).packages;

/** Every package that has code in a bundle, and what local server and CDK app read beside theirs, each once. */
export async function usedPackages(): Promise<UsedPackage[]> {
  const lock = installed();
  const bundled = new Map<string, Set<Part>>();
  const beside = new Map<string, Set<Part>>();
  const note = (into: Map<string, Set<Part>>, path: string, part: Part): void => {
    into.set(path, (into.get(path) ?? new Set()).add(part));
  };
  for (const path of await packagesIn(functionsOptions())) note(bundled, path, 'functions');
  for (const [name, { entry, outside = [] }] of Object.entries(BUNDLES)) {
    const part = PART_OF[name];
    if (part === undefined) throw new Error(`nobody has said what the bundle ${name} is part of`);
    for (const path of await packagesIn(compiledOptions(entry, outside))) note(bundled, path, part);
    for (const path of outside.flatMap((each) => [...withDependencies(lock, each)])) note(beside, path, part);
  }
  return [...described(lock, bundled, false), ...described(lock, beside, true)];
}

/** By name and version: a package that npm has put in two places counts once. */
function described(lock: Lock, paths: ReadonlyMap<string, ReadonlySet<Part>>, isBeside: boolean): UsedPackage[] {
  const found = new Map<string, UsedPackage>();
  for (const [path, parts] of paths) {
    const name = path.replace(/^.*node_modules\//, '');
    const { version = 'none', license = 'none' } = lock[path] ?? {};
    const known = found.get(`${name}@${version}`)?.parts ?? [];
    const all = PARTS.filter((each) => parts.has(each) || known.includes(each));
    found.set(`${name}@${version}`, { name, version, license, parts: all, isBeside });
  }
  return [...found.values()];
}

/** All functions at once: shared sources are read once. */
function functionsOptions(): BuildOptions {
  const { outfile: _, entryPoints: __, ...options } = esbuildOptions('', '');
  const entryPoints = FUNCTIONS.map((name) => `lambdas/${name}/handler.ts`);
  return { ...options, entryPoints, outdir: 'dist' };
}

/** The options of `compile/build-bundle.cjs`, except for the output. */
const compiledOptions = (entry: string, outside: readonly string[]): BuildOptions => ({
  absWorkingDir: ROOT,
  entryPoints: [entry],
  outfile: 'dist/index.js',
  bundle: true,
  platform: 'node',
  mainFields: ['module', 'main'],
  resolveExtensions: ['.ts', '.js', '.json'],
  external: outside.flatMap((name) => [name, `${name}/*`]),
});

/** The directories of the packages with code in an output. */
async function packagesIn(options: BuildOptions): Promise<ReadonlySet<string>> {
  const { metafile } = await build({ ...options, write: false, metafile: true, logLevel: 'silent' });
  return new Set(
    Object.values(metafile.outputs).flatMap(({ inputs }) => {
      return Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => {
        const [directory] = /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path) ?? [];
        return directory === undefined || bytesInOutput === 0 ? [] : [directory];
      });
    }),
  );
}

/** A package and its dependencies, each at the place where Node finds it. */
function withDependencies(lock: Lock, name: string, from = '', found = new Set<string>()): ReadonlySet<string> {
  const path = resolved(lock, name, from);
  if (path === undefined || found.has(path)) return found;
  found.add(path);
  for (const dependency of Object.keys(lock[path]?.dependencies ?? {})) withDependencies(lock, dependency, path, found);
  return found;
}

function resolved(lock: Lock, name: string, from: string): string | undefined {
  const path = `${from === '' ? '' : `${from}/`}node_modules/${name}`;
  if (lock[path] !== undefined) return path;
  if (from === '') return undefined;
  return resolved(lock, name, from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/'))));
}
