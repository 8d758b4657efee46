import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENVIRONMENT } from '../lambdas/core/contract/environment';
import { MAX_CREDENTIALS_PAGE } from '../lambdas/core/contract/limits';
import { credentialsOf, send as sendSigned, sign } from '../test/integration/local/signed-request';
import { cpuMs, endServer, rawRequest, startServer, type StartedServer } from './child-process';
import { RawHttpClient } from './raw-http-client';
import type { Row } from './row';
import { median, percentile } from './statistics';

const ROUNDS = 7;
const CONNECTIONS = 8;
const PUTS_PER_ROUND = 480;
const PAGES_PER_ROUND = 80;
const CREDENTIALS = '/v1/providers/openai/credentials';
/** Metadata as a caller may send it with a key: with metadata in the request, the stored value is not opened for another reason. */
const METADATA = { base_url: 'https://api.example.com/v1', team: 'search', owner: 'bench@example.com' };
const NAMES = Array.from({ length: MAX_CREDENTIALS_PAGE }, (_, index) => `key-${String(index).padStart(3, '0')}`);

/** Local mode, with the number of days that a value is kept. */
interface Keeping extends StartedServer {
  readonly home: string;
}

interface Wanted {
  readonly method: 'GET' | 'PUT';
  readonly path: string;
  readonly body: string;
}

/** Sends requests one after the other on each connection: no two connections write the same name. */
async function send(server: Keeping, perConnection: readonly (readonly Wanted[])[]): Promise<Measured> {
  const credentials = credentialsOf(server.home, 'default');
  const signed = await Promise.all(
    perConnection.map((wanted) =>
      Promise.all(
        wanted.map(async ({ method, path, body }) => {
          const url = `http://127.0.0.1:${server.port}${path}`;
          const headers = await sign(credentials, { method, url, ...(body !== '' && { body }) });
          return rawRequest(server.port, { method, path, headers, body });
        }),
      ),
    ),
  );
  const clients = await Promise.all(signed.map(() => RawHttpClient.connect(server.port)));
  const latencies: number[] = [];
  const before = await cpuMs(server.child);
  await Promise.all(
    signed.map(async (requests, index) => {
      for (const request of requests) {
        const sentAt = performance.now();
        const { status } = await (clients[index] as RawHttpClient).send(request);
        if (status >= 300) throw new Error(`a reply of ${status}`);
        latencies.push(performance.now() - sentAt);
      }
    }),
  );
  const cpu = (await cpuMs(server.child)) - before;
  for (const client of clients) client.close();
  return { cpuMs: cpu / latencies.length, latencyMs: median(latencies) };
}

/** Per request: processor time of the whole process, embedded DynamoDB included, and median latency. */
interface Measured {
  readonly cpuMs: number;
  readonly latencyMs: number;
}

const putOf = (name: string, apiKey: string): Wanted => ({
  method: 'PUT',
  path: `${CREDENTIALS}/${name}`,
  body: JSON.stringify({ api_key: apiKey, metadata: METADATA }),
});

const keyOf = (round: number, index: number): string => `sk-example-${round}-${index}-`.padEnd(108, 'x');

/** Every PUT replaces a key with another. */
const puts = (round: number): Wanted[][] =>
  Array.from({ length: CONNECTIONS }, (_, connection) =>
    Array.from({ length: PUTS_PER_ROUND / CONNECTIONS }, (__, index) =>
      putOf(NAMES[connection * 10 + (index % 10)] as string, keyOf(round, index)),
    ),
  );

const page: Wanted = { method: 'GET', path: `${CREDENTIALS}?limit=${MAX_CREDENTIALS_PAGE}`, body: '' };
const pages = (): Wanted[][] =>
  Array.from({ length: 4 }, () => Array.from({ length: PAGES_PER_ROUND / 4 }, () => page));

const all = (round: number): Wanted[][] => [NAMES.map((name, index) => putOf(name, keyOf(round, index)))];

interface Ratios {
  readonly cpu: number[];
  readonly latency: number[];
  readonly ours: Measured[];
  readonly theirs: Measured[];
}

/** Runs both in turns, with the first one alternating: a busy machine is busy for both. */
async function compare(
  ours: Keeping,
  theirs: Keeping,
  work: (round: number) => readonly (readonly Wanted[])[],
): Promise<Ratios> {
  const ratios: Ratios = { cpu: [], latency: [], ours: [], theirs: [] };
  for (let round = -1; round < ROUNDS; round += 1) {
    const [first, second] = round % 2 === 0 ? [ours, theirs] : [theirs, ours];
    const measured = new Map<Keeping, Measured>();
    measured.set(first, await send(first, work(round)));
    measured.set(second, await send(second, work(round)));
    // The first round warms both up.
    if (round < 0) continue;
    const [of, peer] = [measured.get(ours) as Measured, measured.get(theirs) as Measured];
    ratios.ours.push(of);
    ratios.theirs.push(peer);
    ratios.cpu.push(of.cpuMs / peer.cpuMs);
    ratios.latency.push(of.latencyMs / peer.latencyMs);
  }
  return ratios;
}

const format = (value: number): string => value.toFixed(2);

function rowsOf(what: string, target: number, { cpu, latency, ours, theirs }: Ratios): Row[] {
  const of = (name: 'cpuMs' | 'latencyMs', unit: string): string =>
    `${format(median(ours.map((each) => each[name])))} and ${format(median(theirs.map((each) => each[name])))} ms ${unit}`;
  const row = (kind: string, ratios: readonly number[], note: string): Row => ({
    what: `${what}, ${kind}`,
    measured: format(median(ratios)),
    spread: `${format(percentile(ratios, 0.1))}–${format(percentile(ratios, 0.9))}`,
    target: `≤ ${target}`,
    reached: median(ratios) <= target,
    note,
  });
  return [
    row('processor time', cpu, of('cpuMs', 'of all threads')),
    row('latency', latency, of('latencyMs', 'median')),
  ];
}

/** Checks the premise of the comparison: all names of the one server have a previous value, none of the other. */
async function checkKept([keeping, none]: readonly [Keeping, Keeping]): Promise<void> {
  const counts = await Promise.all(
    [keeping, none].map(async ({ home, port }) => {
      const request = { method: page.method, url: `http://127.0.0.1:${port}${page.path}` };
      const { body } = await sendSigned(credentialsOf(home, 'default'), request);
      return (body['credentials'] as readonly object[]).filter((each) => 'previous' in each).length;
    }),
  );
  if (counts.join() !== `${MAX_CREDENTIALS_PAGE},0`)
    throw new Error(`${counts.join(' and ')} previous values were kept`);
}

/**
 * Measures the cost of previous values in local mode: a PUT that keeps the replaced value against one that keeps none, as before
 * previous values existed, and a page of credentials with previous values against one without.
 */
export async function benchPreviousValues(): Promise<Row[]> {
  const parent = mkdtempSync(join(tmpdir(), 'keyward-bench-'));
  const start = async (name: string, days: number): Promise<Keeping> => {
    const home = join(parent, name);
    return { home, ...(await startServer('keyward', home, { [ENVIRONMENT.previousValueDays]: String(days) })) };
  };
  const keeping = await start('keeping', 30);
  const none = await start('none', 0);
  try {
    for (const server of [keeping, none]) for (const round of [-3, -2]) await send(server, all(round));
    const put = await compare(keeping, none, puts);
    const list = await compare(keeping, none, pages);
    await checkKept([keeping, none]);
    return [
      ...rowsOf('PUT that keeps the value before / PUT that keeps none', 1.15, put),
      ...rowsOf(`page of ${MAX_CREDENTIALS_PAGE} with previous values / without`, 1.05, list),
    ];
  } finally {
    await Promise.all([keeping, none].map(endServer));
    rmSync(parent, { recursive: true, force: true });
  }
}
