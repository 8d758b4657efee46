import type { Randomness } from '../crypto/randomness';
import type { Clock } from '../ports/clock';
import type { Metrics } from '../ports/metrics';
import { DEFAULT_MAX_CACHED_DEKS, DekCache } from './dek-cache';
import { guardSealing, type KeysetAccess } from './keyset-access';
import { KeysetDirectory, type KeysetSources } from './keyset-directory';
import type { SealingGuard } from './ports/sealing-guard';
import type { SecretsProvider } from './ports/secrets-provider';

export interface KeysetPorts {
  readonly keysets: KeysetSources;
  readonly secrets: SecretsProvider;
  /** Left out if sealing never stops. */
  readonly sealing?: SealingGuard;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly metrics: Metrics;
}

/** Makes the keysets of all providers with their cache, for one process. Reads nothing until a DEK is asked for. */
export function createKeysetAccess(ports: KeysetPorts): { readonly keysets: KeysetAccess; readonly deks: DekCache } {
  const { keysets: sources, secrets, clock, randomness, metrics } = ports;
  const deks = new DekCache(clock, metrics, DEFAULT_MAX_CACHED_DEKS);
  const directory = new KeysetDirectory({ sources, secrets, deks, clock, randomness, metrics });
  return { keysets: guardSealing(directory, ports.sealing), deks };
}
