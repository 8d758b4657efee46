import type { RegionProver } from '../../../core/dek-rotation/ports/region-prover';
import { createRegionFunction, type RegionFunctionConfig } from './region-function';

/** Asks the region's own `prove-keyset`, which answers `{proof}`, or `{code}` if it has none. */
export function createLambdaRegionProver(config: RegionFunctionConfig): RegionProver {
  const proveKeyset = createRegionFunction(config);
  return {
    region: config.region,
    prove: ({ provider, version, revision, kek_id, nonce, home }) =>
      proveKeyset.ask({ provider, version, revision, kek_id, nonce, home }, 'proof'),
  };
}
