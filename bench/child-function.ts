/**
 * A function's bundle, the file of the first argument, in a process of its own: runs the events that come over IPC, so many at a time,
 * and answers with the CPU that it took in microseconds. What is written to its log is part of it.
 */
export interface Invocations {
  readonly events: readonly unknown[];
  readonly atATime: number;
}

export interface InvocationCost {
  readonly cpuMicroseconds: number;
  /** Of the replies, in the events' order. */
  readonly statuses: readonly number[];
  readonly lastBody: string;
}

// Not an import: tsx would look at what is a bundle already.
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
