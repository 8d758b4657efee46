import { createHash, hash } from 'node:crypto';
import type { ComparedValue, ReadValue } from '../../../lambdas/core/transparency/ports/compared-value';
import type { LogSigner } from '../../../lambdas/core/transparency/ports/log-signer';
import { publish, type PublishDependencies } from '../../../lambdas/core/transparency/publish';
import {
  memoryArchive,
  memoryComparedValue,
  memoryLogSigner,
  memoryLogStore,
  type Through,
} from '../../doubles/transparency/memory-log';
import { testSigner, type TestSigner } from '../../doubles/transparency/test-signer';

export const REGION = 'us-east-1';
export const ORIGIN = `123456789012/keyward/prod/${REGION}`;
export const START = Date.parse('2026-11-27T10:00:00.000Z');
export const HOUR_MS = 3_600_000;

/** What a step of a run meets before its call (`before`), or when its effect is there and its answer is not (`after`). */
export type Gate = (call: string, side: 'before' | 'after') => void | Promise<void>;

const open: Gate = () => undefined;

/** Archive, store, state and checkpoint of one log, in memory; publishers over them, each of whose calls passes a gate. */
export function publisherWorld() {
  const archive = new Map<string, Map<string, Buffer>>();
  const store = new Map<string, Buffer>();
  const values = { state: undefined as ReadValue | undefined, checkpoint: undefined as ReadValue | undefined };
  const checkpoints: Buffer[] = [];
  const signed: string[] = [];
  const counts = { reads: 0, lists: 0 };
  let tags = 0;
  const world = { archive, store, values, checkpoints, signed, counts, now: START };

  const publisher = (gate: Gate = open, maxObjects = 1000): PublishDependencies => {
    const through: Through = async (call, act) => {
      await gate(call, 'before');
      const result = act();
      await gate(call, 'after');
      return result;
    };
    const source = memoryArchive(archive, through);
    const log = memoryLogStore(store, counts, through);
    const compared = (name: keyof typeof values): ComparedValue =>
      memoryComparedValue(
        {
          get: () => values[name],
          set: (value) => {
            values[name] = value;
            if (name === 'checkpoint') checkpoints.push(value.bytes);
          },
          nextTag: () => String((tags += 1)),
        },
        name,
        through,
      );
    const signer = (key: TestSigner): LogSigner => memoryLogSigner(key, signed, through);
    return {
      archive: source,
      store: log,
      region: REGION,
      state: compared('state'),
      checkpoints: compared('checkpoint'),
      signers: { log: signer(testSigner(ORIGIN)), cosigner: signer(testSigner(`${ORIGIN}/cosigner`, 'cosignature')) },
      clock: { now: () => world.now },
      maxObjects,
    };
  };

  return {
    ...world,
    get now() {
      return world.now;
    },
    set now(time: number) {
      world.now = time;
    },
    publisher,
    publish: (gate?: Gate, maxObjects?: number) => publish(publisher(gate, maxObjects)),
    /** Archives lines as one object, in the hour of the world's clock. @returns its hash */
    archiveLines(lines: readonly string[]): string {
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''), 'utf8');
      const sha256 = hash('sha256', bytes, 'hex');
      const hour = new Date(world.now).toISOString().slice(0, 13);
      archive.set(hour, (archive.get(hour) ?? new Map<string, Buffer>()).set(sha256, bytes));
      return sha256;
    },
    snapshot: () => ({ store: new Map(store), values: { ...values } }),
  };
}

export type PublisherWorld = ReturnType<typeof publisherWorld>;

/** An archived event by its number, the same each time. */
export function lineOf(number: number, changed: Readonly<Record<string, unknown>> = {}): string {
  const time = START + number * 1_001;
  const random = createHash('sha256').update(`event ${number}`).digest('hex');
  return JSON.stringify({
    id: time.toString(16).padStart(12, '0') + random.slice(0, 20),
    timestamp: new Date(time).toISOString(),
    event_type: 'decrypt',
    region: REGION,
    nonce: createHash('sha256').update(`nonce ${number}`).digest('base64'),
    ...changed,
  });
}

export const linesOf = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, at) => lineOf(from + at));
