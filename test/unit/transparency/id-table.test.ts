import { hash } from 'node:crypto';
import { createIdTable } from '../../../lambdas/core/transparency/id-table';

const idOf = (number: number): Buffer => Buffer.from(hash('sha256', `id ${number}`, 'hex').slice(0, 32), 'hex');

test('holds each id once, with its number, through every growth', () => {
  const table = createIdTable();
  for (let number = 0; number < 1000; number += 1) {
    expect(table.has(idOf(number))).toBe(false);
    expect(table.valueOf(idOf(number))).toBeUndefined();
    expect(table.add(idOf(number), number)).toBe(true);
    expect(table.add(idOf(number), 7)).toBe(false);
  }
  for (let number = 0; number < 1000; number += 1) expect(table.valueOf(idOf(number))).toBe(number);
});

test('ids that end alike, or differ in one digit, are not confused', () => {
  const table = createIdTable();
  const all = Array.from({ length: 200 }, (_, at) =>
    Buffer.from(`${at.toString(16).padStart(24, '0')}ffffffff`, 'hex'),
  );
  for (const [at, id] of all.entries()) expect(table.add(id, at)).toBe(true);
  expect(all.map((id) => table.valueOf(id))).toEqual(all.map((_, at) => at));
  expect(table.has(Buffer.alloc(16, 0xff))).toBe(false);
});

test('its records are in the order of the ids, with numbers of 48 bits', () => {
  const table = createIdTable();
  for (let number = 0; number < 100; number += 1) table.add(idOf(number), 2 ** 48 - 1 - number);
  const bytes = table.sorted();
  const records = Array.from({ length: 100 }, (_, at) => bytes.subarray(at * 22, at * 22 + 22));
  const wanted = Array.from({ length: 100 }, (_, number) => number).toSorted((a, b) => idOf(a).compare(idOf(b)));
  expect(records.map((record) => record.toString('hex', 0, 16))).toEqual(
    wanted.map((each) => idOf(each).toString('hex')),
  );
  expect(records.map((record) => 2 ** 48 - 1 - record.readUIntBE(16, 6))).toEqual(wanted);
  expect(bytes).toHaveLength(2200);
  expect(createIdTable().sorted()).toHaveLength(0);
});
