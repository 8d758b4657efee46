import { ROOT } from '../../compile/root';

/**
 * How every handler becomes one file: by esbuild, in the options of CDK's `BundlingOptions` and, by {@link esbuildOptions},
 * in esbuild's own. CommonJS loads in less CPU than ESM; `module` before `main` lets esbuild leave out what is not used, and the
 * SDK is bundled because the one that Lambda brings costs twice as much to load. Without source maps: no stack is logged.
 *
 * Every client of the SDK brings a search for credentials through profiles, SSO, web identity, token files and metadata services,
 * a quarter of what a bundle takes to load. A function's credentials are in its environment, so the search is replaced by reading
 * them there. The path is relative, so that no output depends on where the tree lies: CDK runs esbuild in `projectRoot`.
 */
export const BUNDLING = {
  minify: true,
  target: 'node24',
  format: 'cjs',
  sourceMap: false,
  mainFields: ['module', 'main'],
  externalModules: [],
  alias: { '@aws-sdk/credential-provider-node': './lambdas/adapters/aws/lambda/environment-credentials.ts' },
} as const;

/** The aliases of {@link BUNDLING} as CDK's `esbuildArgs` takes them: `--alias:name=path`. */
export const aliasArguments = (): Record<string, string[]> => ({
  '--alias': Object.entries(BUNDLING.alias).map(([name, path]) => `${name}=${path}`),
});

/** {@link BUNDLING} for `esbuild.build`, in esbuild's names. */
export const esbuildOptions = (entry: string, outfile: string) => ({
  absWorkingDir: ROOT,
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
  alias: { ...BUNDLING.alias },
});
