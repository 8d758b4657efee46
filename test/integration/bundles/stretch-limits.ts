import { Socket } from 'node:net';

const SHORTEST_LIMIT_MS = 500;
const LONGEST_MS = 2 ** 31 - 1;

let factor = 1;

/**
 * Makes every limit that is set in this process from now on so many times as long, but for short ones: the functions wait for a call
 * for half a second to 15 seconds, which is right on Lambda. A busy machine takes longer, and few tests of a bundle are about that.
 * The bundle is as it is deployed. Pauses by `node:timers/promises` stay as they are.
 */
export function stretchLimits(times: number): void {
  factor = times;
}

const stretched = (ms: number | undefined): number | undefined =>
  ms !== undefined && ms >= SHORTEST_LIMIT_MS ? Math.min(ms * factor, LONGEST_MS) : ms;

const plainTimeout = globalThis.setTimeout;
const longTimeout = (run: (...parameters: unknown[]) => void, ms?: number, ...parameters: unknown[]): NodeJS.Timeout =>
  plainTimeout(run, stretched(ms), ...parameters);
globalThis.setTimeout = Object.assign(longTimeout, plainTimeout);
// eslint-disable-next-line @typescript-eslint/unbound-method -- It is called with its socket.
const plainSocketTimeout = Socket.prototype.setTimeout;
Socket.prototype.setTimeout = function (ms, ...callback) {
  return plainSocketTimeout.call(this, stretched(ms) ?? 0, ...callback);
};
const plainSignal = AbortSignal.timeout.bind(AbortSignal);
AbortSignal.timeout = (ms) => plainSignal(stretched(ms) ?? 0);
