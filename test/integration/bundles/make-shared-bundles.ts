import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Names the directory of the run's bundles. */
export const SHARED_BUNDLES = 'KEYWARD_TEST_BUNDLES';

/** Jest calls this once before the integration tests; their processes inherit the environment. */
export default function makeSharedBundles(): void {
  const directory = mkdtempSync(join(tmpdir(), 'keyward-bundles-'));
  process.env[SHARED_BUNDLES] = directory;
  process.once('exit', () => {
    rmSync(directory, { recursive: true, force: true });
  });
}
