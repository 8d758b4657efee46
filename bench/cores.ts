import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Cores: all servers share one, and the load has another. */
export const CORES = { server: 0, load: 1 } as const;

const finds = (command: string): boolean => spawnSync('which', [command], { stdio: 'ignore' }).status === 0;

/** Whether a process can be pinned to a core (util-linux), and there are two. */
const canPin = finds('taskset') && availableParallelism() > 1;

/** Whether wrk is installed, which costs a tenth of a load generator in Node. */
export const hasWrk = finds('wrk');

/** Returns a command that stays on one core, if pinning is possible. */
export const pinned = (core: number, command: readonly string[]): readonly [string, ...string[]] =>
  (canPin ? ['taskset', '-c', String(core), ...command] : command) as [string, ...string[]];

/** Pins this process to a core: it is the load if there is no wrk. */
export function pinThisProcess(core: number): void {
  if (canPin) spawnSync('taskset', ['-a', '-c', '-p', String(core), String(process.pid)], { stdio: 'ignore' });
}

/** Describes the available ones, for a table's note. */
export const describeLoad = (): string =>
  `${canPin ? 'servers on one core, load on another' : 'nothing pinned to a core: no taskset, or one core'}; load by ${hasWrk ? 'wrk' : 'this process, for want of wrk'}`;
