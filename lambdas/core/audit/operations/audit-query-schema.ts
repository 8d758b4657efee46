import * as z from 'zod/mini';
import { MAX_AUDIT_PAGE } from '../../contract/limits';
import { MAX_KEY_VERSION, PROVIDER_PATTERN } from '../../contract/names';
import { parseKeyVersion } from '../../crypto/key-version';
import { flag, pageCursor, pageSize, queryTime } from '../../http/query-values';
import { AUDIT_EVENT_TYPES } from '../audit-event';

/** AWS's longest ARN. */
const MAX_ARN_CHARACTERS = 2048;

const keyVersion = z.pipe(
  z.string().check(
    z.refine((text) => parseKeyVersion(text) !== undefined, 'must be the number of a key version'),
    z.meta({ type: 'integer', minimum: 1, maximum: MAX_KEY_VERSION }),
  ),
  z.transform(Number),
);

/** Which events are asked for. */
export const auditQuery = z.strictObject({
  from: z.optional(queryTime),
  to: z.optional(queryTime),
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
  cursor: pageCursor,
});

export type AuditParameters = z.output<typeof auditQuery>;
