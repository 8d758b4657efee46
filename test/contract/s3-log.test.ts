import { hash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { createS3Archive, createS3EventArchive } from '../../lambdas/adapters/aws/s3/s3-archive';
import { createS3CheckpointWitness } from '../../lambdas/adapters/aws/s3/s3-checkpoint-witness';
import { createS3Bucket } from '../../lambdas/adapters/aws/s3/s3-bucket';
import { createS3Client } from '../../lambdas/adapters/aws/s3/s3-client';
import { createS3ComparedValue } from '../../lambdas/adapters/aws/s3/s3-compared-value';
import { createS3LogStore } from '../../lambdas/adapters/aws/s3/s3-log-store';
import type { ReadValue } from '../../lambdas/core/transparency/ports/compared-value';
import { AMPLE } from '../ample-limits';
import { RecordingFailures } from '../doubles/recording-failures';
import { startS3, type S3Fault } from '../doubles/start-s3';
import { keeps } from './contract';
import { UNAVAILABLE } from './store-under-test';
import {
  archiveSourceContract,
  checkpointWitnessContract,
  comparedValueContract,
  eventArchiveContract,
  logStoreContract,
} from './transparency-log.contract';
import { useAwsDouble } from './use-aws-double';

/** A log in S3, with what its documentation names: conflicts, lost answers, throttling, bodies that break off, pages. */

const s3 = useAwsDouble('S3', startS3);
const BUCKET = 'keyward-log-111111111111-us-east-1';
const pauses: number[] = [];
const sleep = async (ms: number): Promise<void> => void pauses.push(ms);
beforeEach(() => void pauses.splice(0));

const bucketOf = (maxAttempts = 1) =>
  createS3Bucket({
    client: createS3Client({ ...AMPLE, maxAttempts, failures: new RecordingFailures(), region: 'us-east-1' }),
    bucket: BUCKET,
    clock: { sleep },
  });
const stored = (): Map<string, Buffer> => s3().buckets.get(BUCKET) ?? new Map<string, Buffer>();
const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');
const ORIGIN = '111111111111/keyward/prod/us-east-1';
const FIRST = '2026-11-27T09';

/** Each request of an operation meets the next fault of the list, as long as there are some. */
function meet(operation: string, ...faults: (S3Fault | undefined)[]): void {
  s3().fault = (request) => (request.operation === operation ? faults.shift() : undefined);
}
const answering = (status: number, code: string): S3Fault => ({ status, code });
const CONFLICT = answering(409, 'ConditionalRequestConflict');
const SLOW_DOWN = answering(503, 'SlowDown');

keeps('createS3Archive', archiveSourceContract, () => {
  const source = createS3Archive(bucketOf());
  const archive = createS3EventArchive(bucketOf());
  return {
    port: source,
    archive: async (hour, lines) => {
      const object = { hour, sha256: hash('sha256', lines, 'hex') };
      await archive.add(object, lines);
      return object;
    },
    remove: async ({ hour, sha256 }) => void stored().delete(`archive/${hour}/${sha256}.gz`),
  };
});

keeps('createS3EventArchive', eventArchiveContract, () => ({
  port: createS3EventArchive(bucketOf()),
  source: createS3Archive(bucketOf()),
}));

keeps('createS3LogStore', logStoreContract, () => ({ port: createS3LogStore(bucketOf()) }));

keeps('createS3ComparedValue', comparedValueContract, () => ({ port: createS3ComparedValue(bucketOf(), 'state') }));

keeps('createS3CheckpointWitness', checkpointWitnessContract, () => ({
  port: createS3CheckpointWitness(bucketOf(), ORIGIN),
  kept: () => [...stored().values()],
}));

test('a witness keeps checkpoints by origin and size, and is asked for nothing but to write', async () => {
  meet('PutObject', 'lost');
  await createS3CheckpointWitness(bucketOf(3), ORIGIN).keep(bytes('a note'), 123);
  expect([...stored().keys()]).toEqual([`${ORIGIN}/${'123'.padStart(20, '0')}/${hash('sha256', 'a note', 'hex')}`]);
  expect(s3().requests.map(({ operation, ifNoneMatch }) => [operation, ifNoneMatch])).toEqual([
    ['PutObject', '*'],
    ['PutObject', '*'],
  ]);
});

describe('a compared value', () => {
  const value = (maxAttempts?: number) => createS3ComparedValue(bucketOf(maxAttempts), 'state');
  const written = async (text: string): Promise<ReadValue> => {
    await value().write(bytes(text), await value().read());
    return (await value().read()) as ReadValue;
  };

  test('depends on the tag that was read, or on there being none', async () => {
    const one = await written('one');
    await value().write(bytes('two'), one);
    expect(s3().requests.filter(({ operation }) => operation === 'PutObject')).toEqual([
      { operation: 'PutObject', bucket: BUCKET, key: 'state', ifNoneMatch: '*' },
      { operation: 'PutObject', bucket: BUCKET, key: 'state', ifMatch: one.tag },
    ]);
  });

  test.each([
    ['the client sends it again and is refused', 3],
    ['nobody sends it again', 1],
  ])('whose answer is lost is written: %s', async (_, maxAttempts) => {
    const one = await written('one');
    meet('PutObject', 'lost');
    await expect(value(maxAttempts).write(bytes('two'), one)).resolves.toBe(true);
    expect(stored().get('state')?.toString()).toBe('two');
  });

  test('that another writer took over meanwhile is not written', async () => {
    const one = await written('one');
    s3().fault = ({ operation }) => {
      if (operation !== 'PutObject') return undefined;
      stored().set('state', bytes('theirs'));
      s3().fault = () => undefined;
      return 'unsent';
    };
    await expect(value(3).write(bytes('two'), one)).resolves.toBe(false);
    expect(stored().get('state')?.toString()).toBe('theirs');
  });

  test('that never arrived is an outage, and not written', async () => {
    const one = await written('one');
    meet('PutObject', 'unsent');
    await expect(value().write(bytes('two'), one)).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: 'the bucket did not answer; try again',
      outside: { service: 'S3', operation: 'PutObject', kind: 'outage' },
    });
    expect(stored().get('state')?.toString()).toBe('one');
  });

  test('that meets another write at the same time is sent again, after longer and longer pauses', async () => {
    meet('PutObject', CONFLICT, CONFLICT, CONFLICT);
    await expect(value(3).write(bytes('one'), undefined)).resolves.toBe(true);
    expect(pauses).toEqual([50, 100, 150]);
  });

  test('that meets others without end gives up', async () => {
    meet('PutObject', ...Array.from({ length: 20 }, () => CONFLICT));
    await expect(value().write(bytes('one'), undefined)).rejects.toMatchObject({
      ...UNAVAILABLE,
      outside: { name: 'ConditionalRequestConflict', kind: 'outage' },
    });
    expect(s3().requests.filter(({ operation }) => operation === 'PutObject')).toHaveLength(8);
  });

  test('is denied without a second look', async () => {
    meet('PutObject', answering(403, 'AccessDenied'));
    await expect(value(3).write(bytes('one'), undefined)).rejects.toMatchObject({ outside: { kind: 'denied' } });
    expect(s3().requests).toHaveLength(1);
  });

  test('in a bucket that is not there is no value that is not there', async () => {
    meet('GetObject', answering(404, 'NoSuchBucket'));
    await expect(value().read()).rejects.toMatchObject({ outside: { name: 'NoSuchBucket', kind: 'refused' } });
  });
});

describe('a read', () => {
  test('whose body breaks off begins again, and ends', async () => {
    await bucketOf().put('keys', bytes('both keys'));
    meet('GetObject', 'torn', 'torn');
    expect((await bucketOf().read('keys'))?.bytes.toString()).toBe('both keys');
    meet('GetObject', 'torn', 'torn', 'torn');
    await expect(bucketOf().read('keys')).rejects.toMatchObject({
      ...UNAVAILABLE,
      outside: { operation: 'GetObject', name: 'UnusableAnswer' },
    });
  });

  test('that S3 slows down is sent again', async () => {
    await bucketOf().put('keys', bytes('both keys'));
    meet('GetObject', SLOW_DOWN);
    expect((await bucketOf(2).read('keys'))?.bytes.toString()).toBe('both keys');
  });
});

describe('a log store', () => {
  test('says that it created what it did create, though the answer was lost', async () => {
    meet('PutObject', 'lost');
    await expect(createS3LogStore(bucketOf(3)).create('index/a', bytes('first'))).resolves.toBe(true);
    await expect(createS3LogStore(bucketOf(3)).create('index/a', bytes('second'))).resolves.toBe(false);
  });

  test('lists all pages', async () => {
    const paths = Array.from({ length: 10 }, (_, at) => `index/1/${at}`);
    for (const path of paths) await createS3LogStore(bucketOf()).put(path, bytes(path));
    expect(await createS3LogStore(bucketOf()).list('index/1/')).toEqual(paths);
  });
});

describe('an archive', () => {
  const add = (hour: string, text: string, maxAttempts?: number): Promise<void> =>
    createS3EventArchive(bucketOf(maxAttempts)).add({ hour, sha256: hash('sha256', text, 'hex') }, bytes(text));

  test('is written with the condition alone, and never read, lost answers included', async () => {
    meet('PutObject', 'lost', CONFLICT);
    await add(FIRST, 'a\n', 4);
    await add(FIRST, 'a\n');
    expect(new Set(s3().requests.map(({ operation, ifNoneMatch }) => `${operation} ${ifNoneMatch}`))).toEqual(
      new Set(['PutObject *']),
    );
    expect([...stored().keys()]).toEqual([`archive/${FIRST}/${hash('sha256', 'a\n', 'hex')}.gz`]);
  });

  test('says that it is not there if the write did not arrive', async () => {
    meet('PutObject', 'unsent');
    await expect(add(FIRST, 'a\n')).rejects.toMatchObject(UNAVAILABLE);
  });

  test('lists all pages of hours and of objects, each once', async () => {
    const hours = Array.from({ length: 8 }, (_, at) => `2026-11-27T0${at}`);
    for (const hour of hours) for (const text of ['a\n', 'b\n', 'c\n', 'd\n']) await add(hour, text);
    const archive = createS3Archive(bucketOf());
    expect(await archive.hours(undefined)).toEqual(hours);
    expect(await archive.hours(hours[3])).toEqual(hours.slice(3));
    expect(await archive.objects(hours[3] as string)).toHaveLength(4);
  });

  test('looks at nothing that the archiver does not write', async () => {
    const objects = s3().buckets.set(BUCKET, new Map()).get(BUCKET)!;
    for (const key of ['archive/x/y', 'archive/a', `archive/${FIRST}/z.gz`, `other/${FIRST}/${'a'.repeat(64)}.gz`]) {
      objects.set(key, bytes('junk'));
    }
    expect(await createS3Archive(bucketOf()).hours(undefined)).toEqual([FIRST]);
    expect(await createS3Archive(bucketOf()).objects(FIRST)).toEqual([]);
  });

  test.each([
    ['was never zipped', bytes('no gzip at all'), 'no gzip at all'],
    ['unzips to more than any batch', gzipSync(Buffer.alloc(33 * 1024 * 1024)), undefined],
  ])('hands on an object that %s, whose hash is another', async (_, content, text) => {
    const object = { hour: FIRST, sha256: 'a'.repeat(64) };
    await bucketOf().put(`archive/${FIRST}/${object.sha256}.gz`, content);
    const read = await createS3Archive(bucketOf()).read(object);
    expect(read?.equals(text === undefined ? content : bytes(text))).toBe(true);
  });
});
