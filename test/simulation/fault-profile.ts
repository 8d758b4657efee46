import type { FaultRates } from './random-faults';

/** How bad a history may get. */
export type FaultProfile = 'calm' | 'rough' | 'storm';

/** How often things go wrong in it. */
export const RATES: Readonly<Record<FaultProfile, FaultRates>> = {
  calm: { fails: 0, lost: 0, twice: 0, crash: 0, slow: 0 },
  rough: { fails: 0.01, lost: 0.01, twice: 0.01, crash: 0.004, slow: 0.01 },
  storm: { fails: 0.06, lost: 0.05, twice: 0.05, crash: 0.02, slow: 0.04 },
};
