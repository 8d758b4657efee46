import { DurableStore } from '../../../local/database/durable-store';
import type { Database, KeyRange, Operation, Rows } from '../../../local/database/level-modules';

/** LevelDB's texts for errors of the system. */
const ioError = (text: string): Error =>
  Object.assign(new Error(`IO error: /data/000005.log: ${text}`), { code: 'LEVEL_IO_ERROR' });
const FULL = ioError('No space left on device');
const ANSWERED = { statusCode: 500, body: { __type: expect.stringMatching(/#InternalServerError$/) as string } };

/**
 * A database whose medium a test fills, breaks and repairs. Like LevelDB it takes no writes after a failed one until it was
 * opened again.
 */
class Medium implements Database {
  readonly rows = new Map<string, unknown>();
  readonly groups: { keys: string[]; sync: boolean }[] = [];
  openIterators = 0;
  /** The maximum number of rows per trip, whatever is requested. */
  mostRows = Infinity;
  readonly trips: number[] = [];
  opened = 1;
  isOpen = true;
  failsWith: Error | undefined;
  failsToOpen: Error | undefined;
  /** Resolves writes when called. */
  hold: Promise<void> | undefined;
  private isSpoilt = false;

  async open(): Promise<void> {
    if (this.failsToOpen !== undefined) throw this.failsToOpen;
    this.opened += 1;
    this.isSpoilt = false;
    this.isOpen = true;
  }
  async close(): Promise<void> {
    this.isOpen = false;
  }
  async get(key: string): Promise<unknown> {
    if (!this.isOpen) throw Object.assign(new Error('not open'), { code: 'LEVEL_DATABASE_NOT_OPEN' });
    return this.rows.get(key);
  }
  async batch(operations: readonly Operation[], { sync }: { sync: boolean }): Promise<void> {
    await this.hold;
    if (this.isSpoilt) throw new Error('written behind half a record');
    if (this.failsWith !== undefined) {
      this.isSpoilt = true;
      throw this.failsWith;
    }
    this.groups.push({ keys: operations.map(({ key }) => key), sync });
    for (const each of operations) {
      if (each.type === 'put') this.rows.set(each.key, each.value);
      else this.rows.delete(each.key);
    }
  }
  keys(): Rows {
    return this.iterate([...this.rows.keys()]);
  }
  values(): Rows {
    return this.iterate([...this.rows.values()]);
  }
  private iterate(rows: unknown[]): Rows {
    this.openIterators += 1;
    return {
      next: async () => {
        if (!this.isOpen) throw Object.assign(new Error('not open'), { code: 'LEVEL_ITERATOR_NOT_OPEN' });
        return rows.shift();
      },
      nextv: async (size) => {
        if (!this.isOpen) throw Object.assign(new Error('not open'), { code: 'LEVEL_ITERATOR_NOT_OPEN' });
        this.trips.push(size);
        return rows.splice(0, Math.min(size, this.mostRows));
      },
      close: async () => {
        this.openIterators -= 1;
      },
    };
  }
}

let medium: Medium;
let reported: (string | undefined)[];
let probe: () => Promise<void>;
let pauses: number[];
let goOn: (() => void)[];
let store: DurableStore;

beforeEach(() => {
  medium = new Medium();
  reported = [];
  pauses = [];
  goOn = [];
  probe = () => Promise.resolve();
  store = new DurableStore({
    database: medium,
    afterWrite: () => Promise.resolve(),
    probe: () => probe(),
    sleep: (ms) => {
      pauses.push(ms);
      return new Promise((resolve) => goOn.push(resolve));
    },
    onFailure: (name) => reported.push(name),
  });
});

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

/** Lets the pause before the next try pass. */
async function nextTry(): Promise<void> {
  goOn.shift()?.();
  await turns();
}

it('writes everything with a sync, and joins what comes meanwhile', async () => {
  let release = (): void => undefined;
  medium.hold = new Promise((resolve) => (release = resolve));
  const first = store.put('a', 1);
  const others = [store.put('b', 2), store.del('a'), store.batch([{ type: 'put', key: 'c', value: 3 }])];
  release();
  await Promise.all([first, ...others]);
  await store.put('d', 4);
  expect(medium.groups).toEqual([
    { keys: ['a'], sync: true },
    { keys: ['b', 'a', 'c'], sync: true },
    { keys: ['d'], sync: true },
  ]);
  expect(await store.get('a')).toBeUndefined();
  expect(await store.get('b')).toBe(2);
});

it('keeps groups bounded, and splits none that comes as one', async () => {
  const many = Array.from({ length: 450 }, (_, index) => index);
  const batch = many.map((index): Operation => ({ type: 'put', key: `x${index}`, value: index }));
  await Promise.all([...many.map((index) => store.put(`k${index}`, index)), store.batch(batch)]);
  expect(medium.groups.map(({ keys }) => keys.length)).toEqual([1, 200, 200, 49, 450]);
});

it('closes what is read, at its end, when it is cut short, and when it fails', async () => {
  await store.put('a', 1);
  await store.put('b', 2);
  const cut = store.values();
  expect(await cut.next()).toBe(1);
  await cut.return();
  await cut.return();
  expect(await cut.next()).toBeUndefined();
  const unread = store.keys();
  await unread.return();
  expect(await unread.next()).toBeUndefined();
  medium.mostRows = 1;
  const failing = store.keys();
  expect(await failing.next()).toBe('a');
  medium.isOpen = false;
  await expect(failing.next()).rejects.toMatchObject(ANSWERED);
  expect(medium.openIterators).toBe(0);
});

it('reads in blocks, never more than the limit, and to the end whatever a trip gives', async () => {
  const names = Array.from({ length: 1_200 }, (_, index) => `k${String(index).padStart(4, '0')}`);
  await store.batch(names.map((key): Operation => ({ type: 'put', key, value: key })));
  const readAll = async (range?: KeyRange): Promise<unknown[]> => {
    const rows = store.values(range);
    const found: unknown[] = [];
    for (let row = await rows.next(); row !== undefined; row = await rows.next()) found.push(row);
    await rows.return();
    return found;
  };
  expect(await readAll()).toEqual(names);
  expect(medium.trips.length).toBeLessThan(6);
  medium.trips.length = 0;
  const cut = store.keys({ limit: 3 });
  expect([await cut.next(), await cut.next()]).toEqual(['k0000', 'k0001']);
  await cut.return();
  expect(medium.trips).toEqual([3]);
  medium.mostRows = 7;
  expect(await readAll({ limit: -1 })).toEqual(names);
  expect(medium.openIterators).toBe(0);
});

it.each([
  ['ENOSPC', 'No space left on device'],
  ['EDQUOT', 'Disk quota exceeded'],
  ['EIO', 'Input/output error'],
  ['EROFS', 'Read-only file system'],
])('answers 500 while the medium says %s, reads on, and writes again when it can', async (name, text) => {
  await store.put('a', 1);
  medium.failsWith = ioError(text);
  probe = () => Promise.reject(Object.assign(new Error(), { code: name }));
  await expect(store.put('b', 2)).rejects.toMatchObject(ANSWERED);
  expect(reported).toEqual([name]);
  // At once, and without a try: data behind half a record of the log would not be found again.
  medium.failsWith = undefined;
  await expect(store.put('c', 3)).rejects.toMatchObject(ANSWERED);
  await expect(store.get('a')).resolves.toBe(1);
  await nextTry();
  expect(medium.opened).toBe(1);
  await expect(store.del('a')).rejects.toMatchObject(ANSWERED);
  probe = () => Promise.resolve();
  await nextTry();
  expect(medium.opened).toBe(2);
  expect(reported).toEqual([name, undefined]);
  await store.put('d', 4);
  expect([...medium.rows.keys()]).toEqual(['a', 'd']);
  expect(pauses).toEqual([250, 500]);
});

it('fails a whole group, of which nothing was answered', async () => {
  medium.failsWith = FULL;
  const writes = [store.put('a', 1), store.put('b', 2), store.put('c', 3)];
  expect((await Promise.allSettled(writes)).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(reported).toEqual(['ENOSPC']);
});

it('fails a write whose file’s name could not be synced', async () => {
  const failing = new DurableStore({
    database: medium,
    afterWrite: () => Promise.reject(Object.assign(new Error(), { code: 'EIO' })),
    probe: () => Promise.resolve(),
    sleep: () => new Promise(() => undefined),
    onFailure: (name) => reported.push(name),
  });
  await expect(failing.put('a', 1)).rejects.toMatchObject(ANSWERED);
  expect(reported).toEqual(['EIO']);
});

it('goes on trying where it cannot be opened again, says so when the reason changes and from time to time', async () => {
  medium.failsWith = FULL;
  await expect(store.put('a', 1)).rejects.toMatchObject(ANSWERED);
  medium.failsWith = undefined;
  medium.failsToOpen = ioError('Input/output error');
  await nextTry();
  expect(reported).toEqual(['ENOSPC', 'EIO']);
  await expect(store.get('a')).rejects.toMatchObject(ANSWERED);
  await expect(store.keys().next()).rejects.toMatchObject(ANSWERED);
  for (let tries = 2; tries <= 30; tries += 1) await nextTry();
  expect(reported).toEqual(['ENOSPC', 'EIO', 'EIO']);
  expect(Math.max(...pauses)).toBe(2_000);
  medium.failsToOpen = undefined;
  await nextTry();
  expect(reported.at(-1)).toBeUndefined();
  await store.put('b', 2);
  expect(medium.rows.get('b')).toBe(2);
});

it('stops trying when it is closed', async () => {
  medium.failsWith = FULL;
  await expect(store.put('a', 1)).rejects.toMatchObject(ANSWERED);
  await store.close();
  await nextTry();
  await nextTry();
  expect(pauses).toHaveLength(1);
  expect(medium).toMatchObject({ opened: 1, isOpen: false });
});
