import type { CredentialRecord } from '../lambdas/core/credentials/credential';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { REKEY } from '../local/compose-local';
import { REST_FACTOR } from '../local/dek-rotation-worker';
import { newId } from '../lambdas/core/crypto/randomness';
import { runBatch } from '../lambdas/core/ports/run-batch';
import { openRekeyStore, type RekeyStore } from './rekey-store';
import type { Row } from './row';
import { median, percentile } from './statistics';

const CREDENTIALS = Number(process.env['KEYWARD_BENCH_CREDENTIALS'] ?? 100_000);
const FEWER = CREDENTIALS / 10;
/** The settings of the worker on Lambda. */
const MANNER = { concurrency: 25, page: 200 };
const DECRYPTS = 1500;
const DECRYPT_PAUSE_MS = 10;
const PROGRESS_EVERY = 10_000;

const RATE_TARGET = 0.8;
const MEMORY_TARGET = 1.2;
const LATENCY_TARGET = 2;

/**
 * Measures the rekey of many credentials against plain reads and conditional writes of the same items by the same adapters, in
 * turns, by shard; its memory with ten times as many; and its effect on callers of decrypt.
 */
export async function benchRekey(): Promise<Row[]> {
  const few = await measureRate(FEWER);
  const many = await measureRate(CREDENTIALS);
  const ratios = many.ours.map((rate, round) => rate / (many.peer[round] ?? NaN));
  const memory = many.heapMiB / few.heapMiB;
  const latency = await measureLatency();
  return [
    {
      what: `re-encrypt ${CREDENTIALS} credentials`,
      measured: `${median(many.ours).toFixed(0)}/s`,
      spread: `${percentile(many.ours, 0.1).toFixed(0)}–${percentile(many.ours, 0.9).toFixed(0)}`,
    },
    {
      what: 'read and conditionally write the same items',
      measured: `${median(many.peer).toFixed(0)}/s`,
      spread: `${percentile(many.peer, 0.1).toFixed(0)}–${percentile(many.peer, 0.9).toFixed(0)}`,
    },
    {
      what: 're-encryption / plain read and conditional write',
      measured: `${median(ratios).toFixed(2)} ×`,
      spread: `${percentile(ratios, 0.1).toFixed(2)}–${percentile(ratios, 0.9).toFixed(2)}`,
      target: `≥ ${RATE_TARGET}`,
      reached: median(ratios) >= RATE_TARGET,
    },
    {
      what: `heap after collection, ${CREDENTIALS} / ${FEWER} credentials`,
      measured: `${memory.toFixed(2)} ×`,
      spread: `${many.heapMiB.toFixed(1)} / ${few.heapMiB.toFixed(1)} MiB`,
      target: `≤ ${MEMORY_TARGET}`,
      reached: memory <= MEMORY_TARGET,
      note: 'highest of all pages',
    },
    {
      what: 'decrypt p99 during it / without',
      measured: `${latency.ratio.toFixed(2)} ×`,
      spread: `${latency.during.toFixed(1)} / ${latency.without.toFixed(1)} ms`,
      target: `≤ ${LATENCY_TARGET}`,
      reached: latency.ratio <= LATENCY_TARGET,
      note: `as local mode does it, ${1000 / DECRYPT_PAUSE_MS} decrypts a second`,
    },
  ];
}

async function measureRate(count: number): Promise<{ ours: number[]; peer: number[]; heapMiB: number }> {
  const store = await openRekeyStore(MANNER);
  try {
    await store.fill(count);
    const messages = await store.promote();
    const [ours, peer]: [number[], number[]] = [[], []];
    let heapMiB = 0;
    let done = 0;
    for (const [index, message] of messages.entries()) {
      const items = total(await store.scanner.countByVersion(store.provider, message.shard));
      const startedAt = performance.now();
      if (index < 2) {
        // A past deadline stops it after each page. Garbage collection takes longer than the page, so no rate is measured.
        while ((await store.rotations.rekeyShard(message, 0)) !== undefined) {
          heapMiB = Math.max(heapMiB, heapAfterCollection());
        }
      } else if (index % 2 === 0) {
        await store.rotations.rekeyShard(message, Infinity);
        ours.push((items / (performance.now() - startedAt)) * 1000);
      } else {
        await readAndWrite(store, message.shard);
        peer.push((items / (performance.now() - startedAt)) * 1000);
      }
      const before = done;
      done += items;
      if (Math.floor(before / PROGRESS_EVERY) !== Math.floor(done / PROGRESS_EVERY)) {
        console.error(`${done} of ${count} credentials`);
      }
    }
    return { ours, peer, heapMiB };
  } finally {
    await store.close();
  }
}

/** The baseline: the same pages and the same conditional writes to table and index, without decryption and audit. */
async function readAndWrite({ provider, scanner, credentials, randomness }: RekeyStore, shard: number): Promise<void> {
  let after: string | undefined;
  do {
    const page = await scanner.page(provider, shard, { ...(after !== undefined && { after }), limit: MANNER.page });
    await runBatch(
      page.rows,
      (row) => credentials.put({ ...(row as CredentialRecord), key_version: 2, write_id: newId(randomness) }, row),
      MANNER.concurrency,
    );
    after = page.next;
  } while (after !== undefined);
}

async function measureLatency(): Promise<{ ratio: number; during: number; without: number }> {
  const store = await openRekeyStore(REKEY);
  try {
    await store.fill(20_000);
    const { provider, caller, application, apiKey } = store;
    const { ciphertext } = await application.encrypt(caller, { provider, plaintext: apiKey, context: {} });
    const decrypt = () => application.decrypt(caller, { provider, ciphertext, context: {} });
    const messages = await store.promote();
    await offered(decrypt);
    const without = percentile(await offered(decrypt), 0.99);
    const stop = new AbortController();
    const work = (async () => {
      for (const message of messages) {
        while (!stop.signal.aborted) {
          const startedAt = performance.now();
          if ((await store.rotations.rekeyShard(message, 0)) === undefined) break;
          await delay(REST_FACTOR * (performance.now() - startedAt));
        }
      }
    })();
    const during = percentile(await offered(decrypt), 0.99);
    stop.abort();
    await work;
    return { ratio: during / without, during, without };
  } finally {
    await store.close();
  }
}

/** Calls at a fixed pace, even if earlier calls are not answered. @returns latencies in milliseconds */
async function offered(call: () => Promise<unknown>): Promise<number[]> {
  const latencies: number[] = [];
  const calls: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let index = 0; index < DECRYPTS; index += 1) {
    const due = startedAt + index * DECRYPT_PAUSE_MS;
    const wait = due - performance.now();
    if (wait > 0) await delay(wait);
    calls.push(
      call().then(() => {
        latencies.push(performance.now() - due);
      }),
    );
  }
  await Promise.all(calls);
  return latencies;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapAfterCollection(): number {
  collect();
  return process.memoryUsage().heapUsed / 1024 ** 2;
}

const total = (counts: ReadonlyMap<number, number>): number =>
  [...counts.values()].reduce((sum, count) => sum + count, 0);
