import * as z from 'zod/mini';
import { MAX_AUDIT_PAGE } from '../../contract/limits';
import {
  CREDENTIAL_NAME_PATTERN,
  HASHED_NAME_PATTERN,
  MAX_KEY_VERSION,
  PROVIDER_PATTERN,
  ROLE_ARN_PATTERN,
} from '../../contract/names';
import { parseKeyVersion } from '../../crypto/key-version';
import { queryFrom, queryTo } from '../../http/query-time';
import { flag, pageCursor, pageSize } from '../../http/query-values';
import { AUDIT_EVENT_TYPES } from '../../contract/audit-event-types';

/** Maximum length of an ARN. */
const MAX_ARN_CHARACTERS = 2048;

/** Longer than any request id and any operation. */
const MAX_TEXT_CHARACTERS = 256;

const keyVersion = z.pipe(
  z.string().check(
    z.refine((text) => parseKeyVersion(text) !== undefined, 'must be the number of a key version'),
    z.meta({
      type: 'integer',
      minimum: 1,
      maximum: MAX_KEY_VERSION,
      description: 'Events of this DEK version.',
    }),
  ),
  z.transform(Number),
);

export const auditQuery = z.strictObject({
  from: z.optional(queryFrom),
  to: z.optional(queryTo),
  provider: z.optional(
    z.string().check(
      z.refine((text) => PROVIDER_PATTERN.test(text), 'is not a valid provider name'),
      z.meta({
        pattern: PROVIDER_PATTERN.source,
        description: 'Events of this provider, which need not be configured any more.',
      }),
    ),
  ),
  user_id: z.optional(
    z.string().check(
      z.minLength(1),
      z.maxLength(MAX_ARN_CHARACTERS),
      z.refine((text) => text.includes(':'), 'must be a complete ARN, as in events'),
      z.refine(
        (text) => !ROLE_ARN_PATTERN.test(text),
        'must be the ARN of a session, as in events; arn:aws:sts::<account>:assumed-role/<role>/* stands for all sessions of a role',
      ),
      z.meta({
        description:
          'The complete ARN, or `keyward:` and a part of Keyward, as in events. `/*` in place of the session name stands for all sessions of a role.',
      }),
    ),
  ),
  event_type: z.optional(z.enum(AUDIT_EVENT_TYPES).check(z.meta({ description: 'Events of this type.' }))),
  success: z.optional(flag).check(z.meta({ description: 'Events with this result. Intents have neither.' })),
  key_version: z.optional(keyVersion),
  credential: z.optional(
    z.string().check(
      z.refine(
        (text) => CREDENTIAL_NAME_PATTERN.test(text) || HASHED_NAME_PATTERN.test(text),
        'must be a valid credential name, or sha256: and 8 hexadecimal digits',
      ),
      z.meta({
        pattern: `${CREDENTIAL_NAME_PATTERN.source}|${HASHED_NAME_PATTERN.source}`,
        description:
          'Events that name this credential, and rekeys of a range of names that contains it. `sha256:` and 8 digits is the fingerprint of a name that was not recorded.',
      }),
    ),
  ),
  request_id: z.optional(
    z
      .string()
      .check(
        z.minLength(1),
        z.maxLength(MAX_TEXT_CHARACTERS),
        z.meta({ description: 'Events of this request, by the header `X-Request-Id` of its reply.' }),
      ),
  ),
  operation: z.optional(
    z.string().check(
      z.minLength(1),
      z.maxLength(MAX_TEXT_CHARACTERS),
      z.meta({
        description: '`metadata.operation` in full, such as `decrypt`, `put_credential` or `reveal_credential`.',
      }),
    ),
  ),
  limit: pageSize(MAX_AUDIT_PAGE),
  cursor: pageCursor,
});

export type AuditParameters = z.output<typeof auditQuery>;
