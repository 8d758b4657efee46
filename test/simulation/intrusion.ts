/**
 * Complete work of another actor between two calls of the code under test: a worker moves the values to the primary and finds
 * that none is left; a previous value expires and a worker erases it; another user stores a key, deletes it, or purges the
 * previous value.
 */
export const INTRUSIONS = ['rekey', 'expiry', 'put', 'delete', 'purge'] as const;

export type Intrusion = (typeof INTRUSIONS)[number];

export const isIntrusion = (fault: string): fault is Intrusion => INTRUSIONS.some((each) => each === fault);
