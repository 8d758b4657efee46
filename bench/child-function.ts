/**
 * Runs a function's bundle, the file of the first argument, in a separate process: handles the events that arrive over IPC, with
 * the given concurrency, and answers with the CPU used in microseconds, its log output included.
 */
export interface Invocations {
  readonly events: readonly unknown[];
  readonly atATime: number;
}

export interface InvocationCost {
  readonly cpuMicroseconds: number;
  /** Status codes of the replies, in the events' order. */
  readonly statuses: readonly number[];
  readonly lastBody: string;
}

// Not an import: tsx would process the bundle.
const load = module.require.bind(module) as (path: string) => {
  handler: (event: unknown) => Promise<{ statusCode: number; body: string }>;
};
const { handler } = load(process.argv[2] ?? '');

async function run({ events, atATime }: Invocations): Promise<InvocationCost> {
  const statuses: number[] = [];
  let lastBody = '';
  let next = 0;
  const before = process.cpuUsage();
  const serve = async (): Promise<void> => {
    for (let index = next++; index < events.length; index = next++) {
      const { statusCode, body } = await handler(events[index]);
      statuses[index] = statusCode;
      lastBody = body;
    }
  };
  await Promise.all(Array.from({ length: atATime }, serve));
  const { user, system } = process.cpuUsage(before);
  return { cpuMicroseconds: user + system, statuses, lastBody };
}

process.on('message', (message: Invocations) => {
  void run(message).then((cost) => process.send?.(cost));
});
process.on('disconnect', () => {
  process.exit(0);
});
process.send?.('loaded');
