/** 32 hexadecimal characters in lower case: 12 of the time of the start, 20 random ones. */
export const ROTATION_ID_PATTERN = /^[0-9a-f]{32}$/;
