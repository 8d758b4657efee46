/** Staging labels of Secrets Manager: the value in use, and the value of a rotation that has not ended. */
export const CURRENT = 'AWSCURRENT';
export const PENDING = 'AWSPENDING';
