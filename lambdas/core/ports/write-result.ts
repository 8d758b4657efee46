/**
 * The result of a conditional write. - `written`: it is stored, even if the first answer was lost.
 * - `refused`: the condition did not hold, and nothing of it was stored.
 * - `unknown`: the answer was lost, and the stored item is neither the one before nor this write. This write may have been stored
 *   and then replaced.
 *
 * If a write throws `store_unavailable`, its result is unknown, unless the error's `outside` is not an outage: then nothing was
 * stored.
 */
export type WriteResult = 'written' | 'refused' | 'unknown';
