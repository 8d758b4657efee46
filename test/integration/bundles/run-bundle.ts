import { Socket } from 'node:net';

/**
 * The part of the Lambda runtime that a bundle sees: loads the file named by the first argument and calls its `handler` with
 * each event that comes over IPC. A child process of its own, so that what runs is the bundle and nothing of the sources.
 */

export type ToBundle = { readonly event: unknown } | { readonly advanceMs: number };
export type FromBundle = { readonly result: unknown } | { readonly error: string };

/**
 * The functions wait for a call for half a second to 15 seconds, which is right on Lambda. A busy machine takes longer, and no test
 * of a bundle is about that: in this process alone such limits are as much longer. The bundle is as it is deployed.
 */
const STRETCH = 600;
const SHORTEST_LIMIT_MS = 500;
const stretched = (ms: number | undefined): number | undefined =>
  ms !== undefined && ms >= SHORTEST_LIMIT_MS ? Math.min(ms * STRETCH, 2 ** 31 - 1) : ms;

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

// Not an import: the bundler would pull the handler into this file.
const load = module.require.bind(module) as (path: string) => { handler: (event: unknown) => Promise<unknown> };
const { handler } = load(process.argv[2] ?? '');
const realNow = Date.now;
let offset = 0;

const answer = (message: FromBundle): void => {
  process.send?.(message);
};

process.on('message', (message: ToBundle) => {
  if ('advanceMs' in message) {
    offset += message.advanceMs;
    Date.now = () => realNow() + offset;
    answer({ result: null });
    return;
  }
  handler(message.event).then(
    (result) => {
      answer({ result: result ?? null });
    },
    (thrown: unknown) => {
      answer({ error: thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : 'not an Error' });
    },
  );
});
process.on('disconnect', () => {
  process.exit(0);
});
answer({ result: 'loaded' });
