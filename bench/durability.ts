import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDiskStore } from '../local/database/disk-store';
import { DurableStore } from '../local/database/durable-store';
import { newDiskDatabase, type Database } from '../local/database/level-modules';
import type { Row } from './row';
import { median, percentile } from './statistics';

const ROUNDS = 5;
const ROUND_MS = 2_000;
const EVENT = { event: { S: randomBytes(450).toString('base64') } };

/** Opens the same store without syncs: the operating system decides when to write. */
async function openUnsynced(directory: string): Promise<DurableStore> {
  const level = newDiskDatabase(directory);
  await level.open();
  const database: Database = {
    open: () => level.open(),
    close: () => level.close(),
    get: (key) => level.get(key),
    keys: (range) => level.keys(range),
    values: (range) => level.values(range),
    batch: (operations) => level.batch(operations, { sync: false }),
  };
  const done = (): Promise<void> => Promise.resolve();
  return new DurableStore({ database, afterWrite: done, probe: done, sleep: done, onFailure: () => undefined });
}

/** Returns writes per second of a number of writers, each waiting for its own. */
async function writesPerSecond(store: DurableStore, writers: number, latencies: number[]): Promise<number> {
  const startedAt = performance.now();
  let written = 0;
  const write = async (writer: number): Promise<void> => {
    while (performance.now() - startedAt < ROUND_MS) {
      const sentAt = performance.now();
      await store.put(`item-audit~${writer}-${written}`, EVENT);
      latencies.push(performance.now() - sentAt);
      written += 1;
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  return (written * 1000) / (performance.now() - startedAt);
}

/** Measures the cost of durable writes: the same store with and without syncs, in turns. */
export async function benchDurability(): Promise<Row[]> {
  const home = mkdtempSync(join(tmpdir(), 'keyward-bench-'));
  const synced = await openDiskStore({ directory: join(home, 'synced'), onFailure: () => undefined });
  const unsynced = await openUnsynced(join(home, 'unsynced'));
  const rows: Row[] = [];
  try {
    for (const writers of [1, 16, 64, 256]) {
      const ratios: number[] = [];
      const rates: number[] = [];
      const latencies: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const ours = await writesPerSecond(synced, writers, latencies);
        const theirs = await writesPerSecond(unsynced, writers, []);
        ratios.push(ours / theirs);
        rates.push(ours);
      }
      rows.push({
        what: `writes/s of ${writers} writers, synced / not synced`,
        measured: median(ratios).toFixed(2),
        spread: `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`,
        note: `${median(rates).toFixed(0)}/s, p50 ${percentile(latencies, 0.5).toFixed(2)} ms, p99 ${percentile(latencies, 0.99).toFixed(2)} ms`,
      });
    }
  } finally {
    await synced.close();
    await unsynced.close();
    rmSync(home, { recursive: true, force: true });
  }
  return rows;
}
