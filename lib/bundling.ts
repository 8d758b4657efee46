/**
 * How every handler becomes one file: by esbuild, in the options of CDK's `BundlingOptions` and, by {@link esbuildOptions},
 * in esbuild's own. CommonJS loads in less CPU than ESM; `module` before `main` lets esbuild leave out what is not used, and the
 * SDK is bundled because the one that Lambda brings costs twice as much to load. Without source maps: no stack is logged.
 */
export const BUNDLING = {
  minify: true,
  target: 'node24',
  format: 'cjs',
  sourceMap: false,
  mainFields: ['module', 'main'],
  externalModules: [],
} as const;

/** {@link BUNDLING} for `esbuild.build`, in esbuild's names. */
export const esbuildOptions = (entry: string, outfile: string) => ({
  entryPoints: [entry],
  outfile,
  bundle: true,
  platform: 'node' as const,
  minify: BUNDLING.minify,
  target: BUNDLING.target,
  format: BUNDLING.format,
  sourcemap: BUNDLING.sourceMap,
  mainFields: [...BUNDLING.mainFields],
  external: [...BUNDLING.externalModules],
});
