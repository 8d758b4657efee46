import { closeSync, fdatasyncSync, openSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from './row';
import { percentile } from './statistics';

const SYNCS = 300;
const BYTES = Buffer.alloc(8_192, 'x');
/** Linux's type of a file system in memory (statfs(2)). */
const TMPFS = 0x01021994;

/** Measures an append of 8 KiB and its `fdatasync` in a directory: the minimum cost of a group of events. */
export function measureSyncs(directory: string): Row {
  const file = openSync(join(directory, 'syncs'), 'a', 0o600);
  const times: number[] = [];
  for (let index = 0; index < SYNCS; index += 1) {
    const startedAt = performance.now();
    writeSync(file, BYTES);
    fdatasyncSync(file);
    times.push(performance.now() - startedAt);
  }
  closeSync(file);
  return {
    what: 'append of 8 KiB and fdatasync there, in ms',
    measured: percentile(times, 0.5).toFixed(2),
    spread: `p95 ${percentile(times, 0.95).toFixed(2)}`,
    note: statfsSync(directory).type === TMPFS ? 'it is no disk, but memory' : `${SYNCS} of them`,
  };
}
