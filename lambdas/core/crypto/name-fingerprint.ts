import { createHash } from 'node:crypto';

const SHOWN_DIGITS = 8;

/** The fingerprint of a name that looks like an API key and must not be recorded: the beginning of its SHA-256 (FIPS 180-4). */
export const nameFingerprint = (name: string): string =>
  `sha256:${createHash('sha256').update(name, 'utf8').digest('hex').slice(0, SHOWN_DIGITS)}`;
