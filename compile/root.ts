import { join } from 'node:path';

/** The folder of the checkout: seen from here, and from the bundles in dist/, whose part this becomes. */
export const ROOT = join(__dirname, '..');
