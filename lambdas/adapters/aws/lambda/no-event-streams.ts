/**
 * Replaces `@smithy/core/event-streams` in bundles (see lib/operations/bundling.ts). The SDK imports it for operations whose input or
 * output is a stream of events, and Keyward calls none of those: it was a tenth of a bundle's load.
 */

/** Called with `new` by streaming operations alone. @throws Error always */
export function EventStreamSerde(): never {
  throw new Error('event streams are left out of the bundles');
}

/** Called by a marshaller for streams alone. @throws Error always */
export const eventStreamSerdeProvider = (): never => EventStreamSerde();

/** The configuration of a client, unchanged: without a marshaller for streams. */
export const resolveEventStreamSerdeConfig = <C extends object>(config: C): C => config;
