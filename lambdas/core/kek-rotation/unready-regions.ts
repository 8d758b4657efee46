import { toKeywardError } from '../errors/errors';
import type { Clock } from '../ports/clock';
import type { KekVersionReader } from './ports/kek-secret-store';
import type { KeysetReader } from '../keysets/ports/keyset-store';

/** The keys of a deployment in one region. */
export interface RegionKeys {
  readonly region: string;
  readonly secret: KekVersionReader;
  readonly keysets: KeysetReader;
}

const POLL_MS = 5_000;

/**
 * Waits until regions return the KEK that is current at home, and a keyset for each of the providers. CloudFormation reports
 * success while a replica of a secret is Failed (aws-cloudformation/cloudformation-coverage-roadmap#1459), so each region is
 * read.
 *
 * @param providers providers that have a keyset at home
 * @param until end of the wait for a region, in milliseconds of the clock; each is read at least once
 * @returns by region, the problem of each that is not ready by then, without input
 */
export async function unreadyRegions(
  deps: { readonly home: KekVersionReader; readonly regions: readonly RegionKeys[]; readonly clock: Clock },
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
  home: KekVersionReader,
  { secret, keysets }: RegionKeys,
  providers: readonly string[],
): Promise<string | undefined> {
  try {
    const [current, own] = await Promise.all([home.current(), secret.current()]);
    if (current.versionId !== own.versionId) return 'does not return the current version of the KEK secret';
  } catch (thrown) {
    return `does not return the current KEK${named(thrown)}`;
  }
  try {
    const records = await Promise.all(providers.map((provider) => keysets.get(provider)));
    const missing = providers.filter((_, index) => records[index] === undefined);
    return missing.length === 0 ? undefined : `has no keyset of ${missing.join(', ')}`;
  } catch (thrown) {
    return `cannot read its keysets${named(thrown)}`;
  }
}

function named(thrown: unknown): string {
  const { outside } = toKeywardError(thrown);
  return outside === undefined ? '' : ` (${outside.operation} in ${outside.region}: ${outside.name})`;
}
