import { join } from 'node:path';

/** Root of the checkout, for this file and for the bundles in dist/, which include it. */
export const ROOT = join(__dirname, '..');
