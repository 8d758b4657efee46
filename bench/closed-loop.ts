import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { rawRequest, type PreparedRequest } from './child-process';
import { CORES, hasWrk, pinned } from './cores';
import { RawHttpClient } from './raw-http-client';
import { percentile } from './statistics';

/** Throughput and latencies of a server. Times are in milliseconds. */
export interface Throughput {
  readonly perSecond: number;
  readonly answered: number;
  readonly p50: number;
  readonly p99: number;
}

export interface ClosedLoop {
  readonly port: number;
  /** Sent one after the other, repeatedly. */
  readonly requests: readonly PreparedRequest[];
  readonly connections: number;
  readonly seconds: number;
}

/** Sends as many requests as the connections can, each after the previous reply; every reply must be a 2xx. */
export const closedLoop = (loop: ClosedLoop): Promise<Throughput> => (hasWrk ? byWrk(loop) : byThisProcess(loop));

/** Lua: sends prepared requests in turn, and prints one line of JSON at the end; its times are in microseconds. */
const SCRIPT_END = `
local at = 0
request = function()
  at = at % #requests + 1
  return requests[at]
end
done = function(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('\\nRESULT {"answered":%d,"us":%d,"failed":%d,"p50":%d,"p99":%d}\\n',
    summary.requests, summary.duration, failed, latency:percentile(50), latency:percentile(99)))
end
`;

/** JSON's escapes of the characters of a request are also Lua's. */
const luaText = (bytes: Buffer): string => JSON.stringify(bytes.toString('latin1'));

async function byWrk({ port, requests, connections, seconds }: ClosedLoop): Promise<Throughput> {
  const directory = mkdtempSync(join(tmpdir(), 'keyward-wrk-'));
  try {
    const script = join(directory, 'load.lua');
    const texts = requests.map((request) => luaText(rawRequest(port, request)));
    writeFileSync(script, `local requests = {\n${texts.join(',\n')}\n}\n${SCRIPT_END}`);
    const options = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '30s', '-s', script];
    const [command, ...args] = pinned(CORES.load, ['wrk', ...options, `http://127.0.0.1:${port}`]);
    const { stdout } = await promisify(execFile)(command, args);
    const result = JSON.parse(/^RESULT (.*)$/m.exec(stdout)?.[1] ?? '{}') as Record<string, number>;
    const { answered = 0, us = NaN, failed = NaN, p50 = NaN, p99 = NaN } = result;
    if (failed !== 0) throw new Error(`${failed} of ${answered} requests were not answered with success`);
    return { perSecond: (answered * 1e6) / us, answered, p50: p50 / 1000, p99: p99 / 1000 };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function byThisProcess({ port, requests, connections, seconds }: ClosedLoop): Promise<Throughput> {
  const bytes = requests.map((request) => rawRequest(port, request));
  const clients = await Promise.all(Array.from({ length: connections }, () => RawHttpClient.connect(port)));
  const latencies: number[] = [];
  const startedAt = performance.now();
  const work = async (client: RawHttpClient, first: number): Promise<void> => {
    for (let index = first; performance.now() - startedAt < seconds * 1000; index += 1) {
      const sentAt = performance.now();
      const { status } = await client.send(bytes[index % bytes.length] as Buffer);
      if (status < 200 || status > 299) throw new Error(`a reply of ${status}`);
      latencies.push(performance.now() - sentAt);
    }
  };
  await Promise.all(clients.map(work));
  const took = performance.now() - startedAt;
  for (const client of clients) client.close();
  return {
    perSecond: (latencies.length * 1000) / took,
    answered: latencies.length,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
  };
}
