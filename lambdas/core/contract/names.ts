/** What a provider is called. An isolation boundary: a token or record of one never opens for another. */
export const PROVIDER_PATTERN = /^[a-z0-9][a-z0-9-]{0,49}$/;

/** What a stored credential is called. */
export const CREDENTIAL_NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** What stands for a name that is not written down: the first 8 digits of its SHA-256. `:` is in no name. */
export const HASHED_NAME_PATTERN = /^sha256:[0-9a-f]{8}$/;

/** A role. No event has one: whoever calls with a role does so in a session of it. */
export const ROLE_ARN_PATTERN = /^arn:([a-z0-9-]+):iam::([0-9]{12}):role\/(?:[\x21-\x7e]*\/)?([\w+=,.@-]{1,64})$/;

/** What stands for all sessions of a role at the end of an ARN. `*` is in no name of IAM. */
export const ANY_SESSION = '/*';

/** 32 hexadecimal characters in lower case: 12 of the time of the start, 20 random ones. */
export const ROTATION_ID_PATTERN = /^[0-9a-f]{32}$/;

export const KEK_ID_PATTERN = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** The highest DEK version; leaves a restore room to skip numbers. */
export const MAX_KEY_VERSION = 2_147_483_647;
