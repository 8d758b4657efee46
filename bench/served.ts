import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentialsOf, send, sign } from '../test/integration/local/signed-request';
import { cpuMs, rawRequest, startServer } from './child-process';
import type { Row } from './row';
import { RawHttpClient } from './raw-http-client';
import { median, percentile } from './statistics';

const KEY = `sk-example-${'x'.repeat(97)}`;
const TOKENS = 50;
const ROUNDS = 5;
const ROUND_MS = 3000;
const OFFERED_PER_SECOND = 1000;
const OFFERED_SECONDS = Number(process.env['KEYWARD_BENCH_OFFERED_SECONDS'] ?? 60);

interface Server {
  readonly child: ChildProcess;
  readonly port: number;
  readonly requests: readonly Buffer[];
}

const rawPost = (port: number, path: string, headers: Record<string, string>, body: string): Buffer =>
  rawRequest(port, { method: 'POST', path, headers, body });

/** Tokens from the server itself, and one signed decrypt for each. Signatures hold for five minutes, so they are renewed. */
async function decryptRequests(port: number, home: string, tokens: readonly string[]): Promise<Buffer[]> {
  const credentials = credentialsOf(home, 'default');
  const path = '/v1/providers/openai/decrypt';
  return Promise.all(
    tokens.map(async (ciphertext) => {
      const body = JSON.stringify({ ciphertext });
      const headers = await sign(credentials, { method: 'POST', url: `http://127.0.0.1:${port}${path}`, body });
      return rawPost(port, path, headers, body);
    }),
  );
}

async function makeTokens(port: number, home: string): Promise<string[]> {
  const url = `http://127.0.0.1:${port}/v1/providers/openai/encrypt`;
  const body = JSON.stringify({ plaintext: KEY });
  const request = { method: 'POST', url, body };
  const replies = await Promise.all(
    Array.from({ length: TOKENS }, () => send(credentialsOf(home, 'default'), request)),
  );
  return replies.map((reply) => String(reply.body['ciphertext']));
}

/** As many requests as the connections get through in a round; every reply must be 200. */
async function closedLoop(server: Server, connections: number): Promise<{ perSecond: number; latencies: number[] }> {
  const clients = await Promise.all(Array.from({ length: connections }, () => RawHttpClient.connect(server.port)));
  const latencies: number[] = [];
  const startedAt = performance.now();
  const work = async (client: RawHttpClient, first: number): Promise<void> => {
    for (let index = first; performance.now() - startedAt < ROUND_MS; index += 1) {
      const sentAt = performance.now();
      const reply = await client.send(server.requests[index % server.requests.length] ?? Buffer.alloc(0));
      if (reply.status !== 200) throw new Error(`a reply of ${reply.status}`);
      latencies.push(performance.now() - sentAt);
    }
  };
  await Promise.all(clients.map(work));
  const seconds = (performance.now() - startedAt) / 1000;
  for (const client of clients) client.close();
  return { perSecond: latencies.length / seconds, latencies };
}

/** A fixed rate, whether or not earlier replies are there; latency counts from when a request was due. */
async function openLoop(server: Server, seconds: number): Promise<{ latencies: number[]; bad: number }> {
  const idle = await Promise.all(Array.from({ length: 64 }, () => RawHttpClient.connect(server.port)));
  const all = [...idle];
  const latencies: number[] = [];
  let bad = 0;
  const startedAt = performance.now();
  const pending: Promise<void>[] = [];
  const total = OFFERED_PER_SECOND * seconds;
  const sendOne = async (dueAt: number, request: Buffer): Promise<void> => {
    const client = idle.pop() ?? (await RawHttpClient.connect(server.port));
    const reply = await client.send(request);
    if (reply.status !== 200) bad += 1;
    latencies.push(performance.now() - dueAt);
    idle.push(client);
  };
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1000) * OFFERED_PER_SECOND));
    for (; sent < due; sent += 1) {
      const request = server.requests[sent % server.requests.length] ?? Buffer.alloc(0);
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

/** The served API with a durable audit event for each reply, against a bare `node:http` JSON server, in one run. */
export async function benchServed(): Promise<Row[]> {
  const parent = mkdtempSync(join(tmpdir(), 'keyward-bench-'));
  const home = join(parent, 'data');
  const keyward = await startServer('keyward', home);
  const bare = await startServer('bare', '');
  try {
    const tokens = await makeTokens(keyward.port, home);
    const body = JSON.stringify({ ciphertext: tokens[0] });
    const peer: Server = {
      ...bare,
      requests: [rawPost(bare.port, '/', { 'content-type': 'application/json' }, body)],
    };
    const renewed = async (): Promise<Server> => ({
      ...keyward,
      requests: await decryptRequests(keyward.port, home, tokens),
    });
    await closedLoop(await renewed(), 16);
    await closedLoop(peer, 16);
    const rows: Row[] = [];
    for (const [connections, target] of [
      [16, 0.2],
      [64, 0.3],
    ] as const) {
      const ratios: number[] = [];
      const rates: number[] = [];
      const latencies: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const ours = await closedLoop(await renewed(), connections);
        const theirs = await closedLoop(peer, connections);
        ratios.push(ours.perSecond / theirs.perSecond);
        rates.push(ours.perSecond);
        latencies.push(...ours.latencies);
      }
      rows.push({
        what: `decrypt/s, durable audit, ${connections} connections / bare node:http`,
        measured: format(median(ratios)),
        spread: `${format(Math.min(...ratios))}–${format(Math.max(...ratios))}`,
        target: `≥ ${target}`,
        reached: median(ratios) >= target,
        note: `${format(median(rates), 0)}/s, p50 ${format(percentile(latencies, 0.5))} ms, p99 ${format(percentile(latencies, 0.99))} ms`,
      });
    }
    const before = { cpu: await cpuMs(keyward.child), cache: await readCacheCounts(keyward.port, home) };
    const offered = await openLoop(await renewed(), OFFERED_SECONDS);
    const busy = ((await cpuMs(keyward.child)) - before.cpu) / (OFFERED_SECONDS * 1000);
    const after = await readCacheCounts(keyward.port, home);
    const hits = after.hits - before.cache.hits;
    const misses = after.misses - before.cache.misses;
    rows.push(
      {
        what: `${OFFERED_PER_SECOND} decrypt/s offered for ${OFFERED_SECONDS} s: not answered with 200`,
        measured: String(offered.bad),
        spread: `of ${offered.latencies.length}`,
        target: '0',
        reached: offered.bad === 0,
        note: `p50 ${format(percentile(offered.latencies, 0.5))} ms, p99 ${format(percentile(offered.latencies, 0.99))} ms, ${format(busy * 100, 0)} % of a core, embedded DynamoDB included`,
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
    keyward.child.disconnect();
    bare.child.disconnect();
    await Promise.all([once(keyward.child, 'exit'), once(bare.child, 'exit')]);
    rmSync(parent, { recursive: true, force: true });
  }
}
