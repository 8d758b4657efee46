import { createSecretsManagerClient } from '../adapters/aws/secrets-manager-client';
import { SecretsManagerSecretsProvider } from '../adapters/aws/secrets-manager-secrets-provider';
import { systemClock } from '../adapters/system/system-clock';
import { LIMITS, once } from './compose-parts';
import type { EventRuntime } from './event-handler';
import { createProveKeyset } from './usecases/prove-keyset';

export interface ProveKeysetRuntime extends EventRuntime {
  readonly proveKeyset: ReturnType<typeof createProveKeyset>;
  /** The configured providers; a challenge for any other is refused. */
  readonly providers: readonly string[];
}

/** Reaches this region alone: what another one has would prove nothing of this one. */
export const proveKeysetFromEnvironment: () => ProveKeysetRuntime = once((parts) => {
  const { configuration, keysetsIn, metrics, logger, failures } = parts;
  const { region, kekSecret: secretId, providers } = configuration;
  return {
    proveKeyset: createProveKeyset({
      keysets: keysetsIn(region),
      secrets: new SecretsManagerSecretsProvider({
        secretId,
        regions: [{ region, client: createSecretsManagerClient({ region, ...LIMITS, failures }) }],
        clock: systemClock,
        metrics,
        logger,
      }),
    }),
    providers,
  };
});
