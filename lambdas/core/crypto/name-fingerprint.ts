import { createHash } from 'node:crypto';

const SHOWN_DIGITS = 8;

/** What stands for a name that is not written down, because it is a key by its look: the beginning of its SHA-256 (FIPS 180-4). */
export const nameFingerprint = (name: string): string =>
  `sha256:${createHash('sha256').update(name, 'utf8').digest('hex').slice(0, SHOWN_DIGITS)}`;
