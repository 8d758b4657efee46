import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleAtOnce } from './fresh-functions';

/** A timeout for a busy machine. */
const LONG_MS = 600_000;

/** Bundles every function for the tests of a file, and deletes the bundles after them. */
export function useBundles(): () => string {
  let directory: string;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'keyward-bundles-'));
    await bundleAtOnce(directory);
  }, LONG_MS);
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  return () => directory;
}
