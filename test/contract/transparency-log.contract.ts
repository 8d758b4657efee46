import { createPublicKey, hash, verify } from 'node:crypto';
import type { ArchiveObject, ArchiveSource } from '../../lambdas/core/transparency/ports/archive-source';
import type { CheckpointWitness } from '../../lambdas/core/transparency/ports/checkpoint-witness';
import type { EventArchive } from '../../lambdas/core/transparency/ports/event-archive';
import type { ComparedValue, ReadValue } from '../../lambdas/core/transparency/ports/compared-value';
import type { LogSigner } from '../../lambdas/core/transparency/ports/log-signer';
import type { LogStore } from '../../lambdas/core/transparency/ports/log-store';
import type { Contract, UnderTest } from './contract';

export interface ArchiveUnderTest extends UnderTest<ArchiveSource> {
  /** Archives bytes in an hour, as the archiver does. */
  readonly archive: (hour: string, bytes: Buffer) => Promise<ArchiveObject>;
  readonly remove: (object: ArchiveObject) => Promise<void>;
}

const FIRST = '2026-11-27T09';
const SECOND = '2026-11-27T10';
const THIRD = '2026-11-28T00';
const bytesOf = (text: string): Buffer => Buffer.from(text, 'utf8');

export const archiveSourceContract: Contract<ArchiveSource, ArchiveUnderTest> = {
  hours: {
    'lists the hours that have objects, in order': async ({ port, archive }) => {
      expect(await port.hours(undefined)).toStrictEqual([]);
      for (const hour of [THIRD, FIRST, SECOND]) await archive(hour, bytesOf(`in ${hour}\n`));
      expect(await port.hours(undefined)).toStrictEqual([FIRST, SECOND, THIRD]);
    },
    'lists them from one on, itself included': async ({ port, archive }) => {
      for (const hour of [FIRST, THIRD]) await archive(hour, bytesOf(`in ${hour}\n`));
      expect(await port.hours(FIRST)).toStrictEqual([FIRST, THIRD]);
      expect(await port.hours(SECOND)).toStrictEqual([THIRD]);
      expect(await port.hours('2026-11-28T01')).toStrictEqual([]);
    },
  },
  objects: {
    'lists each object of an hour once, and those of no other': async ({ port, archive }) => {
      const here = [await archive(FIRST, bytesOf('a\n')), await archive(FIRST, bytesOf('b\n'))];
      await archive(FIRST, bytesOf('a\n'));
      await archive(SECOND, bytesOf('c\n'));
      const listed = await port.objects(FIRST);
      expect(listed).toHaveLength(2);
      expect(listed).toStrictEqual(expect.arrayContaining(here));
      expect(await port.objects(THIRD)).toStrictEqual([]);
    },
  },
  read: {
    'gives the bytes back, the same lines in two hours as two objects': async ({ port, archive }) => {
      const [a, b] = [await archive(FIRST, bytesOf('line\n')), await archive(SECOND, bytesOf('line\n'))];
      expect(a.sha256).toBe(b.sha256);
      for (const each of [a, b]) expect((await port.read(each))?.toString('utf8')).toBe('line\n');
    },
    'has nothing for an object that is gone': async ({ port, archive, remove }) => {
      const object = await archive(FIRST, bytesOf('line\n'));
      await remove(object);
      expect(await port.read(object)).toBeUndefined();
    },
  },
};

export interface EventArchiveUnderTest extends UnderTest<EventArchive> {
  /** The same archive, to be read. */
  readonly source: ArchiveSource;
}

export const eventArchiveContract: Contract<EventArchive, EventArchiveUnderTest> = {
  add: {
    'stores lines, which are listed and read at once': async ({ port, source }) => {
      const lines = bytesOf('{"a":1}\n{"b":"é"}\n');
      const object = { hour: FIRST, sha256: hash('sha256', lines, 'hex') };
      await port.add(object, lines);
      expect(await source.objects(FIRST)).toStrictEqual([object]);
      expect((await source.read(object))?.equals(lines)).toBe(true);
    },
    'is done with what is there already, and leaves it': async ({ port, source }) => {
      const object = { hour: FIRST, sha256: hash('sha256', 'a\n', 'hex') };
      await port.add(object, bytesOf('a\n'));
      await port.add(object, bytesOf('never\n'));
      expect(await source.objects(FIRST)).toStrictEqual([object]);
      expect((await source.read(object))?.toString('utf8')).toBe('a\n');
    },
    'keeps the same lines in two hours as two objects': async ({ port, source }) => {
      const sha256 = hash('sha256', 'a\n', 'hex');
      for (const hour of [FIRST, SECOND]) await port.add({ hour, sha256 }, bytesOf('a\n'));
      expect(await source.hours(undefined)).toStrictEqual([FIRST, SECOND]);
    },
  },
};

export interface CheckpointWitnessUnderTest extends UnderTest<CheckpointWitness> {
  /** What the witness has, in any order. */
  readonly kept: () => readonly Buffer[];
}

export const checkpointWitnessContract: Contract<CheckpointWitness, CheckpointWitnessUnderTest> = {
  keep: {
    'keeps each checkpoint, also one that is another of the same size': async ({ port, kept }) => {
      const notes = ['size 3', 'size 3, cosigned later', 'size 4'].map(bytesOf);
      for (const [at, note] of notes.entries()) await port.keep(note, at === 2 ? 4 : 3);
      expect(kept()).toHaveLength(3);
      expect(kept()).toStrictEqual(expect.arrayContaining(notes));
    },
    'keeps a checkpoint once that is handed over again': async ({ port, kept }) => {
      for (const _ of [1, 2]) await port.keep(bytesOf('size 3'), 3);
      expect(kept()).toStrictEqual([bytesOf('size 3')]);
    },
  },
};

export const logStoreContract: Contract<LogStore> = {
  read: {
    'has nothing where nothing was written': async ({ port }) => {
      expect(await port.read('tile/0/000')).toBeUndefined();
    },
  },
  put: {
    'stores bytes, which are read at once and as often as one likes': async ({ port }) => {
      const bytes = bytesOf('a tile');
      await port.put('tile/0/000.p/7', bytes);
      await port.put('tile/0/000.p/7', bytes);
      expect((await port.read('tile/0/000.p/7'))?.equals(bytes)).toBe(true);
      expect(await port.read('tile/0/000')).toBeUndefined();
    },
    'keeps what it was given, whatever becomes of the buffer': async ({ port }) => {
      const bytes = bytesOf('a tile');
      await port.put('tile/0/000', bytes);
      bytes.fill(0);
      expect((await port.read('tile/0/000'))?.toString('utf8')).toBe('a tile');
    },
  },
  create: {
    'writes an object once, and never over another': async ({ port }) => {
      expect(await port.create('index/a', bytesOf('first'))).toBe(true);
      expect(await port.create('index/a', bytesOf('second'))).toBe(false);
      expect((await port.read('index/a'))?.toString('utf8')).toBe('first');
    },
    'lets one of many writers win': async ({ port }) => {
      const answers = await Promise.all(Array.from({ length: 8 }, (_, at) => port.create('index/a', bytesOf(`${at}`))));
      expect(answers.filter(Boolean)).toHaveLength(1);
      expect((await port.read('index/a'))?.toString('utf8')).toBe(String(answers.indexOf(true)));
    },
  },
  list: {
    'lists the paths below a prefix, and no others': async ({ port }) => {
      for (const path of ['index/1/a', 'index/1/b', 'index/10/a']) await port.create(path, bytesOf(path));
      expect((await port.list('index/1/')).toSorted()).toStrictEqual(['index/1/a', 'index/1/b']);
      expect(await port.list('index/2/')).toStrictEqual([]);
    },
  },
};

export const comparedValueContract: Contract<ComparedValue> = {
  read: {
    'has nothing before the first write, and then what was written last': async ({ port }) => {
      expect(await port.read()).toBeUndefined();
      expect(await port.write(bytesOf('one'), undefined)).toBe(true);
      const one = await port.read();
      expect(one?.bytes.toString('utf8')).toBe('one');
      expect(await port.write(bytesOf('two'), one)).toBe(true);
      expect((await port.read())?.bytes.toString('utf8')).toBe('two');
    },
  },
  write: {
    'refuses whoever read another version, or none where there is one': async ({ port }) => {
      await port.write(bytesOf('one'), undefined);
      const one = await port.read();
      await port.write(bytesOf('two'), one);
      for (const read of [one, undefined]) expect(await port.write(bytesOf('late'), read)).toBe(false);
      expect((await port.read())?.bytes.toString('utf8')).toBe('two');
    },
    'refuses a version where there is nothing': async ({ port }) => {
      const never: ReadValue = { bytes: bytesOf('one'), tag: 'a tag that was never given' };
      expect(await port.write(bytesOf('two'), never)).toBe(false);
      expect(await port.read()).toBeUndefined();
    },
    'lets one of many writers win': async ({ port }) => {
      const answers = await Promise.all(Array.from({ length: 8 }, (_, at) => port.write(bytesOf(`${at}`), undefined)));
      expect(answers.filter(Boolean)).toHaveLength(1);
      expect((await port.read())?.bytes.toString('utf8')).toBe(String(answers.indexOf(true)));
    },
  },
};

/** SubjectPublicKeyInfo of an Ed25519 key up to its 32 bytes (RFC 8410 section 4). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const MAX_MESSAGE_BYTES = 4_096;

export const logSignerContract: Contract<LogSigner> = {
  key: {
    'is the key that its signatures open under': async ({ port }) => {
      const der = Buffer.concat([SPKI, port.key.publicKey]);
      const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
      const message = bytesOf('a message\n');
      expect(verify(null, message, publicKey, await port.sign(message))).toBe(true);
      expect(verify(null, bytesOf('another\n'), publicKey, await port.sign(message))).toBe(false);
    },
  },
  sign: {
    'gives 64 bytes for a message of any length up to its limit': async ({ port }) => {
      for (const length of [0, 1, MAX_MESSAGE_BYTES])
        expect(await port.sign(Buffer.alloc(length, 'a'))).toHaveLength(64);
    },
  },
};
