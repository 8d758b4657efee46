import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentialsOf, send } from '../test/integration/local/signed-request';
import { decryptRequests, makeTokens } from './audited-decrypts';
import { cpuMs, endServer, rawRequest, startServer, type PreparedRequest, type StartedServer } from './child-process';
import { closedLoop } from './closed-loop';
import { CORES, describeLoad, pinThisProcess } from './cores';
import type { Row } from './row';
import { RawHttpClient } from './raw-http-client';
import { median, percentile } from './statistics';

const ROUNDS = 5;
const ROUND_SECONDS = 3;
const OFFERED_PER_SECOND = 1000;
const OFFERED_SECONDS = Number(process.env['KEYWARD_BENCH_OFFERED_SECONDS'] ?? 60);

/** Sends at a fixed rate, even if earlier replies are missing; latency counts from a request's due time. */
async function openLoop(
  port: number,
  prepared: readonly PreparedRequest[],
  seconds: number,
): Promise<{ latencies: number[]; bad: number }> {
  const requests = prepared.map((request) => rawRequest(port, request));
  const idle = await Promise.all(Array.from({ length: 64 }, () => RawHttpClient.connect(port)));
  const all = [...idle];
  const latencies: number[] = [];
  let bad = 0;
  const startedAt = performance.now();
  const pending: Promise<void>[] = [];
  const total = OFFERED_PER_SECOND * seconds;
  const sendOne = async (dueAt: number, request: Buffer): Promise<void> => {
    const client = idle.pop() ?? (await RawHttpClient.connect(port));
    const reply = await client.send(request);
    if (reply.status !== 200) bad += 1;
    latencies.push(performance.now() - dueAt);
    idle.push(client);
  };
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1000) * OFFERED_PER_SECOND));
    for (; sent < due; sent += 1) {
      const request = requests[sent % requests.length] ?? Buffer.alloc(0);
      pending.push(sendOne(startedAt + (sent / OFFERED_PER_SECOND) * 1000, request));
    }
    await new Promise((resolveSoon) => setTimeout(resolveSoon, 1));
  }
  await Promise.all(pending);
  for (const client of [...all, ...idle]) client.close();
  return { latencies, bad };
}

const format = (value: number, digits = 2): string => value.toFixed(digits);

async function readCacheCounts(port: number, home: string): Promise<{ hits: number; misses: number }> {
  const url = `http://127.0.0.1:${port}/readyz`;
  const reply = await send(credentialsOf(home, 'default'), { method: 'GET', url });
  return reply.body['dek_cache'] as { hits: number; misses: number };
}

/** Measures the served API with a durable audit event per reply, against a bare `node:http` JSON server, in one run. */
export async function benchServed(): Promise<Row[]> {
  pinThisProcess(CORES.load);
  const parent = mkdtempSync(join(tmpdir(), 'keyward-bench-'));
  const home = join(parent, 'data');
  const keyward = await startServer('keyward', home);
  const bare = await startServer('bare', '');
  try {
    const tokens = await makeTokens(keyward.port, home);
    const body = JSON.stringify({ ciphertext: tokens[0] });
    const peer = [{ method: 'POST', path: '/', headers: { 'content-type': 'application/json' }, body }];
    const signed = (): Promise<PreparedRequest[]> => decryptRequests(keyward.port, home, tokens);
    const run = async ({ child, port }: StartedServer, requests: readonly PreparedRequest[], connections: number) => {
      const before = await cpuMs(child);
      const result = await closedLoop({ port, requests, connections, seconds: ROUND_SECONDS });
      return { ...result, cpuUs: (((await cpuMs(child)) - before) * 1000) / result.answered };
    };
    const ours = async (connections: number) => run(keyward, await signed(), connections);
    const theirs = (connections: number) => run(bare, peer, connections);
    await ours(16);
    await theirs(16);
    const rows: Row[] = [];
    for (const [connections, target] of [[1], [16], [64, 0.2]] as const) {
      const rounds: { readonly of: Awaited<ReturnType<typeof run>>; readonly bare: Awaited<ReturnType<typeof run>> }[] =
        [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const of = await ours(connections);
        rounds.push({ of, bare: await theirs(connections) });
      }
      const ratios = rounds.map((round) => round.of.perSecond / round.bare.perSecond);
      const show = (who: 'of' | 'bare'): string => {
        const middle = (member: 'perSecond' | 'p50' | 'p99' | 'cpuUs'): number =>
          median(rounds.map((round) => round[who][member]));
        return `${format(middle('perSecond'), 0)}/s, p50 ${format(middle('p50'))} ms, p99 ${format(middle('p99'))} ms, ${format(middle('cpuUs'), 0)} µs of CPU each`;
      };
      rows.push({
        what: `decrypt/s, durable audit, ${connections} connections / bare node:http`,
        measured: format(median(ratios)),
        spread: `${format(Math.min(...ratios))}–${format(Math.max(...ratios))}`,
        ...(target !== undefined && { target: `≥ ${target}`, reached: median(ratios) >= target }),
        note: `${show('of')}; bare ${show('bare')}; ${describeLoad()}`,
      });
    }
    const before = { cpu: await cpuMs(keyward.child), cache: await readCacheCounts(keyward.port, home) };
    const offered = await openLoop(keyward.port, await signed(), OFFERED_SECONDS);
    const busy = ((await cpuMs(keyward.child)) - before.cpu) / (OFFERED_SECONDS * 1000);
    const after = await readCacheCounts(keyward.port, home);
    const hits = after.hits - before.cache.hits;
    const misses = after.misses - before.cache.misses;
    const p99 = percentile(offered.latencies, 0.99);
    const what = `${OFFERED_PER_SECOND} decrypt/s offered for ${OFFERED_SECONDS} s:`;
    rows.push(
      {
        what: `${what} not answered with 200`,
        measured: String(offered.bad),
        spread: `of ${offered.latencies.length}`,
        target: '0',
        reached: offered.bad === 0,
      },
      {
        what: `${what} processor time, all threads`,
        measured: `${format(busy * 100, 0)} % of a core`,
        spread: 'of one run',
        target: '≤ 45 %',
        reached: busy <= 0.45,
      },
      {
        what: `${what} p99, from when a request was due`,
        measured: `${format(p99)} ms`,
        spread: `p50 ${format(percentile(offered.latencies, 0.5))} ms`,
        target: '≤ 15 ms',
        reached: p99 <= 15,
      },
      {
        what: 'DEK cache hit rate in that run',
        measured: `${format((hits / (hits + misses)) * 100)} %`,
        spread: `${hits} hits, ${misses} misses`,
        target: '≥ 99 %',
        reached: hits / (hits + misses) >= 0.99,
      },
    );
    return rows;
  } finally {
    await Promise.all([keyward, bare].map(endServer));
    rmSync(parent, { recursive: true, force: true });
  }
}
