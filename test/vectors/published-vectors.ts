import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';

const folder = process.env['KEYWARD_VECTORS'] ?? resolve(__dirname, '../../../shared/vectors');

/** Why they cannot be tried: they are no part of this repository, but may be beside it, or where KEYWARD_VECTORS says. */
export const absent = existsSync(folder)
  ? undefined
  : 'the published vectors are not here (KEYWARD_VECTORS names their folder)';

export const readVectors = (name: string): string => {
  const bytes = readFileSync(join(folder, name));
  return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
};

interface Wycheproof<T> {
  readonly testGroups: readonly { readonly tagSize?: number; readonly tests: readonly T[] }[];
}

export const readWycheproof = <T>(name: string): Wycheproof<T>['testGroups'] =>
  (JSON.parse(readVectors(name)) as Wycheproof<T>).testGroups;

export const fromHex = (text: string): Buffer => Buffer.from(text, 'hex');

/** Counts go to the terminal: a run over no vector at all would pass as well. */
export const report = (line: string): void => {
  process.stdout.write(`  ${line}\n`);
};
