import { createHash } from 'node:crypto';
import type { Randomness } from '../../../lambdas/core/crypto/randomness';
import { intercepted } from '../../doubles/intercepted';
import { OutsideCalls, type Interruption, type PlannedInterruption } from '../../doubles/stop-the-world';
import { inProcessDeployment } from './rotate-kek-deployment';
import { survive, type Recovery } from './rotate-kek-interrupted';

/** Digests of the stored state just before and just after each outside call, by the call's number. */
interface Trace {
  readonly before: string[];
  readonly after: string[];
}

interface Plan {
  readonly interruptions: readonly PlannedInterruption[];
  readonly trace: Trace;
}

const KINDS: readonly Interruption[] = ['before', 'after', 'twice'];

/**
 * Interrupts a rotation in every way: `depth` times in a row, each time at any later call, in the recovery from the one before.
 *
 * A process that was stopped leaves nothing but what is on record: secret, keysets, audit events, messages, the time, and who
 * is to call what again. Here randomness comes from the number of the process, so that the same record goes on in the same
 * way. So an interruption that leaves what another has left is counted and not followed again, unless `isEachRun`; nor
 * is a call made twice that has changed nothing.
 *
 * @returns the number of closed intents ways there are, and how many rotations were run for them
 */
export async function surviveAll(
  depth: number,
  recovery: Recovery,
  isEachRun = false,
): Promise<{ ways: number; run: number }> {
  const waysFrom = new Map<string, number>();
  let run = 0;

  const follow = async (interruptions: readonly PlannedInterruption[], left: number): Promise<number> => {
    run += 1;
    const plan = { interruptions, trace: await traced(interruptions, recovery, left > 0) };
    return waysOf(plan, (interruptions.at(-1)?.at ?? -1) + 1, left);
  };

  const waysOf = async (plan: Plan, from: number, left: number): Promise<number> => {
    if (left === 0) return 1;
    let ways = 0;
    for (let at = from; at < plan.trace.before.length; at += 1) {
      for (const how of KINDS) ways += await waysBy(plan, { at, how }, left);
    }
    return ways;
  };

  const waysBy = async (plan: Plan, next: PlannedInterruption, left: number): Promise<number> => {
    const interruptions = [...plan.interruptions, next];
    const [before, after] = [plan.trace.before[next.at]!, plan.trace.after[next.at]!];
    if (isEachRun) return follow(interruptions, left - 1);
    if (next.how === 'twice')
      return before === after ? waysOf(plan, next.at + 1, left - 1) : follow(interruptions, left - 1);
    const key = `${left} ${next.how === 'before' ? before : after}`;
    const ways = waysFrom.get(key) ?? (await follow(interruptions, left - 1));
    waysFrom.set(key, ways);
    return ways;
  };

  return { ways: await follow([], depth), run };
}

/** Runs a rotation with these interruptions on a separate deployment. The trace is empty if it is not requested. */
async function traced(
  interruptions: readonly PlannedInterruption[],
  recovery: Recovery,
  isWanted: boolean,
): Promise<Trace> {
  const deployment = inProcessDeployment();
  let processes = 0;
  let tokens = 0;
  deployment.randomness = () => randomnessOf((processes += 1));
  deployment.newToken = () => `token-${String((tokens += 1)).padStart(32, '0')}`;
  await deployment.startWithKek();

  let position = '';
  const record = (): string => {
    const { service, clock, audit, messages, metrics } = deployment;
    const keysets = deployment.keysets.map(({ records }) => records);
    const abandoned = metrics.of('kek_rotation_abandoned');
    const all = { position, processes, service, time: clock.time, keysets, events: audit.events, messages, abandoned };
    return digestOf(JSON.stringify(all, withMapsAndSets));
  };
  const trace: Trace = { before: [], after: [] };
  const outside = new OutsideCalls(interruptions);
  const spied = <P extends object>(port: P): P =>
    intercepted(port, async (make) => {
      // The current call is the last counted one.
      const index = outside.count - 1;
      trace.before[index] ??= record();
      try {
        return await make();
      } finally {
        trace.after[index] ??= record();
      }
    });
  const calls = {
    get count() {
      return outside.count;
    },
    restart: () => {
      outside.restart();
    },
    through: <P extends object>(port: P): P => outside.through(isWanted ? spied(port) : port),
  };
  await survive(
    deployment,
    {
      calls,
      at: (next) => {
        position = next;
      },
    },
    interruptions,
    recovery,
  );
  return trace;
}

/** Without the six random characters at the end of the secret's ARNs. */
const digestOf = (text: string): string =>
  createHash('sha256')
    .update(text.replace(/(:secret:keyward\/kek)-[0-9a-f]{6}/g, '$1'))
    .digest('base64');

const withMapsAndSets = (_: string, value: unknown): unknown =>
  value instanceof Map || value instanceof Set ? [...(value as Iterable<unknown>)] : value;

/** Different bytes for each process, and the same ones in each run. */
function randomnessOf(process: number): Randomness {
  let drawn = 0;
  const bytes = (size: number): Buffer => {
    drawn += 1;
    return createHash('shake256', { outputLength: size }).update(`${process} ${drawn}`).digest();
  };
  return { publicBytes: bytes, secretBytes: bytes };
}
