import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory of mode 0700 for the tests of one file, removed after them. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'keyward-test-'));
  afterAll(() => {
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}
