import { wearStore } from '../test/contract/wear-store';
import { benchManyCredentials } from './many-credentials';
import type { Row } from './row';

const MIB = 1_048_576;
const QUERIES = 10_000;
const OVERWRITES = 150_000;
const READS = 75;

const mib = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MiB`;

/**
 * Measures the cost of many credentials, and what remains in the embedded database after long use: no open iterators, no memory,
 * little disk. Takes some minutes.
 */
export async function benchEmbeddedStore(): Promise<Row[]> {
  const rows: Row[] = await benchManyCredentials();
  for (const liveRows of [1_000, 10_000]) {
    const wear = await wearStore({
      liveRows,
      queries: QUERIES,
      firstQueries: 1_000,
      overwrites: OVERWRITES,
      reads: READS,
    });
    const of = `${QUERIES} queries, ${OVERWRITES} overwrites of ${liveRows} rows`;
    const memory = Math.max(wear.afterQueries.heapBytes, wear.atEnd.heapBytes) / wear.afterFirst.heapBytes;
    const resident = wear.atEnd.residentBytes / wear.afterFirst.residentBytes;
    const disk = wear.diskBytes / wear.liveBytes;
    rows.push(
      {
        what: `iterators open after ${of}`,
        measured: String(wear.atEnd.openIterators),
        spread: `${wear.afterQueries.openIterators} after the queries`,
        target: '0',
        reached: wear.atEnd.openIterators === 0 && wear.afterQueries.openIterators === 0,
      },
      {
        what: 'memory after collection / after 1,000 queries',
        measured: memory.toFixed(2),
        spread: `${mib(wear.afterFirst.heapBytes)} → ${mib(wear.atEnd.heapBytes)}`,
        target: '≤ 1.2',
        reached: memory <= 1.2,
        note: `resident ${mib(wear.afterFirst.residentBytes)} → ${mib(wear.afterQueries.residentBytes)} → ${mib(wear.atEnd.residentBytes)}: ${resident.toFixed(2)}`,
      },
      {
        what: 'disk / live rows',
        measured: disk.toFixed(2),
        spread: `${mib(wear.diskBytes)} / ${mib(wear.liveBytes)}`,
        target: '≤ 3',
        reached: disk <= 3,
      },
    );
  }
  return rows;
}
