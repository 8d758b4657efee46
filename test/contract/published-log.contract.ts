import type { LogPublisher } from '../../lambdas/core/transparency/ports/log-publisher';
import type { PublishedLog } from '../../lambdas/core/transparency/ports/published-log';
import type { Contract, UnderTest } from './contract';

export interface PublishedLogUnderTest extends UnderTest<PublishedLog> {
  /** Stores bytes where the log's publisher would: at any path but those of the archive. */
  readonly put: (path: string, bytes: Buffer) => Promise<void>;
  /** Archives lines in an hour. @returns the path at which they are read */
  readonly archive: (hour: string, lines: Buffer) => Promise<string>;
}

const bytesOf = (text: string): Buffer => Buffer.from(text, 'utf8');
const FIRST = '2026-11-27T09';
const SECOND = '2026-11-27T10';

export const publishedLogContract: Contract<PublishedLog, PublishedLogUnderTest> = {
  region: {
    'is the name of a region': async ({ port }) => {
      expect(port.region).toMatch(/^[a-z]+-[a-z]+-[0-9]$/);
    },
  },
  files: {
    'reads what is stored, and has nothing where nothing is': async ({ port, put, archive }) => {
      await put('tile/0/000', bytesOf('a tile'));
      const path = await archive(FIRST, bytesOf('{"a":1}\n'));
      expect((await port.files.read('tile/0/000'))?.toString('utf8')).toBe('a tile');
      expect((await port.files.read(path))?.toString('utf8')).toBe('{"a":1}\n');
      for (const none of ['keys', 'tile/0/001', path.replace(FIRST, SECOND), 'archive/x/y']) {
        expect(await port.files.read(none)).toBeUndefined();
      }
    },
    'lists what is below a prefix, of the archive, too': async ({ port, put, archive }) => {
      await put('index/2026/11/27/09/00/1', bytesOf('an index'));
      const paths = [await archive(FIRST, bytesOf('a\n')), await archive(SECOND, bytesOf('b\n'))];
      expect(await port.files.list('index/2026/')).toStrictEqual(['index/2026/11/27/09/00/1']);
      expect((await port.files.list('archive/')).toSorted()).toStrictEqual(paths);
      expect(await port.files.list(`archive/${SECOND}/`)).toStrictEqual(paths.slice(1));
      expect(await port.files.list('tile/')).toStrictEqual([]);
    },
  },
  page: {
    'lists as many as are wanted, after a path, in order': async ({ port, put, archive }) => {
      const paths = Array.from({ length: 9 }, (_, at) => `index/2026/${at}`);
      for (const path of paths.toReversed()) await put(path, bytesOf(path));
      expect(await port.page('index/2026/', '', 4)).toStrictEqual(paths.slice(0, 4));
      expect(await port.page('index/2026/', paths[3] as string, 4)).toStrictEqual(paths.slice(4, 8));
      expect(await port.page('index/2026/', paths[7] as string, 4)).toStrictEqual(paths.slice(8));
      expect(await port.page('index/2026/', paths[8] as string, 4)).toStrictEqual([]);
      const archived = (
        await Promise.all(['a\n', 'b\n', 'c\n'].map((line) => archive(FIRST, bytesOf(line))))
      ).toSorted();
      archived.push(await archive(SECOND, bytesOf('a\n')));
      expect(await port.page('archive/', '', 3)).toStrictEqual(archived.slice(0, 3));
      expect(await port.page('archive/', archived[2] as string, 3)).toStrictEqual(archived.slice(3));
      expect(await port.page(`archive/${FIRST}/`, archived[0] as string, 9)).toStrictEqual(archived.slice(1, 3));
    },
  },
};

export interface LogPublisherUnderTest extends UnderTest<LogPublisher> {
  /** Events that wait to be published by the next run. */
  readonly waiting: (count: number) => Promise<void>;
  /** What is stored becomes what no publisher signs. */
  readonly edit: () => Promise<void>;
}

const REGION = 'us-east-1';

export const logPublisherContract: Contract<LogPublisher, LogPublisherUnderTest> = {
  publish: {
    'tells what was published, and nothing twice': async ({ port, waiting }) => {
      await waiting(3);
      const counts = { added: 3, repeated: 0, foreign: 0, malformed: 0 };
      expect(await port.publish(REGION)).toStrictEqual({ value: { size: 3, counts } });
      expect(await port.publish(REGION)).toStrictEqual({ value: { size: 3, counts: { ...counts, added: 0 } } });
    },
    'tells why nothing was signed': async ({ port, waiting, edit }) => {
      await waiting(1);
      await port.publish(REGION);
      await edit();
      expect(await port.publish(REGION)).toStrictEqual({ fault: 'note_form' });
    },
  },
};
