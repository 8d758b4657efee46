import type { KekHome, KekHomes } from '../contract/kek-homes';
import type { KekSource } from '../contract/environment';
import { KekInForce } from '../kek-move/kek-in-force';
import { createKekMoveGuard, type KekMoveGuard } from '../kek-move/kek-move-guard';
import { guardOfHomeInForce, ofHomeInForce } from '../kek-move/of-home-in-force';
import type { KekRotation } from '../kek-rotation/ports/kek-rotation';
import type { KekSecretReplica } from '../kek-rotation/ports/kek-secret-store';
import type { SecretsProvider } from '../keysets/ports/secrets-provider';
import { kekMovesIn } from './compose-adapters';
import { kekRotationOf, kekSecretOf, kekSourcesOf, secretsOf } from './compose-kek-adapters';
import type { Outside } from './lazy-runtime';

/*
 * Decides which home of the KEK serves. With one home configured that is the one, and no row is read to serve; with two it is in
 * the row of the move, which is asked at each call.
 */

export const kekHomesOf = ({ configuration: { kekSource, kekMovingFrom } }: Outside): KekHomes => ({
  home: kekSource,
  ...(kekMovingFrom !== undefined && { movingFrom: kekMovingFrom }),
});

/** Guards the KEK in one home, whatever is configured: a home that was left behind must not change either. */
export const guardOf = (deps: Outside, home: KekSource): KekMoveGuard =>
  createKekMoveGuard({ moves: movesOf(deps), homes: kekHomesOf(deps), home });

/** Guards the KEK in the home that is in force. */
export const guardInForce = (deps: Outside): KekMoveGuard =>
  guardOfHomeInForce(inForce(deps, (home) => guardOf(deps, home)));

/**
 * What belongs to the home that is in force, as {@link ofHomeInForce}.
 *
 * @param make called once for each home that is configured
 */
export function inForce<T>(deps: Outside, make: (home: KekSource) => T): () => Promise<T> {
  const made = new Map<KekHome, T>(kekSourcesOf(deps).map((home) => [home, make(home)]));
  return ofHomeInForce({ moves: { read: () => movesOf(deps).read() }, homes: kekHomesOf(deps) }, made);
}

/** Reads the KEKs in these regions, in this order, from the home that is in force. */
export const secretsFrom = (deps: Outside, regions: readonly string[]): SecretsProvider =>
  kekReading(deps, regions).secrets;

/** As {@link secretsFrom}, with what a region says of it. */
export function kekReading(deps: Outside, regions: readonly string[]) {
  const { region, kekSource } = deps.configuration;
  const readers = kekSourcesOf(deps).map((home) => [home, secretsOf(deps, home, regions)] as const);
  const [[, only]] = readers as [(typeof readers)[number]];
  if (readers.length === 1) {
    const kekHome = async (): Promise<KekHome> => {
      await only.refresh();
      return kekSource;
    };
    return { secrets: only, kekHome };
  }
  const secrets = new KekInForce({
    region,
    moves: movesOf(deps),
    homes: kekHomesOf(deps),
    secrets: Object.fromEntries(readers),
    clock: deps.clock,
  });
  return { secrets, secretsOf: (home: KekHome) => secrets.of(home), kekHome: () => secrets.home() };
}

/** The KEK secret as a function in this region reads it from there. */
export function kekSecretIn(deps: Outside, region: string): KekSecretReplica {
  const secret = inForce(deps, (home) => kekSecretOf(deps, home, region));
  return { region, current: async () => (await secret()).current() };
}

/** What rotates the KEK. */
export function kekRotationIn(deps: Outside, region: string): KekRotation & { resume?: () => Promise<void> } {
  const [only, ...more] = kekSourcesOf(deps) as readonly [KekSource, ...KekSource[]];
  if (more.length === 0) return kekRotationOf(deps, only, region);
  const rotation = inForce(deps, (home) => kekRotationOf(deps, home, region));
  return {
    start: async () => (await rotation()).start(),
    resume: async () => (await rotation()).resume?.(),
  };
}

const movesOf = (deps: Outside) => kekMovesIn(deps, deps.configuration.homeRegion);
