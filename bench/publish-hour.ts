import { hash } from 'node:crypto';
import { cosignerOf } from '../lambdas/core/transparency/log-origin';
import type { ArchiveObject } from '../lambdas/core/transparency/ports/archive-source';
import type { ComparedValue, ReadValue } from '../lambdas/core/transparency/ports/compared-value';
import { publish } from '../lambdas/core/transparency/publish';
import { memoryComparedValue, memoryLogSigner, type Through } from '../test/doubles/transparency/memory-log';
import { testSigner } from '../test/doubles/transparency/test-signer';

/** Lines of an archive object: what an archiver collects before it writes. */
const BATCH = 10_000;
const START = Date.parse('2026-11-27T10:00:00.000Z');
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
  const byHash = new Map(batches.map((first) => [hash('sha256', linesFrom(first, events), 'hex'), first]));
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
        return Promise.resolve(apart(() => linesFrom(byHash.get(sha256) ?? NaN, events)));
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

/** The lines of one object, in the form of archived decrypts. */
function linesFrom(first: number, events: number): Buffer {
  const lines: string[] = [];
  for (let at = first; at < Math.min(first + BATCH, events); at += 1) {
    const time = START + Math.floor((at / events) * HOUR_MS);
    const random = Math.imul(at + 1, 0x9e37_79b1) >>> 0;
    const id =
      time.toString(16).padStart(12, '0') + at.toString(16).padStart(12, '0') + random.toString(16).padStart(8, '0');
    const nonce = `${at.toString(36).padStart(12, '0').padEnd(42, 'A')}A=`;
    lines.push(
      `{"id":"${id}","timestamp":"${new Date(time).toISOString()}","event_type":"decrypt","provider":"openai",` +
        '"user_id":"arn:aws:sts::123456789012:assumed-role/billing/worker","ip_address":"10.1.2.3",' +
        '"user_agent":"aws-sdk-js/3.1162.0 os/linux lang/js md/nodejs#20.20.2","success":true,"error_message":null,' +
        '"region":"us-east-1","request_id":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef","key_version":3,' +
        `"token_sha256":"${'0'.repeat(64)}","metadata":{"operation":"decrypt"},"nonce":"${nonce}"}\n`,
    );
  }
  return Buffer.from(lines.join(''), 'latin1');
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
