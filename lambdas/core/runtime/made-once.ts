import type { Outside } from './lazy-runtime';

/*
 * A call at the top of a module is marked `@__PURE__`, so that a bundle leaves it out if nothing uses its result: esbuild heeds a
 * mark at the function only in the same file.
 */

/** Makes a value at its first use, one for each process. */
export function madeOnce<C extends object>(make: (deps: Outside) => C): (deps: Outside) => C {
  const made = new WeakMap<Outside, C>();
  return (deps) => {
    const value = made.get(deps) ?? make(deps);
    made.set(deps, value);
    return value;
  };
}

/** As {@link madeOnce}, one for each region. */
export function oneForEachRegion<C>(make: (deps: Outside, region: string) => C): (deps: Outside, region: string) => C {
  const inRegions = madeOnce(() => new Map<string, C>());
  return (deps, region) => {
    const made = inRegions(deps);
    const value = made.get(region) ?? make(deps, region);
    made.set(region, value);
    return value;
  };
}
