import { hash } from 'node:crypto';
import { hmacSha256 } from '../lambdas/core/transparency/hmac-sha256';
import { archivePath, parseArchivePath } from '../lambdas/core/transparency/archive-path';
import { formatLogKeys } from '../lambdas/core/transparency/log-keys';
import { cosignerOf } from '../lambdas/core/transparency/log-origin';
import { leafHash } from '../lambdas/core/transparency/merkle-hash';
import { parseTrustPolicy } from '../lambdas/core/transparency/parse-trust-policy';
import type { LogFiles } from '../lambdas/core/transparency/ports/log-files';
import type { ReadValue } from '../lambdas/core/transparency/ports/compared-value';
import { publish } from '../lambdas/core/transparency/publish';
import type { TrustPolicy } from '../lambdas/core/transparency/trust-policy';
import { formatVerifierKey } from '../lambdas/core/transparency/verifier-key';
import { verifyAudit } from '../lambdas/core/transparency/verify-audit';
import {
  memoryComparedValue,
  memoryLogSigner,
  memoryLogStore,
  type Through,
} from '../test/doubles/transparency/memory-log';
import { testSigner } from '../test/doubles/transparency/test-signer';
import { archivedLines, LINES_OF_OBJECT, START } from './archived-lines';
import type { Row } from './row';
import { median, percentile } from './statistics';

const EVENTS = Number(process.env['KEYWARD_BENCH_VERIFIED'] ?? 1_000_000);
const ROUNDS = 3;
const CPU_TARGET_S = 60;
const HOUR = '2026-11-27T10';
const HOUR_MS = 3_600_000;
const ORIGIN = '123456789012/keyward/bench/us-east-1';
const MIB = 2 ** 20;
const directly: Through = (_call, act) => Promise.resolve(act());

/** CPU time in seconds of what runs between two looks, without what is run apart. */
function stopwatch() {
  const begun = process.cpuUsage();
  let apartMicros = 0;
  const since = (before: NodeJS.CpuUsage): number => {
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  return {
    apart<T>(act: () => T): T {
      const before = process.cpuUsage();
      const result = act();
      apartMicros += since(before);
      return result;
    },
    seconds: (): number => (since(begun) - apartMicros) / 1e6,
  };
}

interface PublishedLog {
  readonly files: (makeLines: <T>(act: () => T) => T) => LogFiles;
  readonly policy: TrustPolicy;
  readonly firsts: readonly number[];
}

/** A log of that many events in memory; the archive's lines are made when they are read. */
async function published(): Promise<PublishedLog> {
  const [log, cosigner] = [testSigner(ORIGIN), testSigner(cosignerOf(ORIGIN), 'cosignature')];
  const firsts = Array.from({ length: Math.ceil(EVENTS / LINES_OF_OBJECT) }, (_, at) => at * LINES_OF_OBJECT);
  const byHash = new Map(firsts.map((first) => [hash('sha256', archivedLines(first, EVENTS), 'hex'), first]));
  const objects = [...byHash.keys()].map((sha256) => ({ hour: HOUR, sha256 }));
  const linesOf = (sha256: string): Buffer | undefined => {
    const first = byHash.get(sha256);
    return first === undefined ? undefined : archivedLines(first, EVENTS);
  };
  const store = new Map<string, Buffer>([['keys', formatLogKeys({ log: log.key, cosigner: cosigner.key })]]);
  const logStore = memoryLogStore(store, { reads: 0, lists: 0 }, directly);
  let tags = 0;
  const compared = (path: string) => {
    let value: ReadValue | undefined;
    const set = (written: ReadValue): void => {
      value = written;
      store.set(path, written.bytes);
    };
    return memoryComparedValue({ get: () => value, set, nextTag: () => String((tags += 1)) }, path, directly);
  };
  const done = await publish({
    archive: {
      hours: () => Promise.resolve([HOUR]),
      objects: () => Promise.resolve(objects),
      read: ({ sha256 }) => Promise.resolve(linesOf(sha256)),
    },
    store: logStore,
    region: 'us-east-1',
    state: compared('state'),
    checkpoints: compared('checkpoint'),
    signers: { log: memoryLogSigner(log, [], directly), cosigner: memoryLogSigner(cosigner, [], directly) },
    clock: { now: () => START + HOUR_MS },
    maxObjects: objects.length,
  });
  const text = `log ${formatVerifierKey(log.key)}\nwitness own ${formatVerifierKey(cosigner.key)}\nquorum own\n`;
  const policy = parseTrustPolicy(Buffer.from(text, 'utf8')).value;
  if (done.value?.size !== EVENTS || policy === undefined) throw new Error('the log was not published');
  const files = (makeLines: <T>(act: () => T) => T): LogFiles => ({
    read: (path) => {
      const object = parseArchivePath(path);
      return Promise.resolve(object === undefined ? store.get(path) : makeLines(() => linesOf(object.sha256)));
    },
    list: async (prefix) => (prefix === 'archive/' ? objects.map(archivePath) : logStore.list(prefix)),
  });
  return { files, policy, firsts };
}

/** The events of the archive as the API shows them. */
async function* shown({ firsts }: PublishedLog, apart: <T>(act: () => T) => T) {
  for (const first of firsts) {
    const events = apart(() =>
      archivedLines(first, EVENTS)
        .toString('utf8')
        .trimEnd()
        .split('\n')
        .map((line) => {
          const { nonce: _nonce, ...event } = JSON.parse(line) as Record<string, unknown>;
          return event;
        }),
    );
    yield* await Promise.resolve(events);
  }
}

/** The hashes that cannot be saved: of each object, of each line under a nonce, and of each entry. */
function bare({ firsts }: PublishedLog): number {
  const watch = stopwatch();
  const nonce = Buffer.alloc(32, 1);
  for (const first of firsts) {
    const bytes = watch.apart(() => archivedLines(first, EVENTS));
    hash('sha256', bytes, 'hex');
    for (let at = 0; at < bytes.length;) {
      const end = bytes.indexOf('\n', at);
      leafHash(Buffer.from(hmacSha256(nonce, bytes.subarray(at, end)), 'latin1'));
      at = end + 1;
    }
  }
  return watch.seconds();
}

/**
 * Measures the verification of a log: the tree, the archived line of each entry, and each event of the table, against the bare
 * hashes of the same bytes, in turns.
 */
export async function benchVerifyAudit(): Promise<Row[]> {
  const log = await published();
  const [cpu, hashes] = [[] as number[], [] as number[]];
  const peaks = { heap: 0, buffers: 0 };
  for (let round = 0; round <= ROUNDS; round += 1) {
    const least = bare(log);
    const watch = stopwatch();
    const files = log.files((act) => {
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      peaks.heap = Math.max(peaks.heap, heapUsed);
      peaks.buffers = Math.max(peaks.buffers, arrayBuffers);
      return watch.apart(act);
    });
    const events = shown(log, (act) => watch.apart(act));
    const input = { files, policy: log.policy, origin: ORIGIN, events, now: START + HOUR_MS };
    const { findings, summary } = await verifyAudit(input);
    if (findings.length > 0 || summary.events !== EVENTS) throw new Error('the log does not hold');
    // The first round warms up.
    if (round === 0) continue;
    cpu.push(watch.seconds());
    hashes.push(least);
  }
  const ratios = cpu.map((each, at) => each / (hashes[at] ?? NaN));
  const row = (what: string, values: readonly number[], unit: string, rest: Partial<Row> = {}): Row => ({
    what,
    measured: `${median(values).toFixed(2)} ${unit}`,
    spread: `${percentile(values, 0.1).toFixed(2)}–${percentile(values, 0.9).toFixed(2)}`,
    ...rest,
  });
  return [
    row(`bare hashes of ${EVENTS} archived lines`, hashes, 's of CPU'),
    row(`verify of ${EVENTS} events: tree, archive and table`, cpu, 's of CPU', {
      target: `≤ ${CPU_TARGET_S} s`,
      reached: median(cpu) <= CPU_TARGET_S,
    }),
    row('verify / bare hashes', ratios, '×'),
    row('heap of it, at most', [peaks.heap / MIB], 'MiB', { note: 'with the events that the bench makes' }),
    row('buffers beside the heap, at most', [peaks.buffers / MIB], 'MiB', { note: 'with the stored log' }),
  ];
}
