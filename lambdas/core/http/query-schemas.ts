import * as z from 'zod/mini';
import { MAX_AUDIT_PAGE, MAX_CREDENTIALS_PAGE, MAX_CURSOR_CHARACTERS, MAX_ROTATIONS_PAGE } from '../contract/limits';
import { MAX_KEY_VERSION, PROVIDER_PATTERN } from '../contract/names';
import { AUDIT_EVENT_TYPES } from '../audit/audit-event';
import { parseKeyVersion } from '../crypto/key-version';

const DEFAULT_PAGE = 50;
/** AWS's longest ARN. */
const MAX_ARN_CHARACTERS = 2048;

/** Seconds or milliseconds, always in UTC; from 1970, so that no arithmetic leaves the years of four digits. */
const UTC_TIME = /^(19[7-9][0-9]|[2-9][0-9]{3})-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{3})?Z$/;

/** Whether the text is a time that exists: `Date` takes February 30 for March 2. */
const isUtcTime = (text: string): boolean =>
  UTC_TIME.test(text) &&
  !Number.isNaN(Date.parse(text)) &&
  new Date(text).toISOString().startsWith(text.slice(0, 'YYYY-MM-DDTHH:MM:SS'.length));

/** Query values are text; `meta` says what they stand for, which is what the document shows. */
const time = z.pipe(
  z
    .string()
    .check(
      z.refine(isUtcTime, 'must be a time in UTC such as 2026-11-21T00:00:00Z'),
      z.meta({ format: 'date-time', description: 'ISO 8601 in UTC, in seconds or milliseconds, inclusive.' }),
    ),
  z.transform((text: string) => new Date(text).toISOString()),
);

const pageSize = (most: number) =>
  z._default(
    z.pipe(
      z.string().check(
        z.refine((text) => /^[1-9][0-9]{0,3}$/.test(text) && Number(text) <= most, `must be 1 to ${most}`),
        z.meta({ type: 'integer', minimum: 1, maximum: most, default: DEFAULT_PAGE }),
      ),
      z.transform(Number),
    ),
    DEFAULT_PAGE,
  );

const flag = z.pipe(
  z.string().check(
    z.refine((text) => text === 'true' || text === 'false', 'must be true or false'),
    z.meta({ type: 'boolean' }),
  ),
  z.transform((text: string) => text === 'true'),
);

const keyVersion = z.pipe(
  z.string().check(
    z.refine((text) => parseKeyVersion(text) !== undefined, 'must be the number of a key version'),
    z.meta({ type: 'integer', minimum: 1, maximum: MAX_KEY_VERSION }),
  ),
  z.transform(Number),
);

const consistent = z._default(flag, false);
const cursor = z.optional(
  z
    .string()
    .check(
      z.minLength(1),
      z.maxLength(MAX_CURSOR_CHARACTERS),
      z.meta({ description: 'The `next_cursor` of the page before, with the same filters.' }),
    ),
);

export const noQuery = z.strictObject({});
export const credentialQuery = z.strictObject({ consistent });
export const listCredentialsQuery = z.strictObject({ limit: pageSize(MAX_CREDENTIALS_PAGE), cursor, consistent });
export const listRotationsQuery = z.strictObject({ limit: pageSize(MAX_ROTATIONS_PAGE), cursor });
export const versionCallersQuery = z.strictObject({ from: z.optional(time) });
export const auditQuery = z.strictObject({
  from: z.optional(time),
  to: z.optional(time),
  provider: z.optional(
    z.string().check(
      z.refine((text) => PROVIDER_PATTERN.test(text), 'must be the name of a provider'),
      z.meta({ pattern: PROVIDER_PATTERN.source }),
    ),
  ),
  user_id: z.optional(z.string().check(z.minLength(1), z.maxLength(MAX_ARN_CHARACTERS))),
  event_type: z.optional(z.enum(AUDIT_EVENT_TYPES)),
  success: z.optional(flag),
  key_version: z.optional(keyVersion),
  limit: pageSize(MAX_AUDIT_PAGE),
  cursor,
});
