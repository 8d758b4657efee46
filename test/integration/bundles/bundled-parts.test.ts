import { build } from 'esbuild';
import {
  API_FUNCTIONS,
  GATEWAY_FUNCTIONS,
  INNER_FUNCTIONS,
  LOG_FUNCTIONS,
  OPERATIONS_FUNCTIONS,
} from '../../../lambdas/core/contract/functions';
import { esbuildOptions } from '../../../lib/operations/bundling';

/** The areas whose code a function's bundle has, and the AWS services whose clients it has. */
const PARTS: Readonly<Record<string, { readonly areas: readonly string[]; readonly services: readonly string[] }>> = {
  keys: { areas: ['keysets'], services: ['dynamodb'] },
  audit: { areas: ['audit', 'keysets', 'transparency'], services: ['dynamodb', 'lambda', 's3'] },
  health: { areas: ['audit', 'health', 'kek-move', 'keysets'], services: ['dynamodb', 'secrets-manager'] },
  encrypt: { areas: ['audit', 'kek-move', 'keysets', 'tokens'], services: ['dynamodb', 'secrets-manager'] },
  decrypt: { areas: ['audit', 'kek-move', 'keysets', 'tokens'], services: ['dynamodb', 'secrets-manager'] },
  rewrap: { areas: ['audit', 'kek-move', 'keysets', 'tokens'], services: ['dynamodb', 'secrets-manager'] },
  credentials: {
    areas: ['audit', 'credentials', 'kek-move', 'keysets'],
    services: ['dynamodb', 'secrets-manager'],
  },
  rotations: {
    areas: ['audit', 'credentials', 'dek-rotation', 'kek-move', 'kek-rotation', 'keysets'],
    services: ['dynamodb', 'lambda', 'secrets-manager', 'sqs'],
  },
  'prove-keyset': { areas: ['dek-rotation', 'kek-move', 'keysets'], services: ['dynamodb', 'secrets-manager'] },
  // It has each region prove a copied KEK.
  'rotate-kek': {
    areas: ['audit', 'dek-rotation', 'kek-move', 'kek-rotation', 'keysets'],
    services: ['dynamodb', 'lambda', 'secrets-manager', 'sqs'],
  },
  // Each asks functions about a KEK in Vault: which one a region reads, and to make the first one.
  'rewrap-deks': {
    areas: ['audit', 'kek-move', 'kek-rotation', 'keysets'],
    services: ['dynamodb', 'lambda', 'secrets-manager'],
  },
  bootstrap: {
    areas: ['audit', 'credentials', 'kek-move', 'kek-rotation', 'keysets'],
    services: ['dynamodb', 'lambda', 'secrets-manager'],
  },
  'rotation-worker': {
    areas: ['audit', 'credentials', 'dek-rotation', 'kek-move', 'keysets'],
    services: ['dynamodb', 'lambda', 'secrets-manager', 'sqs'],
  },
  'archive-events': { areas: ['audit', 'transparency'], services: ['dynamodb', 's3', 'sqs'] },
  'publish-checkpoint': { areas: ['transparency'], services: ['kms', 's3'] },
  'record-refusals': { areas: ['audit', 'refusals'], services: ['dynamodb'] },
  sweep: {
    areas: ['audit', 'credentials', 'dek-rotation', 'kek-move', 'kek-rotation', 'keysets'],
    services: ['dynamodb', 'lambda', 'secrets-manager', 'sqs'],
  },
};

/** In every bundle, or in all bundles that are served over HTTP. */
const COMMON = ['contract', 'crypto', 'errors', 'http', 'ports', 'runtime'];

/** The sources in a function's bundle. */
async function bundledSources(name: string): Promise<readonly string[]> {
  const options = esbuildOptions(`lambdas/${name}/handler.ts`, `${name}.js`);
  const { metafile } = await build({ ...options, write: false, metafile: true });
  return Object.values(metafile.outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([source]) => source);
}

const named = (sources: readonly string[], pattern: RegExp): readonly string[] =>
  [...new Set(sources.flatMap((source) => pattern.exec(source)?.[1] ?? []))].sort();

test('every function has its row', () => {
  expect(Object.keys(PARTS).sort()).toEqual(
    [...API_FUNCTIONS, ...INNER_FUNCTIONS, ...LOG_FUNCTIONS, ...GATEWAY_FUNCTIONS, ...OPERATIONS_FUNCTIONS].sort(),
  );
});

test.each(Object.entries(PARTS))('%s bundles what it serves, and nothing else', async (name, { areas, services }) => {
  const sources = await bundledSources(name);
  const found = named(sources, /^lambdas\/core\/([^/]+)\//).filter((area) => !COMMON.includes(area));
  expect({ areas: found, services: named(sources, /@aws-sdk\/client-([^/]+)\//) }).toEqual({ areas, services });
});
