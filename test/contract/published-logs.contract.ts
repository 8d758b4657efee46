import type { EventLines } from '../../lambdas/core/transparency/ports/event-lines';
import type { LogFiles } from '../../lambdas/core/transparency/ports/log-files';
import type { Logs } from '../../lambdas/core/transparency/ports/published-log';
import type { Contract, UnderTest } from './contract';

export interface LogFilesUnderTest extends UnderTest<LogFiles> {
  readonly put: (path: string, bytes: Buffer) => Promise<void>;
}

const TILE = 'tile/0/000.p/1';

export const logFilesContract: Contract<LogFiles, LogFilesUnderTest> = {
  read: {
    'gives the bytes at a path, and nothing where nothing is': async ({ port, put }) => {
      await put(TILE, Buffer.from('a tile'));
      expect((await port.read(TILE))?.toString('utf8')).toBe('a tile');
      for (const none of ['tile/0/000', 'keys', 'checkpoint', 'x']) expect(await port.read(none)).toBeUndefined();
    },
  },
  list: {
    'lists what is below a prefix alone': async ({ port, put }) => {
      await put(TILE, Buffer.from('a tile'));
      await put('index/2026/11/27/14/05/000000000001', Buffer.alloc(22));
      expect(await port.list('tile/')).toStrictEqual([TILE]);
      expect(await port.list('index/2026/11/27/')).toStrictEqual(['index/2026/11/27/14/05/000000000001']);
      expect(await port.list('hand-over/')).toStrictEqual([]);
    },
  },
};

const areDays = (days: number | undefined): boolean => days === undefined || (Number.isInteger(days) && days > 0);

export const logsContract: Contract<Logs> = {
  regions: {
    'names each region once': async ({ port }) => {
      expect([...new Set(port.regions)]).toStrictEqual(port.regions);
      expect(port.regions.length).toBeGreaterThan(0);
    },
  },
  of: {
    'has a log of each of its regions and of no other, and makes no call for it': async ({ port }) => {
      for (const region of port.regions) expect(port.of(region)?.region).toBe(region);
      for (const other of ['', 'nowhere-1', 'constructor']) expect(port.of(other)).toBeUndefined();
    },
  },
  archiveDays: {
    'is a number of days, or none': async ({ port }) => {
      expect(areDays(port.archiveDays)).toBe(true);
    },
  },
  eventDays: {
    'is a number of days, or none': async ({ port }) => {
      expect(areDays(port.eventDays)).toBe(true);
    },
  },
};

export interface EventLinesUnderTest extends UnderTest<EventLines> {
  /** An event of the audit log, and the line that is archived of it. */
  readonly stored: () => Promise<{ readonly id: string; readonly timestamp: string; readonly line: string }>;
}

export const eventLinesContract: Contract<EventLines, EventLinesUnderTest> = {
  lineOf: {
    'gives the line of an event byte for byte, with its nonce': async ({ port, stored }) => {
      const { id, timestamp, line } = await stored();
      expect((await port.lineOf({ id, timestamp }))?.toString('utf8')).toBe(line);
      expect(JSON.parse(line)).toMatchObject({ id, timestamp, nonce: expect.stringMatching(/^.{43}=$/) as string });
    },
    'has nothing at another time, and of another id': async ({ port, stored }) => {
      const { id, timestamp } = await stored();
      const later = new Date(Date.parse(timestamp) + 1).toISOString();
      expect(await port.lineOf({ id, timestamp: later })).toBeUndefined();
      const other = `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`;
      expect(await port.lineOf({ id: other, timestamp })).toBeUndefined();
    },
  },
};
