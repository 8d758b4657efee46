import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentialsOf, send } from '../test/integration/local/signed-request';
import type { AuditPage, AuditQuery } from '../lambdas/core/audit/ports/audit-log';
import type { JournalView } from '../local/journal/journal-view';
import { SearchingThread } from '../local/journal/searching-thread';
import { AUDIT_DIRECTORY } from '../local/local-names';
import { decryptRequests, makeTokens } from './audited-decrypts';
import { endServer, startServer } from './child-process';
import { closedLoop } from './closed-loop';
import { CORES, describeLoad, pinThisProcess } from './cores';
import { fillJournal } from './fill-journal';
import type { Row } from './row';
import { median, percentile } from './statistics';

const EVENTS = Number(process.env['KEYWARD_BENCH_EVENTS'] ?? 1_000_000);
const SPAN_MS = 6 * 3_600_000;
const SEARCHES = 15;
const MEMORY_ROUNDS = 5;
const QUERIES_A_ROUND = 1_000;
const ROUNDS = 4;
const SECONDS = 4;
const CONNECTIONS = 16;
const MIB = 1_048_576;

/**
 * Measures a search of the local audit journal: its time, the memory that it keeps, and its effect on concurrent decrypts. Takes
 * two minutes.
 */
export async function benchAuditJournal(): Promise<Row[]> {
  const parent = mkdtempSync(join(tmpdir(), 'keyward-bench-'));
  try {
    const home = join(parent, 'home');
    await endServer(await startServer('keyward', home));
    const directory = join(home, AUDIT_DIRECTORY);
    // The generated segments below begin a new journal.
    for (const name of readdirSync(directory)) if (name.endsWith('.jsonl')) rmSync(join(directory, name));
    const endsAt = Date.now();
    const end = fillJournal(directory, EVENTS, endsAt, SPAN_MS);
    const rows = await benchSearches(directory, { end, hasTakenOver: true }, endsAt);
    return [...rows, await benchDecryptsMeanwhile(home)];
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}

const NOTHING: Readonly<Record<string, Partial<AuditQuery>>> = {
  'a request': { request_id: 'f'.repeat(32) },
  'a provider': { provider: 'nobody' },
  'a principal': { user_prefix: 'arn:aws:sts::000000000000:assumed-role/nobody/' },
  'a credential': { credential: 'nobody' },
  'refusals of a provider': { provider: 'provider-3', success: false },
  'a type among decrypts': { operation: 'decrypt', event_type: 'rewrap' },
};

async function benchSearches(directory: string, view: JournalView, endsAt: number): Promise<Row[]> {
  const period = {
    from: new Date(endsAt - 2 * SPAN_MS).toISOString(),
    to: new Date(endsAt).toISOString(),
    limit: 50,
  };
  const thread = new SearchingThread(directory, () => undefined);
  const query = (change: Partial<AuditQuery> = {}) =>
    thread.search(view, { kind: 'query', query: { ...period, ...change } }) as Promise<AuditPage>;
  /** Reads all pages, like a user who continues a search. */
  const searchThrough = async (change: Partial<AuditQuery>): Promise<void> => {
    let page = await query(change);
    while (page.next !== undefined) page = await query({ ...change, before: page.next });
  };
  try {
    const startedAt = performance.now();
    await query();
    const first = performance.now() - startedAt;
    const newest = await timed(SEARCHES, () => query());
    const rows: Row[] = [
      {
        what: `newest 50 of all providers of ${EVENTS} events`,
        ...inMs(newest),
        target: '≤ 50 ms',
        reached: median(newest) <= 50,
        note: `the first one, in a journal that no process has looked at before: ${first.toFixed(0)} ms`,
      },
    ];
    for (const [what, filter] of Object.entries(NOTHING)) {
      const taken = await timed(5, () => searchThrough(filter));
      rows.push({
        what: `search for ${what} that is not there`,
        ...inMs(taken),
        target: '≤ 2 s',
        reached: median(taken) <= 2_000,
      });
    }
    return [...rows, await benchMemory(query)];
  } finally {
    await thread.close();
  }
}

async function benchMemory(query: (change: Partial<AuditQuery>) => Promise<AuditPage>): Promise<Row> {
  const resident: number[] = [];
  for (let round = 0; round < MEMORY_ROUNDS; round += 1) {
    for (let made = 0; made < QUERIES_A_ROUND; made += 1) {
      await query(made % 10 === 0 ? { provider: `provider-${made % 8}`, limit: 200 } : { limit: 50 });
    }
    resident.push(process.memoryUsage().rss);
  }
  const [, second = NaN] = resident;
  const ratio = (resident.at(-1) ?? NaN) / second;
  return {
    what: `memory after round ${MEMORY_ROUNDS} / after round 2 of ${QUERIES_A_ROUND} queries`,
    measured: ratio.toFixed(3),
    spread: resident.map((bytes) => `${(bytes / MIB).toFixed(0)} MiB`).join(', '),
    target: '≤ 1.05',
    reached: ratio <= 1.05,
    note: 'resident, of the whole process',
  };
}

/** Measures decrypts with and without a continuous search of the journal, in turns. */
async function benchDecryptsMeanwhile(home: string): Promise<Row> {
  const server = await startServer('keyward', home);
  pinThisProcess(CORES.load);
  const { port } = server;
  try {
    const tokens = await makeTokens(port, home);
    const alone: number[] = [];
    const meanwhile: number[] = [];
    let searches = 0;
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const samples of [alone, meanwhile]) {
        const requests = await decryptRequests(port, home, tokens);
        let isOver = false;
        const search = async (): Promise<void> => {
          while (!isOver) {
            const url = `http://127.0.0.1:${port}/v1/audit/events?request_id=${'f'.repeat(32)}`;
            const reply = await send(credentialsOf(home, 'default'), { method: 'GET', url });
            if (reply.status !== 200) throw new Error(`a search was answered with ${reply.status}`);
            searches += 1;
          }
        };
        const searching = samples === meanwhile ? search() : Promise.resolve();
        const { p99 } = await closedLoop({ port, requests, connections: CONNECTIONS, seconds: SECONDS });
        isOver = true;
        await searching;
        // The first round warms up.
        if (round > 0) samples.push(p99);
      }
    }
    const ratio = median(meanwhile) / median(alone);
    return {
      what: `decrypt p99 at ${CONNECTIONS} connections while searches of ${EVENTS} events follow each other / without`,
      measured: ratio.toFixed(2),
      spread: `${inMs(alone).measured} → ${inMs(meanwhile).measured}, ${searches} searches`,
      note: describeLoad(),
    };
  } finally {
    await endServer(server);
  }
}

async function timed(times: number, search: () => Promise<unknown>): Promise<number[]> {
  const taken: number[] = [];
  for (let made = 0; made < times; made += 1) {
    const startedAt = performance.now();
    await search();
    taken.push(performance.now() - startedAt);
  }
  return taken;
}

const inMs = (samples: readonly number[]) => ({
  measured: `${median(samples).toFixed(1)} ms`,
  spread: `${percentile(samples, 0.1).toFixed(1)}–${percentile(samples, 0.9).toFixed(1)} ms`,
});
