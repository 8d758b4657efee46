import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { closedLoop } from './closed-loop';
import { CORES, describeLoad, pinned, pinThisProcess } from './cores';
import type { Row } from './row';
import { median } from './statistics';

const ROUNDS = 5;
const ROUND_SECONDS = 2;
const WAITS_MS = [0, 1, 2];
const REQUESTS = [{ method: 'POST', path: '/', headers: {}, body: '' }];

/** A server (child-journal.ts) with the time that its journal's groups wait for more events. */
interface Contender {
  readonly fillMs: number;
  readonly child: ChildProcess;
  readonly port: number;
}

interface Measured {
  readonly perSecond: number;
  readonly p50: number;
  readonly cpuUs: number;
  readonly eventsPerGroup: number;
}

async function start(directory: string, fillMs: number): Promise<Contender> {
  const [execPath, ...execArgv] = pinned(CORES.server, [process.execPath]);
  const child = fork(resolve(__dirname, 'child-journal.ts'), [directory, String(fillMs)], {
    execPath,
    execArgv: [...execArgv, '--require', require.resolve('tsx/cjs')],
  });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return { fillMs, child, port };
}

async function spent(child: ChildProcess): Promise<{ groups: number; cpuUs: number }> {
  const answer = once(child, 'message');
  child.send('spent');
  const [{ groups, cpu }] = (await answer) as [{ groups: number; cpu: NodeJS.CpuUsage }];
  return { groups, cpuUs: cpu.user + cpu.system };
}

async function run({ child, port }: Contender, connections: number, seconds: number): Promise<Measured> {
  const before = await spent(child);
  const { perSecond, p50, answered } = await closedLoop({ port, requests: REQUESTS, connections, seconds });
  const after = await spent(child);
  const [cpuUs, groups] = [after.cpuUs - before.cpuUs, after.groups - before.groups];
  return { perSecond, p50, cpuUs: cpuUs / answered, eventsPerGroup: answered / groups };
}

/** Measures whether a group of events should wait for more before it is written: a short wait against none, in turns. */
export async function benchGroupCommit(): Promise<Row[]> {
  pinThisProcess(CORES.load);
  const home = mkdtempSync(join(tmpdir(), 'keyward-bench-'));
  const contenders: Contender[] = [];
  try {
    for (const fillMs of WAITS_MS) contenders.push(await start(join(home, `wait-${fillMs}`), fillMs));
    for (const contender of contenders) await run(contender, 16, 1);
    const rows: Row[] = [];
    for (const connections of [1, 16, 64]) {
      const rounds: Measured[][] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const measured: Measured[] = [];
        for (const contender of contenders) measured.push(await run(contender, connections, ROUND_SECONDS));
        rounds.push(measured);
      }
      rows.push(...contenders.map(({ fillMs }, index) => rowOf(connections, fillMs, rounds, index)));
    }
    return rows;
  } finally {
    for (const { child } of contenders) child.disconnect();
    await Promise.all(contenders.map(({ child }) => once(child, 'exit')));
    rmSync(home, { recursive: true, force: true });
  }
}

function rowOf(connections: number, fillMs: number, rounds: readonly Measured[][], index: number): Row {
  const own = rounds.map((round) => round[index] as Measured);
  const ratios = rounds.map((round, at) => (own[at] as Measured).perSecond / (round[0] as Measured).perSecond);
  const of = (member: keyof Measured, digits: number): string =>
    median(own.map((measured) => measured[member])).toFixed(digits);
  return {
    what: `events/s, ${connections} connection${connections === 1 ? '' : 's'}, a group waits ${fillMs} ms / it does not wait`,
    measured: median(ratios).toFixed(2),
    spread: `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`,
    note: `${of('perSecond', 0)}/s, p50 ${of('p50', 2)} ms, ${of('cpuUs', 0)} µs of CPU each, ${of('eventsPerGroup', 1)} events a group; ${describeLoad()}`,
  };
}
