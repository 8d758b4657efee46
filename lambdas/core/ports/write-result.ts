/**
 * What came of a conditional write.
 * - `written`: it is stored, even if the first answer was lost.
 * - `refused`: the condition did not hold, and nothing of it was stored.
 * - `unknown`: the answer was lost, and what is stored now is neither what was there before nor this write. It may
 *   have been stored and then replaced.
 *
 * Where a write throws `store_unavailable` it is not known what came of it, unless the error's `outside` is no outage: then
 * nothing was stored.
 */
export type WriteResult = 'written' | 'refused' | 'unknown';
