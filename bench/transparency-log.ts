import { hash } from 'node:crypto';
import { eventEntry } from '../lambdas/core/transparency/log-entry';
import { TILE_WIDTH } from '../lambdas/core/transparency/log-tile';
import { leafHash, perfectRoot } from '../lambdas/core/transparency/merkle-hash';
import { EMPTY_EDGE, type RightEdge } from '../lambdas/core/transparency/right-edge';
import { createTreeAppender } from '../lambdas/core/transparency/tree-appender';
import { publishHour } from './publish-hour';
import type { Row } from './row';
import { median, percentile } from './statistics';

/** An hour of 1,000 events a second. */
const EVENTS = Number(process.env['KEYWARD_BENCH_EVENTS'] ?? 3_600_000);
const LONG_LOG = 100_000_000;
const ROUNDS = 3;
/** Entries that the publisher has in memory at once. */
const BATCH = 10_000;

const CPU_TARGET_S = 60;
const HEAP_TARGET_MIB = 256;
const LENGTH_TARGET = 1.1;

/** Like those of an hour in form and length; the ids differ. */
function* batches(): Generator<Buffer[]> {
  const line = Buffer.from('{}');
  const entry = eventEntry('0'.repeat(32), Buffer.alloc(32, 1), line);
  for (let at = 0; at < EVENTS; at += BATCH) {
    yield Array.from({ length: Math.min(BATCH, EVENTS - at) }, (_, index) => {
      const copy = Buffer.from(entry);
      copy.write((at + index).toString(16).padStart(12, '0'), 'latin1');
      return copy;
    });
  }
}

interface Run {
  readonly cpuS: number;
  readonly heapMiB: number;
}

/** CPU time of the entries' use alone, without the making of them, and the most that the heap and buffers held. */
function measure(use: (entries: readonly Buffer[]) => void, end: () => void = () => undefined): Run {
  let [micros, bytes] = [0, 0];
  const timed = (run: () => void): void => {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    micros += user + system;
    const { heapUsed, external } = process.memoryUsage();
    bytes = Math.max(bytes, heapUsed + external);
  };
  for (const entries of batches()) {
    timed(() => {
      use(entries);
    });
  }
  timed(end);
  return { cpuS: micros / 1e6, heapMiB: bytes / 2 ** 20 };
}

const bare = (): Run =>
  measure((entries) => {
    for (const entry of entries) hash('sha256', entry, 'binary');
  });

/** Objects are dropped as they come, as if stored. */
function append(edge: RightEdge): Run {
  const appender = createTreeAppender(edge);
  let stored = 0;
  return measure(
    (entries) => {
      for (const { bytes } of appender.append(entries)) stored += bytes.length;
    },
    () => {
      for (const { bytes } of appender.current().partial) stored += bytes.length;
      if (stored < EVENTS * 32) throw new Error('less was written than the hashes of the entries');
    },
  );
}

/** The right edge of a log that has as many entries, all alike. */
function edgeOf(size: number): RightEdge {
  let [rest, hashed] = [size, leafHash(Buffer.from('an entry'))];
  const levels = [];
  while (rest > 0) {
    const hashes = Buffer.concat(new Array<Buffer>(TILE_WIDTH).fill(hashed));
    levels.push({ hashes, width: rest % TILE_WIDTH });
    hashed = perfectRoot(hashes);
    rest = Math.floor(rest / TILE_WIDTH);
  }
  return { size, levels, entries: new Array<Buffer>(size % TILE_WIDTH).fill(Buffer.from('an entry')) };
}

/**
 * Measures what the tree of an hour's events costs against SHA-256 of as many entries, in turns, and what it costs in a log of a
 * hundred million entries; and a whole run of the publisher.
 */
export async function benchTransparencyLog(): Promise<Row[]> {
  const hour = await publishHour(EVENTS);
  const runs = { bare: [] as Run[], short: [] as Run[], long: [] as Run[] };
  for (let round = 0; round <= ROUNDS; round += 1) {
    const results = { bare: bare(), short: append(EMPTY_EDGE), long: append(edgeOf(LONG_LOG)) };
    // The first round warms up.
    if (round > 0) for (const name of ['bare', 'short', 'long'] as const) runs[name].push(results[name]);
  }
  const cpu = (name: keyof typeof runs): number[] => runs[name].map(({ cpuS }) => cpuS);
  const ratios = (over: number[], under: number[]): number[] => over.map((each, at) => each / (under[at] ?? NaN));
  const heap = Math.max(...[...runs.short, ...runs.long].map(({ heapMiB }) => heapMiB));
  const length = ratios(cpu('long'), cpu('short'));
  const row = (what: string, values: readonly number[], unit: string, rest: Partial<Row> = {}): Row => ({
    what,
    measured: `${median(values).toFixed(2)} ${unit}`,
    spread: `${percentile(values, 0.1).toFixed(2)}–${percentile(values, 0.9).toFixed(2)}`,
    ...rest,
  });
  return [
    row(`bare SHA-256 of ${EVENTS} entries`, cpu('bare'), 's of CPU'),
    row(`tree, tiles and bundles of ${EVENTS} entries`, cpu('short'), 's of CPU', {
      target: `≤ ${CPU_TARGET_S} s`,
      reached: median(cpu('short')) <= CPU_TARGET_S,
    }),
    row('tree / bare SHA-256', ratios(cpu('short'), cpu('bare')), '×'),
    row(`the same hour in a log of ${LONG_LOG} entries / in an empty one`, length, '×', {
      target: `≤ ${LENGTH_TARGET}`,
      reached: median(length) <= LENGTH_TARGET,
    }),
    row('heap and buffers, at most', [heap], 'MiB', {
      target: `≤ ${HEAP_TARGET_MIB} MiB`,
      reached: heap <= HEAP_TARGET_MIB,
      note: `${BATCH} entries at once`,
    }),
    row(`publish ${EVENTS} events of one hour: archive to checkpoint`, [hour.cpuS], 's of CPU', {
      target: `≤ ${CPU_TARGET_S} s`,
      reached: hour.cpuS <= CPU_TARGET_S,
    }),
    row('heap of it, at most', [hour.heapMiB], 'MiB', {
      target: `≤ ${HEAP_TARGET_MIB} MiB`,
      reached: hour.heapMiB <= HEAP_TARGET_MIB,
    }),
    row('buffers beside the heap, at most', [hour.buffersMiB], 'MiB'),
  ];
}
