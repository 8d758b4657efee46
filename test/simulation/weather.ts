import type { FaultRates } from './fates';

/** How bad a history may get. */
export type Weather = 'calm' | 'rough' | 'storm';

/** How often things go wrong in it. */
export const RATES: Readonly<Record<Weather, FaultRates>> = {
  calm: { fails: 0, lost: 0, twice: 0, crash: 0, slow: 0 },
  rough: { fails: 0.01, lost: 0.01, twice: 0.01, crash: 0.004, slow: 0.01 },
  storm: { fails: 0.06, lost: 0.05, twice: 0.05, crash: 0.02, slow: 0.04 },
};
