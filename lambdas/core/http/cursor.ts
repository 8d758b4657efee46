import * as z from 'zod/mini';
import { isCredentialName } from '../domain/credential';
import { invalidRequest } from '../domain/errors';
import { isTimestamp } from '../domain/record-checks';

/** After which name a list of credentials goes on. */
const credentialCursor = z.strictObject({ after: z.string().check(z.refine(isCredentialName)) });

const timestamp = z.string().check(z.refine(isTimestamp));

/**
 * Where a page of the audit log goes on. The period is part of it, so that defaults which depend on the time of the
 * first page stay as they were; `filters` says which query it belongs to.
 */
const auditCursor = z.strictObject({
  from: timestamp,
  to: timestamp,
  filters: z.string(),
  timestamp,
  id: z.string().check(z.regex(/^[0-9a-f]{32}$/)),
});

export type AuditCursor = z.output<typeof auditCursor>;

export const encodeCredentialCursor = (after: string): string => encode({ after });
export const encodeAuditCursor = (cursor: AuditCursor): string => encode(cursor);

/** @throws KeywardError `invalid_request` */
export const decodeCredentialCursor = (text: string): string => decode(text, credentialCursor).after;

/** @throws KeywardError `invalid_request` */
export const decodeAuditCursor = (text: string): AuditCursor => decode(text, auditCursor);

export const foreignCursor = () => invalidRequest('cursor: does not belong to this query');

const encode = (value: object): string => Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');

/** Nothing in a cursor is secret or trusted: whoever makes one up gets a page that the query without it would reach. */
function decode<S extends z.ZodMiniType>(text: string, schema: S): z.output<S> {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) throw foreignCursor();
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw foreignCursor();
  }
  const result = z.safeParse(schema, value);
  if (!result.success) throw foreignCursor();
  return result.data;
}
