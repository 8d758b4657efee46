import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** What runs where: all servers share one core, and the load has another. */
export const CORES = { server: 0, load: 1 } as const;

const finds = (command: string): boolean => spawnSync('which', [command], { stdio: 'ignore' }).status === 0;

/** Whether a process can be kept on one core (util-linux), and there are two. */
const canPin = finds('taskset') && availableParallelism() > 1;

/** Whether there is a load generator that costs a tenth of one in Node. */
export const hasWrk = finds('wrk');

/** A command that stays on one core, where that can be had. */
export const pinned = (core: number, command: readonly string[]): readonly [string, ...string[]] =>
  (canPin ? ['taskset', '-c', String(core), ...command] : command) as [string, ...string[]];

/** Keeps this process on a core: it is the load where there is no other. */
export function pinThisProcess(core: number): void {
  if (canPin) spawnSync('taskset', ['-a', '-c', '-p', String(core), String(process.pid)], { stdio: 'ignore' });
}

/** What of these is here, for a table's note. */
export const describeLoad = (): string =>
  `${canPin ? 'servers on one core, load on another' : 'nothing pinned to a core: no taskset, or one core'}; load by ${hasWrk ? 'wrk' : 'this process, for want of wrk'}`;
