import { ROOT } from '../../compile/root';

/**
 * How esbuild bundles every handler into one file: as CDK's `BundlingOptions` and, by {@link esbuildOptions}, in esbuild's own
 * options. CommonJS needs less CPU to load than ESM; `module` before `main` lets esbuild remove unused code; the SDK is bundled
 * because Lambda's own costs twice as much to load. No source maps, because no stack is logged.
 *
 * Every SDK client includes a search for credentials in profiles, SSO, web identity, token files and metadata services, a quarter
 * of a bundle's load time. A function's credentials are in its environment, so a reader of the environment replaces the search.
 * Code for streams of events, which no call of Keyward has, is a tenth of a bundle's load, and is replaced too.
 * The paths are relative, so that the output does not depend on the directory: CDK runs esbuild in `projectRoot`.
 */
export const BUNDLING = {
  minify: true,
  target: 'node24',
  format: 'cjs',
  sourceMap: false,
  mainFields: ['module', 'main'],
  externalModules: [],
  alias: {
    '@aws-sdk/credential-provider-node': './lambdas/adapters/aws/lambda/environment-credentials.ts',
    '@smithy/core/event-streams': './lambdas/adapters/aws/lambda/no-event-streams.ts',
  },
} as const;

/** The aliases of {@link BUNDLING} in the form of CDK's `esbuildArgs`: `--alias:name=path`. */
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
