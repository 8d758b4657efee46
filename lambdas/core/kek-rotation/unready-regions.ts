import { toKeywardError } from '../errors/errors';
import type { Clock } from '../ports/clock';
import type { KekSecretReplica } from './ports/kek-secret-store';
import type { KeysetReader } from '../keysets/ports/keyset-store';

/** What one region has of a deployment's keys. */
export interface RegionKeys {
  readonly region: string;
  readonly secret: KekSecretReplica;
  readonly keysets: KeysetReader;
}

const POLL_MS = 5_000;

/**
 * Waits until regions return the KEK that is current at home, and a keyset for each of the providers. CloudFormation says success while
 * a replica of a secret is Failed (aws-cloudformation/cloudformation-coverage-roadmap#1459), and so has to be asked for what it says.
 *
 * @param providers those that have a keyset at home
 * @param until how long to wait for a region, in milliseconds of the clock; each is looked at once all the same
 * @returns by region, what is wrong with each that is not ready by then, in words without input
 */
export async function unreadyRegions(
  deps: { readonly home: KekSecretReplica; readonly regions: readonly RegionKeys[]; readonly clock: Clock },
  providers: readonly string[],
  until: (region: string) => number,
): Promise<ReadonlyMap<string, string>> {
  const unready = new Map<string, string>();
  let waiting = deps.regions;
  for (;;) {
    const looks = await Promise.all(
      waiting.map(async (keys) => [keys, await whatIsWrong(deps.home, keys, providers)] as const),
    );
    const late = looks.flatMap(([keys, wrong]) => (wrong === undefined ? [] : [[keys, wrong] as const]));
    waiting = late.map(([keys]) => keys).filter(({ region }) => deps.clock.now() + POLL_MS <= until(region));
    for (const [keys, wrong] of late) if (!waiting.includes(keys)) unready.set(keys.region, wrong);
    if (waiting.length === 0) return unready;
    await deps.clock.sleep(POLL_MS);
  }
}

async function whatIsWrong(
  home: KekSecretReplica,
  { secret, keysets }: RegionKeys,
  providers: readonly string[],
): Promise<string | undefined> {
  try {
    const [current, own] = await Promise.all([home.current(), secret.current()]);
    if (current.versionId !== own.versionId) return 'returns another version of the KEK secret than the current one';
  } catch (thrown) {
    return `does not return the current KEK${named(thrown)}`;
  }
  try {
    const records = await Promise.all(providers.map((provider) => keysets.get(provider)));
    const missing = providers.filter((_, index) => records[index] === undefined);
    return missing.length === 0 ? undefined : `has no keyset of ${missing.join(', ')}`;
  } catch (thrown) {
    return `does not show its keysets${named(thrown)}`;
  }
}

function named(thrown: unknown): string {
  const { outside } = toKeywardError(thrown);
  return outside === undefined ? '' : ` (${outside.operation} in ${outside.region}: ${outside.name})`;
}
