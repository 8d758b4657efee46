import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../until';
import { bundleAll } from './bundled-function';
import { SHARED_BUNDLES } from './make-shared-bundles';

/** The bundles of all functions: made once in a run, by the first test that needs them, and changed by none. */
export async function sharedBundles(): Promise<string> {
  const bundles = join(process.env[SHARED_BUNDLES] ?? '', 'bundles');
  const complete = join(bundles, 'complete');
  try {
    mkdirSync(bundles);
  } catch {
    await until('another test has made the bundles', () => existsSync(complete));
    return bundles;
  }
  await bundleAll(bundles);
  writeFileSync(complete, '');
  return bundles;
}
