import type { Deployment } from './deployment';
import type { Copy } from './resource-names';

/**
 * Where the log of a region is copied to: that of home to the first replica region, those of replica regions to home. So every log
 * survives the loss of any one region, and a region that is added changes no other one's copy, as it would in a ring.
 *
 * @returns undefined if there is no other region
 */
export function copyOf({ homeRegion, replicaRegions }: Deployment, region: string): Copy | undefined {
  const to = region === homeRegion ? replicaRegions[0] : homeRegion;
  return to === undefined ? undefined : { from: region, to };
}
