import { kekStoreIn, regionsHomeFirst, type Parts } from './compose-parts';
import { createRewrapDeks } from '../kek-rotation/rewrap-deks';

/** What moves DEKs to the newest KEK: for the function that messages call, and for the sweep. */
export function rewrapDeksAtHome(parts: Parts): ReturnType<typeof createRewrapDeks> {
  const { configuration, keysetsIn, metrics, trail, randomness, logger } = parts;
  const { homeRegion } = configuration;
  const [, ...others] = regionsHomeFirst(configuration);
  const keysets = keysetsIn(homeRegion);
  return createRewrapDeks({
    replicas: [kekStoreIn(parts, homeRegion), ...others.map((region) => kekStoreIn(parts, region))],
    keysets,
    scanners: [keysets, ...others.map(keysetsIn)],
    trail,
    randomness,
    metrics,
    logger,
  });
}
