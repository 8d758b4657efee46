import { hash } from 'node:crypto';
import { archivedLines, LINES_OF_OBJECT as BATCH, START } from './archived-lines';
import { cosignerOf } from '../lambdas/core/transparency/log-origin';
import type { ArchiveObject } from '../lambdas/core/transparency/ports/archive-source';
import type { ComparedValue, ReadValue } from '../lambdas/core/transparency/ports/compared-value';
import { publish } from '../lambdas/core/transparency/publish';
import { memoryComparedValue, memoryLogSigner, type Through } from '../test/doubles/transparency/memory-log';
import { testSigner } from '../test/doubles/transparency/test-signer';

const HOUR = '2026-11-27T10';
const HOUR_MS = 3_600_000;
const ORIGIN = '123456789012/keyward/bench/us-east-1';

export interface PublishedHour {
  /** CPU time of the publisher alone: without making the archive's lines. */
  readonly cpuS: number;
  /** The most that the heap held, and the buffers beside it, without the archive object that is being read. */
  readonly heapMiB: number;
  readonly buffersMiB: number;
}

/** Publishes an hour of events, spread over its minutes, from an archive that is made while it is read. */
export async function publishHour(events: number): Promise<PublishedHour> {
  let notOurs = 0;
  const apart = <T>(act: () => T): T => {
    const before = process.cpuUsage();
    const result = act();
    const { user, system } = process.cpuUsage(before);
    notOurs += user + system;
    return result;
  };
  const batches = Array.from({ length: Math.ceil(events / BATCH) }, (_, at) => at * BATCH);
  const byHash = new Map(batches.map((first) => [hash('sha256', archivedLines(first, events), 'hex'), first]));
  const objects = [...byHash.keys()].map((sha256): ArchiveObject => ({ hour: HOUR, sha256 }));
  const peaks = { heap: 0, buffers: 0 };
  const look = (): void => {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    peaks.heap = Math.max(peaks.heap, heapUsed);
    peaks.buffers = Math.max(peaks.buffers, arrayBuffers);
  };
  const before = process.cpuUsage();
  const published = await publish({
    archive: {
      hours: () => Promise.resolve([HOUR]),
      objects: () => Promise.resolve(objects),
      read: ({ sha256 }) => {
        look();
        return Promise.resolve(apart(() => archivedLines(byHash.get(sha256) ?? NaN, events)));
      },
    },
    // What is written is not read again in the run that makes a log.
    store: {
      read: () => Promise.resolve(undefined),
      put: () => Promise.resolve(),
      create: () => Promise.resolve(true),
      list: () => Promise.resolve([]),
    },
    region: 'us-east-1',
    state: held('state'),
    checkpoints: held('checkpoint'),
    signers: {
      log: memoryLogSigner(testSigner(ORIGIN), [], directly),
      cosigner: memoryLogSigner(testSigner(cosignerOf(ORIGIN), 'cosignature'), [], directly),
    },
    clock: { now: () => START + HOUR_MS },
    maxObjects: objects.length,
  });
  const { user, system } = process.cpuUsage(before);
  look();
  if (published.value?.size !== events) throw new Error('the hour was not published');
  const MIB = 2 ** 20;
  return { cpuS: (user + system - notOurs) / 1e6, heapMiB: peaks.heap / MIB, buffersMiB: peaks.buffers / MIB };
}

function held(name: string): ComparedValue {
  let value: ReadValue | undefined;
  let tags = 0;
  const set = (written: ReadValue): void => {
    value = written;
  };
  return memoryComparedValue({ get: () => value, set, nextTag: () => String((tags += 1)) }, name, directly);
}

const directly: Through = (_call, act) => Promise.resolve(act());
