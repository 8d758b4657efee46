import type { FaultRates } from './random-faults';

/** The amount of faults in a history. */
export type FaultProfile = 'none' | 'some' | 'many';

/** The rate of each fault. */
export const RATES: Readonly<Record<FaultProfile, FaultRates>> = {
  none: { fails: 0, lost: 0, twice: 0, crash: 0, slow: 0 },
  some: { fails: 0.01, lost: 0.01, twice: 0.01, crash: 0.004, slow: 0.01 },
  many: { fails: 0.06, lost: 0.05, twice: 0.05, crash: 0.02, slow: 0.04 },
};
