import { KEK_VERSION_ID_PATTERN } from '../../../core/contract/names';
import { KEK_VERSION_REQUEST } from '../../../core/contract/system-events';
import { KeywardError, toKeywardError } from '../../../core/errors/errors';
import type { KekVersionReader } from '../../../core/kek-rotation/ports/kek-secret-store';
import { createRegionFunction, type RegionFunctionConfig } from './region-function';

/**
 * Asks the region's own `prove-keyset` which version of the KEK secret it reads: it proves that the functions there reach the
 * store, with their own login. It answers `{version_id}`, or `{code}`.
 */
export function createLambdaKekVersionReader(config: RegionFunctionConfig): KekVersionReader {
  const proveKeyset = createRegionFunction(config);
  return {
    region: config.region,
    current: async () => {
      const versionId = await proveKeyset.ask(KEK_VERSION_REQUEST, 'version_id').catch((thrown: unknown) => {
        throw unavailable(toKeywardError(thrown).outside);
      });
      if (!KEK_VERSION_ID_PATTERN.test(versionId)) throw unavailable();
      return { versionId };
    },
  };
}

const unavailable = (outside?: KeywardError['outside']): KeywardError =>
  new KeywardError('store_unavailable', 'the region does not tell which KEK it reads; try again', undefined, outside);
