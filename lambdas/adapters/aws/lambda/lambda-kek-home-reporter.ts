import { KEK_HOMES } from '../../../core/contract/kek-homes';
import { KEK_HOME_REQUEST } from '../../../core/contract/system-events';
import { KeywardError } from '../../../core/errors/errors';
import type { KekHomeReporter } from '../../../core/kek-move/ports/kek-home-reporter';
import { createRegionFunction, type RegionFunctionConfig } from './region-function';

/** Asks the region's own `prove-keyset` which home of the KEK it reads. It answers `{home}`, or `{code}`. */
export function createLambdaKekHomeReporter(config: RegionFunctionConfig): KekHomeReporter {
  const proveKeyset = createRegionFunction(config);
  return {
    region: config.region,
    home: async () => {
      const answer = await proveKeyset.ask(KEK_HOME_REQUEST, 'home');
      const home = KEK_HOMES.find((each) => each === answer);
      if (home !== undefined) return home;
      throw new KeywardError('store_unavailable', 'the region does not tell which home of the KEK it reads; try again');
    },
  };
}
