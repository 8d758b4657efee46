import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decryptRequests, makeTokens } from './audited-decrypts';
import { cpuMs, endServer, startServer } from './child-process';
import { closedLoop, type Throughput } from './closed-loop';
import { CORES, describeLoad, pinThisProcess } from './cores';
import type { Row } from './row';
import { median } from './statistics';
import { measureSyncs } from './sync-times';
import { startVault } from './vault-server';

const ROUNDS = 5;
const ROUND_SECONDS = 3;
/** Exists on Linux; elsewhere the directories meant for memory are on disk, which the table says. */
const MEMORY = '/dev/shm';

interface Case {
  readonly where: 'memory' | 'disk';
  readonly connections: number;
  readonly target?: number;
}

const CASES: readonly Case[] = [
  { where: 'memory', connections: 1 },
  { where: 'memory', connections: 16, target: 2 },
  { where: 'memory', connections: 64, target: 2.5 },
  { where: 'disk', connections: 16 },
  { where: 'disk', connections: 64, target: 1.5 },
];

interface Contender {
  run(connections: number, seconds: number): Promise<Throughput & { readonly cpuUs: number | undefined }>;
}

/** Measures audited decrypts against those of the Vault of `VAULT_BINARY`, whose audit device writes a file and does not sync it. */
export async function benchVault(): Promise<Row[]> {
  const binary = process.env['VAULT_BINARY'];
  if (binary === undefined || binary === '') {
    return [{ what: 'audited decrypts/s / Vault', measured: 'SKIPPED', spread: 'VAULT_BINARY names no program' }];
  }
  pinThisProcess(CORES.load);
  const rows: Row[] = [];
  for (const where of ['memory', 'disk'] as const) {
    const parent = mkdtempSync(join(where === 'memory' && existsSync(MEMORY) ? MEMORY : tmpdir(), 'keyward-bench-'));
    try {
      rows.push(...(await benchIn(binary, parent, where)));
    } finally {
      rmSync(parent, { recursive: true, force: true });
    }
  }
  return rows;
}

async function benchIn(binary: string, parent: string, where: Case['where']): Promise<Row[]> {
  const home = join(parent, 'data');
  const keyward = await startServer('keyward', home);
  const vault = await startVault(binary, join(parent, 'audit.log'));
  try {
    const tokens = await makeTokens(keyward.port, home);
    const ours: Contender = {
      run: async (connections, seconds) => {
        const requests = await decryptRequests(keyward.port, home, tokens);
        const before = await cpuMs(keyward.child);
        const result = await closedLoop({ port: keyward.port, requests, connections, seconds });
        return { ...result, cpuUs: (((await cpuMs(keyward.child)) - before) * 1000) / result.answered };
      },
    };
    const theirs: Contender = {
      run: async (connections, seconds) => {
        const before = vault.cpuMs();
        const result = await closedLoop({ port: vault.port, requests: vault.requests, connections, seconds });
        const after = vault.cpuMs();
        const isKnown = before !== undefined && after !== undefined;
        return { ...result, cpuUs: isKnown ? ((after - before) * 1000) / result.answered : undefined };
      },
    };
    for (const contender of [ours, theirs]) await contender.run(16, ROUND_SECONDS);
    const rows: Row[] = [];
    for (const each of CASES) {
      if (each.where === where) rows.push(await compare(each, ours, theirs));
    }
    if (where === 'disk') rows.push(measureSyncs(parent));
    return rows;
  } finally {
    await Promise.all([endServer(keyward), vault.end()]);
  }
}

const format = (value: number, digits = 2): string => value.toFixed(digits);

async function compare({ where, connections, target }: Case, ours: Contender, theirs: Contender): Promise<Row> {
  const rounds: {
    readonly of: Awaited<ReturnType<Contender['run']>>;
    readonly peer: Awaited<ReturnType<Contender['run']>>;
  }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const of = await ours.run(connections, ROUND_SECONDS);
    rounds.push({ of, peer: await theirs.run(connections, ROUND_SECONDS) });
  }
  const ratios = rounds.map(({ of, peer }) => of.perSecond / peer.perSecond);
  const show = (who: 'of' | 'peer'): string => {
    const all = rounds.map((round) => round[who]);
    const cpu = median(all.map(({ cpuUs }) => cpuUs ?? NaN));
    const rate = format(median(all.map(({ perSecond }) => perSecond)), 0);
    return `${rate}/s, p50 ${format(median(all.map(({ p50 }) => p50)))} ms, p99 ${format(median(all.map(({ p99 }) => p99)))} ms, ${format(cpu, 0)} µs of CPU each`;
  };
  return {
    what: `audited decrypts/s / Vault's, ${connections} connection${connections === 1 ? '' : 's'}, data in ${where === 'memory' ? 'memory' : 'files on a disk'}`,
    measured: format(median(ratios)),
    spread: `${format(Math.min(...ratios))}–${format(Math.max(...ratios))}`,
    ...(target !== undefined && { target: `≥ ${target}`, reached: median(ratios) >= target }),
    note: `${show('of')}; Vault ${show('peer')}; ${describeLoad()}`,
  };
}
