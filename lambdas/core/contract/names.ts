/** Name of a provider. A provider is an isolation boundary: its tokens and records never open for another provider. */
export const PROVIDER_PATTERN = /^[a-z0-9][a-z0-9-]{0,49}$/;

/** Name of a stored credential. */
export const CREDENTIAL_NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** The fingerprint of a name that must not be recorded: the first 8 digits of its SHA-256. No name contains `:`. */
export const HASHED_NAME_PATTERN = /^sha256:[0-9a-f]{8}$/;

/** ARN of a role. Events never have one: a caller with a role has a session of it. */
export const ROLE_ARN_PATTERN = /^arn:([a-z0-9-]+):iam::([0-9]{12}):role\/(?:[\x21-\x7e]*\/)?([\w+=,.@-]{1,64})$/;

/** Stands for all sessions of a role at the end of an ARN. No IAM name contains `*`. */
export const ANY_SESSION = '/*';

/** 32 hexadecimal characters in lower case; those of earlier releases do not begin with a time. */
export const AUDIT_EVENT_ID_PATTERN = /^[0-9a-f]{32}$/;

/** 32 hexadecimal characters in lower case: 12 of the time of the start, 20 random ones. */
export const DEK_ROTATION_ID_PATTERN = /^[0-9a-f]{32}$/;

export const KEK_ID_PATTERN = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** Id of a version of the KEK secret, as Secrets Manager has them (API_PutSecretValue, ClientRequestToken). */
export const KEK_VERSION_ID_PATTERN = /^[A-Za-z0-9-]{32,64}$/;

/** The highest DEK version; a restore has room to skip numbers. */
export const MAX_KEY_VERSION = 2_147_483_647;
