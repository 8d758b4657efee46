import { pass, type Fault, type FaultyProxy } from './faulty-proxy';

/**
 * Gives these faults to the calls of an operation that mention `marker`, one each; later calls pass, and so do calls without it.
 * If one of several calls at once has failed, the others may still be on their way when the next test begins.
 *
 * @returns the bodies of the calls that mention it, in their order
 */
export function watchCalls(
  proxy: FaultyProxy,
  operation: string,
  marker: string,
  ...faults: readonly Fault[]
): Record<string, unknown>[] {
  const bodies: Record<string, unknown>[] = [];
  proxy.every(operation, (exchange) => {
    if (!exchange.body.includes(marker)) return exchange.forward();
    bodies.push(JSON.parse(exchange.body) as Record<string, unknown>);
    return (faults[bodies.length - 1] ?? pass)(exchange);
  });
  return bodies;
}
