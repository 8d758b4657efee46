import { stretchLimits } from './stretch-limits';

/**
 * The part of the Lambda runtime that a bundle sees: loads the file named by the first argument and calls its `handler` with
 * each event that comes over IPC. A child process of its own, so that what runs is the bundle and nothing of the sources.
 */

export type ToBundle = { readonly event: unknown } | { readonly advanceMs: number };
export type FromBundle = { readonly result: unknown } | { readonly error: string };

stretchLimits(600);

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
