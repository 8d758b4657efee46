import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Times {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly ino: number;
}
type Input = readonly [
  path: string,
  hash: string | null,
  size?: number,
  mtimeMs?: number,
  ctimeMs?: number,
  ino?: number,
];
const { inputOf, isUnchanged, readInput } = jest.requireActual<{
  inputOf: (path: string, stat: Times, hash: string) => Input;
  isUnchanged: (input: Input, stat: Times) => boolean;
  readInput: (path: string, absolutePath: string) => { input: Input; bytes: Buffer | undefined };
}>('../../../compile/input.cjs');

const ago = (ms: number): number => Date.now() - ms;
const settled: Times = { size: 7, mtimeMs: ago(60_000), ctimeMs: ago(50_000), ino: 3 };

test('a file that has not changed for a while is known by its size, times and number', () => {
  const input = inputOf('a.ts', settled, 'hash');
  expect(input).toEqual(['a.ts', 'hash', 7, settled.mtimeMs, settled.ctimeMs, 3]);
  expect(isUnchanged(input, settled)).toBe(true);
});

test.each<[string, Partial<Times>]>([
  ['its size', { size: 8 }],
  ['when it was written', { mtimeMs: settled.mtimeMs + 1 }],
  ['only what cannot be set: when it was changed', { ctimeMs: settled.ctimeMs + 1 }],
  ['which file it is', { ino: 4 }],
])('another one is told by %s', (_, change) => {
  expect(isUnchanged(inputOf('a.ts', settled, 'hash'), { ...settled, ...change })).toBe(false);
});

test.each<[string, Partial<Times>]>([
  ['written just now', { mtimeMs: ago(500) }],
  ['put in place just now', { ctimeMs: ago(500) }],
  ['from the future', { mtimeMs: ago(-3_600_000) }],
])('times say nothing of a file that was %s: another change may leave the same ones', (_, change) => {
  const recent = { ...settled, ...change };
  expect(isUnchanged(inputOf('a.ts', recent, 'hash'), recent)).toBe(false);
});

test('a file is read after its times, and may be missing', () => {
  const directory = mkdtempSync(join(tmpdir(), 'keyward-input-'));
  const path = join(directory, 'a.ts');
  expect(readInput('a.ts', path)).toEqual({ input: ['a.ts', null], bytes: undefined });
  expect(isUnchanged(['a.ts', null], settled)).toBe(false);
  writeFileSync(path, 'content');
  const { input, bytes } = readInput('a.ts', path);
  // SHA-256 of the bytes, by another program: printf content | openssl dgst -sha256 -binary | base64
  expect([input[1], bytes?.toString()]).toEqual(['7XACtDnprIRfIjV9giusFERzD722AW0+yUMil7nsn3M=', 'content']);
  expect(isUnchanged(input, statSync(path))).toBe(false);
  rmSync(directory, { recursive: true });
});
