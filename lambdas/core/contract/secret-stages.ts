/** Staging labels of Secrets Manager: the value in use, the value of a rotation that has not ended, and the value used before. */
export const CURRENT = 'AWSCURRENT';
export const PENDING = 'AWSPENDING';
export const PREVIOUS = 'AWSPREVIOUS';

/** The first value of the KEK secret: no KEK, which the rotation makes. It never changes. */
export const KEK_PLACEHOLDER = '{"schema":1}';
