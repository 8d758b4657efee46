import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32c } from '../../../local/database/crc32c';
import { newDiskDatabase } from '../../../local/database/level-modules';
import { inspectLog } from '../../../local/database/log-damage';
import { temporaryDirectory } from './temporary-directory';

const home = temporaryDirectory();
let log: Buffer;

beforeAll(async () => {
  const directory = join(home, 'database');
  const level = newDiskDatabase(directory);
  await level.open();
  // Records that end in one block, and records that go over several.
  for (let row = 0; row < 150; row += 1) {
    const value = String.fromCharCode(97 + (row % 26)).repeat(row % 50 === 49 ? 90_000 : 700);
    await level.batch([{ type: 'put', key: `key-${row}`, value }], { sync: false });
  }
  await level.close();
  const name = readdirSync(directory).find((each) => each.endsWith('.log'))!;
  log = readFileSync(join(directory, name));
});

const flipped = (offset: number, bit: number): Buffer => {
  const copy = Buffer.from(log);
  copy[offset]! ^= 1 << bit;
  return copy;
};

it('computes the check of RFC 3720, B.4', () => {
  expect(crc32c(Buffer.alloc(32)).toString(16)).toBe('8a9136aa');
  expect(crc32c(Buffer.alloc(32, 0xff)).toString(16)).toBe('62a8ab43');
  expect(crc32c(Buffer.from(Array.from({ length: 32 }, (_, i) => i))).toString(16)).toBe('46dd794e');
  expect(crc32c(Buffer.from('123456789')).toString(16)).toBe('e3069283');
});

it('reads what LevelDB wrote', () => {
  expect(log.length).toBeGreaterThan(300_000);
  expect(inspectLog(log)).toBe('whole');
  expect(inspectLog(Buffer.alloc(0))).toBe('whole');
});

it('finds every flipped bit with something behind it, also one in a length', () => {
  const lastRecord = log.length - 800;
  for (let tries = 0; tries < 200; tries += 1) {
    const offset = tries < 28 ? tries >> 2 : Math.floor(Math.random() * (lastRecord - 90_000));
    const bit = tries % 8;
    expect({ offset, bit, found: inspectLog(flipped(offset, bit)) }).toEqual({ offset, bit, found: 'damaged' });
  }
});

it('tells it from a write that was cut off', () => {
  for (const bytes of [1, 3, 6, 7, 8, 300, 600])
    expect(inspectLog(log.subarray(0, log.length - bytes))).toBe('cut-off');
  // A file that already has its length, but not its contents.
  expect(inspectLog(Buffer.concat([log, Buffer.alloc(5_000)]))).toBe('cut-off');
});
