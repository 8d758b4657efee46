import * as z from 'zod/mini';

const MAX_KEY = 1024;
const count = z.int().check(z.minimum(0));
const text = z.string().check(z.minLength(1), z.maxLength(MAX_KEY));

/** Looks for the events of a day that no log has; `place`: from there on. */
const reconcileDayMessage = z.strictObject({
  kind: z.literal('day'),
  day: z.string().check(z.regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/)),
  age: count.check(z.maximum(99)),
  owed: z.boolean(),
  /** Events that were in no log, so far. */
  found: count,
  place: z.optional(
    z.strictObject({ hour: count.check(z.maximum(23)), part: z.optional(text), after: z.optional(text) }),
  ),
});

/** Reads back the batches that Lambda gave up; `after`: those after this key. */
const reconcileBatchesMessage = z.strictObject({ kind: z.literal('batches'), after: z.optional(text) });

/** Deferred work of the reconciliation; `begin` finds out what there is to do. */
export const reconciliationMessage = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('begin') }),
  reconcileDayMessage,
  reconcileBatchesMessage,
]);

export type ReconcileDayMessage = Readonly<z.output<typeof reconcileDayMessage>>;
export type ReconcileBatchesMessage = Readonly<z.output<typeof reconcileBatchesMessage>>;
export type ReconciliationMessage = Readonly<z.output<typeof reconciliationMessage>>;

/** Delivers each message at least once, in any order. */
export interface ReconciliationQueue {
  /** @throws KeywardError `store_unavailable` if a message is not known to be on the queue */
  send(messages: readonly ReconciliationMessage[]): Promise<void>;
}
