import { randomBytes } from 'node:crypto';

/** A name that no other test uses. */
export const randomName = (prefix: string): string => `${prefix}-${randomBytes(6).toString('hex')}`;

export const newWriteId = (): string => randomBytes(16).toString('hex');
