import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MAX_CREDENTIALS_PAGE } from '../lambdas/core/contract/limits';
import { credentialsOf, send, sign } from '../test/integration/local/signed-request';
import { cpuMs, endServer, rawRequest, startServer, type StartedServer } from './child-process';
import { fillDataDirectory, nameOf } from './fill-data-directory';
import { RawHttpClient } from './raw-http-client';
import type { Row } from './row';
import { median, percentile } from './statistics';

const CREDENTIALS = Number(process.env['KEYWARD_BENCH_CREDENTIALS'] ?? 100_000);
const STARTS = 7;
const PAGE_ROUNDS = 7;
const PAGES_PER_ROUND = 10;
const MEMORY_ROUNDS = 5;
const REQUESTS_PER_ROUND = Number(process.env['KEYWARD_BENCH_REQUESTS'] ?? 1_000);
const CONNECTIONS = 8;

const PAGE_TARGET_MS = 60;
const START_TARGET_MS = 2_000;
const MEMORY_TARGET = 1.05;

const LIST = `/v1/providers/openai/credentials?limit=${MAX_CREDENTIALS_PAGE}`;
const AUDIT = '/v1/audit/events?provider=openai&limit=50';

interface Server extends StartedServer {
  readonly home: string;
}

/**
 * Measures local mode with many credentials in its embedded store: the time of a start, the time of pages at several positions,
 * and whether memory grows with queries. A third of the credentials have a previous value, and one in twenty is deleted.
 */
export async function benchManyCredentials(): Promise<Row[]> {
  const parent = mkdtempSync(join(tmpdir(), 'keyward-bench-'));
  const home = join(parent, 'data');
  try {
    await fillDataDirectory(home, CREDENTIALS);
    const starts: number[] = [];
    for (let round = 0; round < STARTS; round += 1) {
      const startedAt = performance.now();
      const server = await startServer('keyward', home);
      starts.push(performance.now() - startedAt);
      await endServer(server);
    }
    const server: Server = { home, ...(await startServer('keyward', home)) };
    try {
      return [startRow(starts), ...(await pageRows(server)), await memoryRow(server)];
    } finally {
      await endServer(server);
    }
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}

const spreadOf = (samples: readonly number[], digits = 0): string =>
  `${percentile(samples, 0.1).toFixed(digits)}–${percentile(samples, 0.9).toFixed(digits)}`;

const startRow = (starts: readonly number[]): Row => ({
  what: `start with ${CREDENTIALS} credentials, from the process to the first reply`,
  measured: `${median(starts).toFixed(0)} ms`,
  spread: spreadOf(starts),
  target: `≤ ${START_TARGET_MS} ms`,
  reached: median(starts) <= START_TARGET_MS,
});

async function pageRows(server: Server): Promise<Row[]> {
  const middle = Buffer.from(JSON.stringify({ after: nameOf(CREDENTIALS / 2) })).toString('base64url');
  const pages = new Map([
    ['first', LIST],
    ['middle', `${LIST}&cursor=${middle}`],
    ['consistent', `${LIST}&consistent=true`],
    ['deleted', `${LIST}&deleted=true`],
  ]);
  for (const [name, path] of pages) await checkPage(server, name, path);
  const times = new Map([...pages.keys()].map((name) => [name, [] as number[]]));
  const cpu = new Map([...pages.keys()].map((name) => [name, [] as number[]]));
  const client = await RawHttpClient.connect(server.port);
  for (let round = -1; round < PAGE_ROUNDS; round += 1) {
    for (const [name, path] of pages) {
      const request = await signed(server, path);
      const before = await cpuMs(server.child);
      for (let index = 0; index < PAGES_PER_ROUND; index += 1) {
        const sentAt = performance.now();
        const { status } = await client.send(request);
        if (status !== 200) throw new Error(`a reply of ${status}`);
        // The first round warms up.
        if (round >= 0) times.get(name)?.push(performance.now() - sentAt);
      }
      if (round >= 0) cpu.get(name)?.push(((await cpuMs(server.child)) - before) / PAGES_PER_ROUND);
    }
  }
  client.close();
  return [...pages.keys()].map((name): Row => {
    const samples = times.get(name) ?? [];
    return {
      what: `page of ${MAX_CREDENTIALS_PAGE} of ${CREDENTIALS} credentials, ${name}`,
      measured: `${median(samples).toFixed(0)} ms`,
      spread: spreadOf(samples),
      target: `≤ ${PAGE_TARGET_MS} ms`,
      reached: median(samples) <= PAGE_TARGET_MS,
      note: `${median(cpu.get(name) ?? []).toFixed(0)} ms of processor time`,
    };
  });
}

async function checkPage({ home, port }: Server, name: string, path: string): Promise<void> {
  const { body } = await send(credentialsOf(home, 'default'), {
    method: 'GET',
    url: `http://127.0.0.1:${port}${path}`,
  });
  const found = (body['deleted'] ?? body['credentials']) as readonly unknown[];
  if (found.length !== MAX_CREDENTIALS_PAGE) throw new Error(`the page ${name} has ${found.length} credentials`);
}

async function signed({ home, port }: Server, path: string): Promise<Buffer> {
  const headers = await sign(credentialsOf(home, 'default'), { method: 'GET', url: `http://127.0.0.1:${port}${path}` });
  return rawRequest(port, { method: 'GET', path, headers, body: '' });
}

/** Uses the lowest of several readings, because neither thread's collector can be called from outside. */
async function memoryRow(server: Server): Promise<Row> {
  const rounds: number[] = [];
  for (let round = 1; round <= MEMORY_ROUNDS; round += 1) {
    const looks: number[] = [];
    for (const path of [AUDIT, LIST]) await requestMany(server, path, () => looks.push(anonymousBytes(server)));
    rounds.push(Math.min(...looks.slice(looks.length / 2)));
  }
  const ratio = (rounds[4] ?? NaN) / (rounds[1] ?? NaN);
  return {
    what: `memory after round 5 / after round 2 of ${REQUESTS_PER_ROUND} audit queries and ${REQUESTS_PER_ROUND} lists`,
    measured: ratio.toFixed(2),
    spread: rounds.map((bytes) => (bytes / 1024 ** 2).toFixed(0)).join(' → '),
    target: `≤ ${MEMORY_TARGET}`,
    reached: ratio <= MEMORY_TARGET,
    note: 'MiB that no file is behind',
  };
}

const LOOKS = 20;

async function requestMany(server: Server, path: string, look: () => void): Promise<void> {
  const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => RawHttpClient.connect(server.port)));
  const request = await signed(server, path);
  let sent = 0;
  await Promise.all(
    clients.map(async (client) => {
      while (sent < REQUESTS_PER_ROUND) {
        sent += 1;
        if (sent % (REQUESTS_PER_ROUND / LOOKS) === 0) look();
        const { status } = await client.send(request);
        if (status !== 200) throw new Error(`a reply of ${status}`);
      }
    }),
  );
  for (const client of clients) client.close();
}

/** Linux also counts pages of LevelDB's mapped tables as resident, and frees them when memory is needed. */
function anonymousBytes({ child }: Server): number {
  const [, kibibytes] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${String(child.pid)}/status`, 'utf8')) ?? [];
  return Number(kibibytes) * 1024;
}
