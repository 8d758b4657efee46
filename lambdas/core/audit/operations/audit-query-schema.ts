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

/** AWS's longest ARN. */
const MAX_ARN_CHARACTERS = 2048;

/** More than any request id and any operation has. */
const MAX_TEXT_CHARACTERS = 256;

const keyVersion = z.pipe(
  z.string().check(
    z.refine((text) => parseKeyVersion(text) !== undefined, 'must be the number of a key version'),
    z.meta({
      type: 'integer',
      minimum: 1,
      maximum: MAX_KEY_VERSION,
      description: 'Events of this version of the data key of a provider.',
    }),
  ),
  z.transform(Number),
);

/** Which events are asked for. */
export const auditQuery = z.strictObject({
  from: z.optional(queryFrom),
  to: z.optional(queryTo),
  provider: z.optional(
    z.string().check(
      z.refine((text) => PROVIDER_PATTERN.test(text), 'must be the name of a provider'),
      z.meta({
        pattern: PROVIDER_PATTERN.source,
        description: 'Events of this provider, also of one that is no longer configured.',
      }),
    ),
  ),
  user_id: z.optional(
    z.string().check(
      z.minLength(1),
      z.maxLength(MAX_ARN_CHARACTERS),
      z.refine((text) => text.includes(':'), 'must be the whole ARN, as events show it'),
      z.refine(
        (text) => !ROLE_ARN_PATTERN.test(text),
        'must be the ARN of a session, as events show it; arn:aws:sts::<account>:assumed-role/<role>/* stands for all of a role',
      ),
      z.meta({
        description:
          'The whole ARN, or `keyward:` and a part of Keyward, as events show it. `/*` in place of the name of a session stands for all sessions of a role.',
      }),
    ),
  ),
  event_type: z.optional(z.enum(AUDIT_EVENT_TYPES).check(z.meta({ description: 'Events of this type.' }))),
  success: z
    .optional(flag)
    .check(z.meta({ description: 'Events that say so. Those of a change that is only announced say neither.' })),
  key_version: z.optional(keyVersion),
  credential: z.optional(
    z.string().check(
      z.refine(
        (text) => CREDENTIAL_NAME_PATTERN.test(text) || HASHED_NAME_PATTERN.test(text),
        'must be the name of a credential, or sha256: and 8 hexadecimal digits',
      ),
      z.meta({
        pattern: `${CREDENTIAL_NAME_PATTERN.source}|${HASHED_NAME_PATTERN.source}`,
        description:
          'Events that name this credential, and moves of a rotation in whose range it lies. `sha256:` and 8 digits stands for a name that is not written down.',
      }),
    ),
  ),
  request_id: z.optional(
    z
      .string()
      .check(
        z.minLength(1),
        z.maxLength(MAX_TEXT_CHARACTERS),
        z.meta({ description: 'Events of this request: what the header `X-Request-Id` of its reply said.' }),
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
