import { createSecretsManagerClient } from '../../adapters/aws/secrets-manager/secrets-manager-client';
import { SecretsManagerSecretsProvider } from '../../adapters/aws/secrets-manager/secrets-manager-secrets-provider';
import { systemClock } from '../../adapters/system/system-clock';
import { OPERATIONS_LIMITS } from '../contract/client-limits';
import { once } from './compose-parts';
import type { EventRuntime } from './event-handler';
import { storedIn, type KnownProviders } from '../keysets/known-provider';
import { createProveKeyset } from '../dek-rotation/prove-keyset';

/** A challenge for a provider that it does not know is refused. */
export interface ProveKeysetRuntime extends EventRuntime, KnownProviders {
  readonly proveKeyset: ReturnType<typeof createProveKeyset>;
}

/** Reaches this region alone: what another one has would prove nothing of this one. */
export const proveKeysetFromEnvironment: () => ProveKeysetRuntime = once((parts) => {
  const { configuration, keysetsIn, metrics, logger, failures } = parts;
  const { region, kekSecret: secretId, providers } = configuration;
  const keysets = keysetsIn(region);
  return {
    proveKeyset: createProveKeyset({
      keysets,
      secrets: new SecretsManagerSecretsProvider({
        secretId,
        regions: [{ region, client: createSecretsManagerClient({ region, ...OPERATIONS_LIMITS, failures }) }],
        clock: systemClock,
        metrics,
        logger,
      }),
    }),
    providers,
    isStored: storedIn(keysets),
  };
});
